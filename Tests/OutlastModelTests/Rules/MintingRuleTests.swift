// Whether a credential that has no token until one is made outlasts a job: a row for every rule.

import OutlastModel
import Testing

@Suite("Judging a credential by what its next token would be")
struct MintingRuleTests {
    private static let now = Instant(seconds: 1_763_676_600)

    struct Row: Sendable, CustomTestStringConvertible {
        let rule: String
        var life: Duration? = .seconds(3600)
        /// What the job needs.
        var needed: Int64 = 3600
        var failure: ExitCode?
        var scopes: [String] = []
        var requireKnown = false
        let decision: Decision
        let code: ExitCode
        var testDescription: String { rule }
    }

    private static let rows: [Row] = [
        Row(rule: "exactly enough is enough", decision: .sufficient, code: .done),
        Row(rule: "a second less is not", needed: 3601, decision: .insufficient, code: .willExpire),
        Row(rule: "a life that nobody tells is none", life: nil, decision: .unknown, code: .done),
        Row(
            rule: "and a failure where it has to be known", life: nil, requireKnown: true, decision: .unknown,
            code: .lifetimeUnknown),
        Row(rule: "what cannot be made is rejected", failure: .renewalFailed, decision: .rejected, code: .rejected),
        Row(
            rule: "a right that is missing is named so", failure: .insufficientScope, decision: .insufficientScope,
            code: .insufficientScope),
        Row(
            rule: "a forge that does not answer says nothing against a life that is known", failure: .unreachable,
            decision: .sufficient, code: .done),
        Row(
            rule: "and decides where the life is not", life: nil, failure: .slowDown, decision: .unknown,
            code: .slowDown),
        Row(rule: "scopes are not told before", scopes: ["api"], decision: .unknown, code: .done),
    ]

    @Test("the decision and its code", arguments: rows)
    func decision(_ row: Row) {
        let facts = MintingFacts(
            name: "app", kind: .opaque, forge: "test", renew: RenewConfiguration(method: "mint"), life: row.life,
            wasAsked: true, failure: row.failure.map { Failure($0, "no") }, neededScopes: row.scopes)
        let needed = NeededTime(
            NeededFacts(minRemaining: .seconds(row.needed), defaultDuration: .zero, margin: .zero, quantile: 0.95))
        let verdict = CredentialVerdict.judge(facts, needed: needed, now: Self.now, requireKnown: row.requireKnown)
        #expect(verdict.decision == row.decision && verdict.code == row.code, "\(verdict.reason)")
        #expect(verdict.fingerprint == nil && verdict.remaining == row.life && verdict.renewsInJob)
        #expect((verdict.shortfall != nil) == (row.decision == .insufficient))
        let isPassing = row.failure == .unreachable
        #expect(verdict.warnings.contains { $0.contains("could not be asked") } == isPassing)
    }
}
