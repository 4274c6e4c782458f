// Addresses from a server, resolved before they are compared with the configured origin.

import OutlastModel
import Testing

@testable import OutlastForges

@Suite("Addresses that a server names")
struct RedirectTests {
    private let base = "https://forge.example.com/api/v4/user?x=1"

    @Test(
        "are resolved as browsers do",
        arguments: [
            ("https://other.example.com/a", "https://other.example.com/a"),
            ("//other.example.com/a", "https://other.example.com/a"), ("/a/b?c=d", "https://forge.example.com/a/b?c=d"),
            ("a", "https://forge.example.com/api/v4/a"), ("?page=2", "https://forge.example.com/api/v4/user?page=2"),
            ("/a#fragment", "https://forge.example.com/a"),
            ("HTTPS://FORGE.example.com:443/a", "https://forge.example.com/a"),
            ("a:b", nil), ("javascript:alert(1)", nil), ("ftp://forge.example.com/", nil), ("", nil), ("#x", nil),
            ("https://user@forge.example.com/", nil), ("https:///a", nil), ("/a\\b", nil), ("/a b", nil),
        ] as [(String, String?)])
    func resolves(_ reference: String, _ expected: String?) throws {
        let base = try #require(ServerURL(base))
        #expect(Redirect.target(reference, from: base)?.text == expected)
    }

    @Test(
        "the next page is found in a Link header",
        arguments: [
            (#"<https://h/a?page=2>; rel="next", <https://h/a?page=9>; rel="last""#, "https://h/a?page=2"),
            (#"<https://h/a?page=1>; rel="prev", <https://h/a?page=3>; rel="next""#, "https://h/a?page=3"),
            (#"<https://h/a?page=3>;title="x"; rel=next"#, "https://h/a?page=3"),
            (#"<https://h/a?page=1>; rel="prev""#, nil), ("", nil), ("<", nil), ("nonsense", nil),
            (#"rel="next""#, nil),
        ] as [(String, String?)])
    func next(_ link: String, _ expected: String?) { #expect(Redirect.next(in: link) == expected) }
}
