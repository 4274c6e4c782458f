// The three forms of RFC 7231, and nothing that only resembles them.

import OutlastModel
import Testing

@Suite("Dates of HTTP")
struct HTTPDateTests {
    private let now = Instant(seconds: 1_795_212_600)  // 2026-11-20T22:10:00Z

    @Test(
        "reads all three forms",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z"),
            ("Fri, 20 Nov 2026 22:10:00 GMT", "2026-11-20T22:10:00Z"),
            ("Tue, 29 Feb 2028 23:59:59 GMT", "2028-02-29T23:59:59Z"),
            ("Thursday, 01-Jan-76 00:00:00 GMT", "2076-01-01T00:00:00Z"),
            ("Saturday, 01-Jan-77 00:00:00 GMT", "1977-01-01T00:00:00Z"),
            ("Wed, 09 Jun 2027 10:18:14 UTC", "2027-06-09T10:18:14Z"),
        ])
    func reads(_ text: String, _ expected: String) { #expect(HTTPDate.instant(text, now: now)?.text == expected) }

    @Test(
        "reads nothing else",
        arguments: [
            "", "now", "1795212600", "2026-11-20T22:10:00Z", "Sun, 31 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Now 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 94", "Sun, 06 Nov 1994 08:49:-1 GMT",
        ])
    func refuses(_ text: String) { #expect(HTTPDate.instant(text, now: now) == nil) }
}
