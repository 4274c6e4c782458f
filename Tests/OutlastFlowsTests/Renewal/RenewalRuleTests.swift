import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("The decisions of a renewal")
struct RenewalRuleTests {
    static let now = Instant(seconds: 1_795_132_800)

    struct Due: Sendable {
        var expiry: Expiry
        var age: Duration?
        var isForced = false
        var isDue: Bool
    }

    @Test(
        "a renewal is due below the limit, when its end is unknown and it is old or new to us, and when forced",
        arguments: [
            Due(expiry: .at(now.advanced(by: .seconds(3601))), isDue: false),
            Due(expiry: .at(now.advanced(by: .seconds(3600))), isDue: false),
            Due(expiry: .at(now.advanced(by: .seconds(3599))), isDue: true),
            Due(expiry: .at(now), isDue: true),
            Due(expiry: .at(now.advanced(by: .seconds(-9))), isDue: true),
            Due(expiry: .at(now.advanced(by: .seconds(9999))), isForced: true, isDue: true),
            Due(expiry: .never, isDue: false), Due(expiry: .never, isForced: true, isDue: true),
            Due(expiry: .never, age: .seconds(1 << 40), isDue: false),
            Due(expiry: .unknown, isDue: true), Due(expiry: .unknown, age: .zero, isDue: false),
            Due(expiry: .unknown, age: .seconds(3599), isDue: false),
            Due(expiry: .unknown, age: .seconds(3600), isDue: true),
            Due(expiry: .unknown, age: .zero, isForced: true, isDue: true),
        ])
    func due(_ row: Due) {
        let facts = DueRule.Facts(
            expiry: row.expiry, age: row.age, now: Self.now, limit: .seconds(3600), isForced: row.isForced)
        #expect(DueRule.isDue(facts) == row.isDue)
    }

    @Test("a destructive renewal needs a home, and a doubtful store a proof; every combination")
    func home() {
        for bits in 0..<256 {
            func bit(_ place: Int) -> Bool { bits >> place & 1 == 1 }
            let facts = HomeRule.Facts(
                isDestructive: bit(0), call: RefusedCall(RenewalRequest(name: "release")),
                provedTargets: bit(1) ? 1 : 0,
                agreeingTargets: bit(1) && bit(2) ? 1 : 0, storeIsNamed: bit(3), isInCI: bit(4),
                isUnpublished: bit(5), sharing: bit(6) ? .doubtful("a copy") : .original, isExclusive: bit(7))
            let hasHome = bit(1) || bit(3) || !bit(4) || bit(5)
            let isAlone = !bit(6) || bit(7) || (bit(1) && bit(2))
            let refusal = HomeRule.refusal(facts)
            #expect((refusal == nil) == (!bit(0) || (hasHome && isAlone)), "\(facts)")
            #expect(refusal.map { $0.code == .renewalFailed } ?? true)
            if bit(0), !hasHome {
                #expect(refusal?.message.contains("only in this job's own folder") == true)
                #expect(refusal?.hint?.contains("OUTLAST_STATE=") == true)
                #expect(refusal?.hint?.contains("publish:") == true)
            }
        }
    }

    @Test(
        "an open renewal is settled by its state, the time since it was sent, and the grace",
        arguments: RenewalState.allCases)
    func settlement(_ state: RenewalState) {
        let sent = Self.now
        var entry = JournalEntry(
            family: FamilyID(text: "f"), generation: 1, method: "m", credential: "c", state: state,
            intendedAt: sent.advanced(by: .seconds(-1)), sentAt: sent, requestTimeout: .seconds(60), changedAt: sent,
            oldFingerprint: Fingerprint(of: Secret("a token of many characters"), salt: []))
        for grace in [Duration.zero, .seconds(86_400)] {
            for passed in [-3600, 0, 1, 59, 60, 61, 86_399, 86_400, 1_000_000] {
                let now = sent.advanced(by: .seconds(passed))
                let step = SettlementRule.step(for: entry, now: now, grace: grace)
                switch state {
                case .intended: #expect(step == .discard)
                case .received, .proved: #expect(step == .resume)
                case .retired, .refused, .lost: #expect(step == .nothing)
                case .published: #expect(step == (.seconds(passed) < grace ? .nothing : .resume) || passed < 0)
                case .sent, .inDoubt:
                    // A clock that was set back makes nobody wait longer than a request can travel.
                    let until = min(sent, now).advanced(by: .seconds(60))
                    #expect(step == (passed < 60 ? .wait(until: until) : .probe))
                }
            }
        }
        entry.sentAt = nil
        if [.sent, .inDoubt].contains(state) {
            let step = SettlementRule.step(for: entry, now: Self.now, grace: .zero)
            #expect(step == .wait(until: Self.now.advanced(by: .seconds(59))))
        }
    }
}
