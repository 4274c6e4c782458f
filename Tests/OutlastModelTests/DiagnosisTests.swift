// What history makes of a diagnosis: a table of what the words said, what is known of the token, and what follows.

import OutlastModel
import Testing

@Suite("A diagnosis sharpened by history")
struct DiagnosisTests {
    private static let noon = Instant(seconds: 1_795_176_000)
    private static func minutes(_ count: Int64) -> Instant { noon.advanced(by: .seconds(count * 60)) }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var said: FailureClass = .authRejected
        var sure: Confidence = .high
        let facts: TokenFacts
        let becomes: FailureClass
        var confidence: Confidence = .high
        var atFault: Bool? = true
    }

    static let rows: [Row] = [
        Row(
            testDescription: "ended three minutes before", facts: TokenFacts(endsAt: minutes(-3)),
            becomes: .authExpired),
        Row(testDescription: "ended at that moment", facts: TokenFacts(endsAt: noon), becomes: .authExpired),
        Row(testDescription: "ends later", facts: TokenFacts(endsAt: minutes(1)), becomes: .authRejected),
        Row(testDescription: "nothing known", facts: TokenFacts(), becomes: .authRejected),
        Row(testDescription: "rotated before", facts: TokenFacts(rotatedAt: minutes(-9)), becomes: .authRevoked),
        Row(testDescription: "rotated later", facts: TokenFacts(rotatedAt: minutes(9)), becomes: .authRejected),
        Row(
            testDescription: "rotated, and ended after that",
            facts: TokenFacts(endsAt: minutes(-3), rotatedAt: minutes(-9)), becomes: .authRevoked),
        Row(
            testDescription: "ended, and rotated after that",
            facts: TokenFacts(endsAt: minutes(-9), rotatedAt: minutes(-3)), becomes: .authExpired),
        Row(
            testDescription: "said to be revoked", facts: TokenFacts(standing: .revoked, standingAt: minutes(-60)),
            becomes: .authRevoked),
        Row(
            testDescription: "said to be expired", facts: TokenFacts(standing: .expired, standingAt: minutes(1)),
            becomes: .authExpired),
        Row(
            testDescription: "rejected by the interface too",
            facts: TokenFacts(standing: .rejected, standingAt: minutes(1)), becomes: .authRejected),
        Row(
            testDescription: "alive afterwards", facts: TokenFacts(standing: .alive, standingAt: minutes(1)),
            becomes: .authRejected, confidence: .medium, atFault: nil),
        Row(
            testDescription: "alive long before", facts: TokenFacts(standing: .alive, standingAt: minutes(-60)),
            becomes: .authRejected),
        Row(
            testDescription: "a guess, and an end", sure: .low, facts: TokenFacts(endsAt: minutes(-3)),
            becomes: .authExpired, confidence: .medium),
        Row(
            testDescription: "not found with a token that has ended", said: .notFound,
            facts: TokenFacts(endsAt: minutes(-3)), becomes: .authExpired, confidence: .medium),
        Row(
            testDescription: "not found with a revoked token", said: .notFound,
            facts: TokenFacts(standing: .revoked, standingAt: minutes(-60)), becomes: .authRevoked, confidence: .medium),
        Row(
            testDescription: "not found with a rejected token", said: .notFound,
            facts: TokenFacts(standing: .rejected, standingAt: minutes(1)), becomes: .authRejected, confidence: .medium),
        Row(
            testDescription: "not found with a living token", said: .notFound,
            facts: TokenFacts(standing: .alive, standingAt: minutes(1)), becomes: .notFound, atFault: nil),
        Row(
            testDescription: "nothing was sent, and the token has ended", said: .authMissing,
            facts: TokenFacts(endsAt: minutes(-3)), becomes: .authExpired, confidence: .medium),
    ]

    @Test("rejections get their cause", arguments: rows)
    func sharpened(_ row: Row) {
        let plain = Diagnosis(class: row.said, confidence: row.sure, line: "a line", advice: "")
        let sharp = plain.sharpened(by: row.facts, failedAt: Self.noon)
        #expect(sharp.class == row.becomes && sharp.confidence == row.confidence)
        #expect(sharp.credentialAtFault == row.atFault && sharp.line == "a line")
    }

    @Test(
        "a failure that has nothing to do with a token stays what it is, whatever is known of one",
        arguments: FailureClass.allCases.filter { ![.authRejected, .authMissing, .notFound].contains($0) })
    func others(_ class: FailureClass) {
        let plain = Diagnosis(class: `class`, confidence: .high, line: nil, advice: "as it was")
        for facts in [
            TokenFacts(endsAt: Self.minutes(-3)), TokenFacts(rotatedAt: Self.minutes(-3)),
            TokenFacts(standing: .revoked, standingAt: Self.noon), TokenFacts(standing: .alive, standingAt: Self.noon),
        ] { #expect(plain.sharpened(by: facts, failedAt: Self.noon) == plain) }
    }

    @Test("a guess blames no credential")
    func guess() {
        for name in FailureClass.allCases {
            let diagnosis = Diagnosis(class: name, confidence: .low, line: nil, advice: "")
            #expect(diagnosis.credentialAtFault != true)
        }
    }
}
