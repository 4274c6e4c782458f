// Both sides of every end, at the second.

import OutlastModel
import Testing

@Suite("Lifetime rules, at the second")
struct LifetimeRulesTests {
    static func moment(_ text: String) throws -> Instant { try #require(Instant(text: text)) }

    @Test(
        "a token works before its end and not from it on",
        arguments: [
            // A date: dead at its 00:00:00 UTC.
            ("2026-11-21", "2026-11-20T23:30:00Z", false), ("2026-11-21", "2026-11-20T23:59:59Z", false),
            ("2026-11-21", "2026-11-21T00:00:00Z", true), ("2026-11-21", "2026-11-21T23:59:59Z", true),
            // Both forms of GitHub's header.
            ("2027-10-12 09:00:00 UTC", "2027-10-12T08:59:59Z", false),
            ("2027-10-12 09:00:00 UTC", "2027-10-12T09:00:00Z", true),
            ("2027-03-31 00:00:00 +0900", "2027-03-30T14:59:59Z", false),
            ("2027-03-31 00:00:00 +0900", "2027-03-30T15:00:00Z", true),
            ("2027-03-31 00:00:00 -0530", "2027-03-31T05:29:59Z", false),
            ("2027-03-31 00:00:00 -0530", "2027-03-31T05:30:00Z", true),
            ("2027-10-12T09:00:00+01:00", "2027-10-12T07:59:59Z", false),
            ("2027-10-12T09:00:00+01:00", "2027-10-12T08:00:00Z", true),
        ])
    func boundary(_ end: String, _ now: String, _ isOver: Bool) throws {
        let expiry = Expiry.at(try Self.moment(end))
        #expect(LifetimeRules.isOver(expiry, at: try Self.moment(now)) == isOver)
    }

    @Test("half an hour is left of tomorrow's date at 23:30")
    func halfAnHour() throws {
        let end = try Self.moment("2026-11-21")
        #expect(try Self.moment("2026-11-20T23:30:00Z").duration(to: end) == .seconds(1800))
    }

    @Test("no end is never over, an unknown one is neither")
    func withoutEnd() {
        #expect(LifetimeRules.isOver(.never, at: Instant(seconds: 4_000_000_000)) == false)
        #expect(LifetimeRules.isOver(.unknown, at: Instant(seconds: 0)) == nil)
    }

    static func kind(atMost: Duration?) -> TokenKind {
        TokenKind(
            id: "job", forge: "f", expiry: .job(atMost: atMost),
            renewal: TokenKind.Renewal(method: nil, reason: "dies with its job"), source: "test")
    }

    @Test(
        "a token that dies with its job ends at the first of what binds it",
        arguments: [
            (86_400, nil, nil, 86_400), (86_400, 21_600, nil, 21_600), (86_400, nil, 432_000, 86_400),
            (86_400, 21_600, 3600, 3600), (nil, nil, 3600, 3600), (nil, nil, nil, nil),
        ] as [(Int?, Int?, Int?, Int?)])
    func jobBound(_ kind: Int?, _ runner: Int?, _ timeout: Int?, _ expected: Int?) throws {
        let start = try Self.moment("2026-11-20T22:10:00Z")
        let job = JobContext(
            ci: "x", timeout: timeout.map { .seconds($0) }, tokenLifeLimit: runner.map { .seconds($0) })
        let end = LifetimeRules.latestEnd(of: Self.kind(atMost: kind.map { .seconds($0) }), jobStart: start, job: job)
        #expect(end == expected.map { start.advanced(by: .seconds($0)) })
        if let end {
            #expect(LifetimeRules.isOver(.at(end), at: end.advanced(by: .seconds(-1))) == false)
            #expect(LifetimeRules.isOver(.at(end), at: end) == true)
        }
    }

    @Test("other kinds have no bound by their job")
    func otherKinds() {
        let job = JobContext(ci: "x", timeout: .seconds(60))
        #expect(LifetimeRules.latestEnd(of: .opaque, jobStart: Instant(seconds: 0), job: job) == nil)
    }
}
