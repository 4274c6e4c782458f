// For which requests of git a credential answers: a table, because it is a rule.

import OutlastModel
import Testing

@Suite("Which server and path git means")
struct GitAddressTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let pattern: String
        let scheme: String
        let host: String
        let path: String?
        let fits: Bool
        var testDescription: String { "\(pattern) for \(scheme)://\(host)/\(path ?? "")" }

        init(_ pattern: String, _ scheme: String, _ host: String, _ path: String?, _ fits: Bool) {
            (self.pattern, self.scheme, self.host, self.path, self.fits) = (pattern, scheme, host, path, fits)
        }
    }

    static let rows = [
        Row("git.example.com", "https", "git.example.com", nil, true),
        Row("git.example.com", "https", "GIT.Example.COM", "a/b.git", true),
        Row("git.example.com", "https", "git.example.com:443", nil, true),
        Row("git.example.com", "https", "git.example.com:8443", nil, false),
        Row("git.example.com", "https", "git.example.com:0443", nil, false),
        Row("git.example.com", "https", "git.example.com:", nil, false),
        Row("git.example.com", "https", "git.example.com.", nil, false),
        Row("git.example.com", "https", "GIT.EXAMPLE.COM.", nil, false),
        Row("git.example.com", "https", "git.example.com.:443", nil, false),
        Row("git.example.com", "https", "agit.example.com", nil, false),
        Row("git.example.com", "https", "git.example.com.evil.example", nil, false),
        Row("git.example.com", "https", "evil.example/git.example.com", nil, false),
        Row("git.example.com", "https", "evil.example#git.example.com", nil, false),
        Row("git.example.com", "https", "git.example.com@evil.example", nil, false),
        Row("git.example.com", "https", "evil.example@git.example.com", nil, false),
        Row("git.example.com", "https", "git%2eexample.com", nil, false),
        Row("git.example.com", "https", "git.example.com\\.evil.example", nil, false),
        Row("git.example.com", "https", "gіt.example.com", nil, false),
        Row("git.example.com", "https", "git.example.com ", nil, false),
        Row("git.example.com", "http", "git.example.com", nil, false),
        Row("git.example.com", "http", "git.example.com:443", nil, false),
        Row("git.example.com", "HTTPS", "git.example.com", nil, false),
        Row("git.example.com", "ssh", "git.example.com", nil, false),
        Row("git.example.com", "", "git.example.com", nil, false),
        Row("git.example.com", "https", "", nil, false),
        Row("git.example.com:8443", "https", "git.example.com:8443", nil, true),
        Row("git.example.com:8443", "https", "git.example.com", nil, false),
        Row("127.0.0.1:8080", "http", "127.0.0.1:8080", nil, true),
        Row("127.0.0.1:8080", "https", "127.0.0.1:8080", nil, true),
        Row("127.0.0.1", "http", "127.0.0.1", nil, true), Row("127.0.0.1", "http", "127.0.0.1:443", nil, false),
        Row("localhost", "http", "localhost", nil, false), Row("127.0.0.1", "http", "localhost", nil, false),
        Row("[::1]:8080", "http", "[::1]:8080", nil, true), Row("10.0.0.1", "http", "10.0.0.1", nil, false),
        Row("git.example.com/group", "https", "git.example.com", "group/app.git", true),
        Row("git.example.com/group", "https", "git.example.com", "group", true),
        Row("git.example.com/group", "https", "git.example.com", "group/", true),
        Row("git.example.com/group", "https", "git.example.com", "group/app.git/info/lfs", true),
        Row("git.example.com/group", "https", "git.example.com", nil, false),
        Row("git.example.com/group", "https", "git.example.com", "", false),
        Row("git.example.com/group", "https", "git.example.com", "groupies/app", false),
        Row("git.example.com/group", "https", "git.example.com", "Group/app", false),
        Row("git.example.com/group", "https", "git.example.com", "other/group/app", false),
        Row("git.example.com/group", "https", "git.example.com", "group/../other/app", false),
        Row("git.example.com/group", "https", "git.example.com", "other/../group/app", false),
        Row("git.example.com/group", "https", "git.example.com", "./group/app", false),
        Row("git.example.com/group", "https", "git.example.com", "group//app", false),
        Row("git.example.com/group", "https", "git.example.com", "/group/app", false),
        Row("git.example.com/group", "https", "git.example.com", "group%2fapp", false),
        // A mark that joins the character before it hides nothing.
        Row("git.example.com/group", "https", "git.example.com", "group/..%2f\u{301}other", false),
        Row("git.example.com/group", "https", "git.example.com", "group/../\u{301}other", false),
        Row("git.example.com/group", "https", "git.example.com", "group/\u{600}/../other", false),
        Row("git.example.com/group", "https", "git.example.com", "group%2Fapp", false),
        Row("git.example.com/group", "https", "git.example.com", "group/%2e%2e/other", false),
        Row("git.example.com/group", "https", "git.example.com", "group/a%5cb", false),
        Row("git.example.com/group", "https", "git.example.com", "group\\..\\other", false),
        Row("git.example.com", "https", "git.example.com", "a/../b", false),
        Row("git.example.com", "https", "git.example.com", "a%2Fb", false),
        Row("git.example.com/group/app", "https", "git.example.com", "group/app.git", true),
        Row("git.example.com/group/app.git", "https", "git.example.com", "group/app", true),
        Row("git.example.com/group/app", "https", "git.example.com", "group/app.git.git", false),
        Row("git.example.com/group/app", "https", "git.example.com", "group.git/app", false),
        Row("git.example.com/group/app", "https", "git.example.com", "group/application.git", false),
    ]

    @Test("hosts are compared whole, ports exactly, paths by whole segments", arguments: rows)
    func matching(_ row: Row) throws {
        let pattern = try #require(HostPattern(text: row.pattern))
        let address = GitAddress(scheme: row.scheme, host: row.host, path: row.path)
        #expect(address.map { pattern.means($0) } ?? false == row.fits)
    }

    @Test("the longest path wins, then the user name that was asked for, then the first")
    func choosing() throws {
        let claims = try [("h.example", nil), ("h.example/a", nil), ("h.example/a/b", "ci"), ("h.example/a", "bot")].map
        {
            GitClaim(hosts: [try #require(HostPattern(text: $0.0))], username: $0.1)
        }
        func best(_ path: String?, _ user: String? = nil) throws -> Int? {
            let address = try #require(GitAddress(scheme: "https", host: "h.example", path: path))
            return GitClaim.best(for: address, username: user, among: claims)
        }
        #expect(try best(nil) == 0 && best("x/y") == 0)
        #expect(try best("a/c") == 1 && best("a/c", "bot") == 3 && best("a/c", "someone") == 1)
        #expect(try best("a/b") == 2 && best("a/b", "ci") == 2 && best("a/b", "someone") == 1)
        #expect(try best("a/b", "bot") == 3)
        let elsewhere = try #require(GitAddress(scheme: "https", host: "i.example", path: nil))
        #expect(GitClaim.best(for: elsewhere, username: nil, among: claims) == nil)
    }

    @Test("claims that nothing tells apart are named in their order, and others are not")
    func passedOver() throws {
        let claims = try [("h.example", nil), ("h.example", nil), ("h.example/a", nil), ("h.example", "bot")].map {
            GitClaim(hosts: [try #require(HostPattern(text: $0.0))], username: $0.1)
        }
        func fitting(_ path: String?, _ user: String? = nil) throws -> [Int] {
            let address = try #require(GitAddress(scheme: "https", host: "h.example", path: path))
            return GitClaim.fitting(address, username: user, among: claims)
        }
        #expect(try fitting("x") == [0, 1, 3] && fitting("a") == [2])
        #expect(try fitting("x", "bot") == [3] && fitting("x", "someone") == [0, 1])
        #expect(claims[0].clash(with: claims[1])?.text == "h.example")
        #expect(claims[0].clash(with: claims[2]) == nil && claims[0].clash(with: claims[3]) == nil)
    }
}
