import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("What an earlier run left open is settled by harmless questions")
struct RenewalSettlementTests {
    /// Ends a forced renewal at its n-th point, then lets the time pass in which its request may travel.
    private static func cut(_ stage: RenewalStage, at point: Int, places: [String]) async -> MortalRun {
        let life = MortalRun(endsAt: point)
        let begun = stage.clock.now()
        _ = await stage.run(force: true, places: places, life: life)
        // What the clock showed to the dead does not count.
        stage.clock.set(to: begun.advanced(by: .seconds(300)))
        return life
    }

    @Test(
        "a run that is killed at any point leaves what the next one finishes, or says 21 for",
        arguments: ScriptedMethod.Kind.shared, [false, true])
    func killedAnywhere(_ kind: ScriptedMethod.Kind, isPublished: Bool) async throws {
        let places = isPublished ? ["home", "away"] : []
        var points = 0
        var seen: Set<RenewalState> = []
        for point in 1...100 {
            let stage = RenewalStage(kind, readable: false)
            let life = await Self.cut(stage, at: point, places: places)
            guard life.isDead else { break }
            points = point
            let left = stage.states
            seen.formUnion(left)
            let ending = await stage.run(places: places)
            let label: Comment = "\(kind), killed at \(point) in \(left): \(ending.text)"
            #expect(stage.method.violations == [], label)
            // Only a request that was sent and whose answer is not sealed may have lost anything.
            let mayBeLost = left == [.sent] && ScriptedMethod.Kind.destructive.contains(kind)
            switch ending.code {
            case .done:
                #expect(stage.isAlive(ending.token), label)
                #expect(stage.open.allSatisfy { $0 == .published } && (stage.open == [] || kind == .replacing), label)
            case .renewalInDoubt:
                #expect(mayBeLost, label)
                #expect(kind == .silentGranting || !stage.isAlive(stage.first.access), label)
                #expect(stage.states == (kind == .silentGranting ? [.sent] : [.lost]), label)
                #expect(ending.failure?.hint != nil, label)
            default: Issue.record(label)
            }
            // It stays so, whoever asks and whatever is asked.
            let renewals = stage.method.renewals
            let again = await stage.run(places: places)
            #expect(again.code == ending.code && again.token == ending.token, "\(label); then \(again.text)")
            if ending.code == .renewalInDoubt {
                #expect(await stage.run(force: true, places: places).code == .renewalInDoubt, label)
                #expect(stage.method.renewals == renewals, label)
            }
        }
        #expect(points >= (isPublished ? 14 : 10), "\(kind): \(points) points")
        #expect(seen.isSuperset(of: [.intended, .sent, .received, .proved, .published]), "\(kind): \(seen)")
    }

    @Test(
        "a run that is killed while it settles what a killed one left changes nothing of that",
        arguments: ScriptedMethod.Kind.shared)
    func killedTwice(_ kind: ScriptedMethod.Kind) async throws {
        var pairs = 0
        for first in 1...100 {
            var isDead = false
            for second in 1...100 {
                let stage = RenewalStage(kind, readable: false)
                isDead = await Self.cut(stage, at: first, places: ["home"]).isDead
                guard isDead else { break }
                let left = stage.states
                let life = await Self.cut(stage, at: second, places: ["home"])
                guard life.isDead else { break }
                pairs += 1
                let ending = await stage.run(places: ["home"])
                let label: Comment =
                    "\(kind), killed at \(first) in \(left), at \(second) in \(stage.states): \(ending.text)"
                #expect(stage.method.violations == [], label)
                if ending.code == .renewalInDoubt {
                    #expect(ScriptedMethod.Kind.destructive.contains(kind), label)
                    #expect(kind == .silentGranting || !stage.isAlive(stage.first.access), label)
                } else {
                    #expect(ending.code == .done && stage.isAlive(ending.token), label)
                    #expect(stage.target.value().map { $0 == ending.token } ?? true, label)
                }
                #expect(await stage.run(places: ["home"]).token == ending.token, label)
            }
            guard isDead else { break }
        }
        #expect(pairs >= 20, "\(kind): \(pairs) pairs")
    }

    @Test("a signal ends the wait for a request that may be travelling, and leaves the doubt to the next run")
    func signalledWhileWaiting() async throws {
        let stage = RenewalStage(.rotating)
        stage.method.script(.lostLater(.seconds(50)))
        let life = MortalRun(signalledAt: 6)
        let ending = await stage.run(force: true, life: life)
        #expect(ending.code == .unexpected && stage.states == [.inDoubt], "\(ending.text)")
        let next = await stage.run(force: true)
        #expect(next.code == .renewalInDoubt && stage.states == [.lost], "\(next.text)")
        #expect(stage.method.renewals.count == 1 && stage.method.violations == [])
    }

    @Test("what an earlier run left to publish is published by the next, and told")
    func publishedLater() async throws {
        let stage = RenewalStage(.rotating)
        _ = await Self.cut(stage, at: 10, places: ["home"])
        #expect(stage.states == [.proved])
        let ending = await stage.run(places: ["home"])
        #expect(ending.code == .done && ending.verdict == .reused)
        #expect(ending.result?.published == [Publication(target: "place home", status: .ok)])
        #expect(stage.target.value() == ending.token && stage.method.renewals.count == 1)
    }

    @Test("an old token whose secret was forgotten before its grace was over cannot be retired, and that is said")
    func forgottenOld() async throws {
        let stage = RenewalStage(.replacing)
        let second = await stage.run(force: true)
        #expect(try stage.renewals.forgetSuperseded(credential: nil, family: nil) == 1)
        stage.clock.advance(by: .seconds(90_000))
        let ending = await stage.run(second.token)
        #expect(ending.code == .done && ending.token == second.token)
        #expect(ending.result?.notes.contains { $0.contains("revoke it by hand") } == true, "\(ending.text)")
        #expect(stage.open == [])
    }

    @Test("a run that may not renew hands back what is current, settled, however little is left")
    func mayNotRenew() async throws {
        let stage = RenewalStage(.rotating, life: .seconds(600))
        let first = await stage.run { $0.mayRenew = false }
        #expect(first.verdict == .unchanged && first.token == stage.first.access && stage.states == [])
        _ = await Self.cut(stage, at: 8, places: [])
        let next = await stage.run { $0.mayRenew = false }
        #expect(next.verdict == .reused && stage.isAlive(next.token) && stage.states == [.retired], "\(next.text)")
    }

    @Test(
        "a run that is asked to end finishes the step on the wire, seals it and begins nothing further",
        arguments: ScriptedMethod.Kind.shared)
    func signalledAnywhere(_ kind: ScriptedMethod.Kind) async throws {
        for point in 0...20 {
            let stage = RenewalStage(kind)
            let life = MortalRun(signalledAt: point)
            let ending = await stage.run(force: true, places: ["home"], life: life)
            let label: Comment = "\(kind), signalled at \(point): \(ending.text), \(stage.states)"
            #expect(ending.code == .done || ending.code == .unexpected, label)
            #expect(!stage.states.contains(.sent) && !stage.states.contains(.inDoubt), label)
            let next = await stage.run(places: ["home"])
            #expect(next.code == .done && stage.isAlive(next.token), "\(label); then \(next.text)")
            #expect(stage.method.renewals.count <= 1, label)
        }
    }

    struct Doubt: Sendable, CustomTestStringConvertible {
        var kind: ScriptedMethod.Kind
        var reply: ScriptedMethod.Reply
        var code: OutlastModel.ExitCode
        var state: RenewalState
        /// What the next run says, and leaves.
        var next: OutlastModel.ExitCode
        var final: RenewalState
        var testDescription: String { "\(kind), \(reply)" }
    }

    @Test(
        "an answer that is lost is told by the old token, in the same run",
        arguments: [
            Doubt(
                kind: .rotating, reply: .lostBefore, code: .renewalFailed, state: .refused, next: .done, final: .retired
            ),
            Doubt(
                kind: .rotating, reply: .lostAfter, code: .renewalInDoubt, state: .lost, next: .renewalInDoubt,
                final: .lost),
            Doubt(
                kind: .rotating, reply: .lostLater(.seconds(50)), code: .renewalInDoubt, state: .lost,
                next: .renewalInDoubt, final: .lost),
            Doubt(
                kind: .granting, reply: .lostBefore, code: .renewalFailed, state: .refused, next: .done, final: .retired
            ),
            Doubt(
                kind: .granting, reply: .lostAfter, code: .renewalInDoubt, state: .lost, next: .renewalInDoubt,
                final: .lost),
            Doubt(
                kind: .silentGranting, reply: .lostBefore, code: .renewalInDoubt, state: .inDoubt,
                next: .renewalInDoubt, final: .inDoubt),
            Doubt(
                kind: .silentGranting, reply: .lostAfter, code: .renewalInDoubt, state: .inDoubt,
                next: .renewalInDoubt, final: .inDoubt),
            Doubt(
                kind: .minting, reply: .lostBefore, code: .renewalFailed, state: .refused, next: .done, final: .retired),
            Doubt(
                kind: .minting, reply: .lostAfter, code: .renewalFailed, state: .refused, next: .done, final: .retired),
            Doubt(
                kind: .replacing, reply: .lostAfter, code: .renewalFailed, state: .refused, next: .done,
                final: .published),
            Doubt(
                kind: .pairing, reply: .lostAfter, code: .renewalFailed, state: .refused, next: .done, final: .retired),
        ])
    func lostAnswers(_ row: Doubt) async throws {
        let stage = RenewalStage(row.kind)
        stage.method.script(row.reply)
        let ending = await stage.run(force: true)
        #expect(ending.code == row.code, "\(ending.text)")
        #expect(stage.states == [row.state])
        let next = await stage.run(force: true)
        #expect(next.code == row.next, "\(next.text)")
        #expect(stage.states.last == row.final)
        #expect(stage.method.violations == [])
    }

    @Test("a renewal that a forge refuses has changed nothing, and the next run may try again")
    func refusals() async throws {
        for code in [OutlastModel.ExitCode.renewalFailed, .insufficientScope, .slowDown, .unreachable] {
            for kind in ScriptedMethod.Kind.destructive {
                let stage = RenewalStage(kind)
                stage.method.script(.refused(Failure(code, "no")))
                let ending = await stage.run(force: true)
                #expect(ending.code == code)
                #expect(stage.states == [.refused])
                let next = await stage.run(force: true)
                #expect(next.code == .done && stage.isAlive(next.token))
            }
        }
    }

    @Test("a grant that its server calls finished is never sent again, and every later run says why")
    func finishedGrant() async throws {
        for kind in [ScriptedMethod.Kind.granting, .silentGranting] {
            let stage = RenewalStage(kind)
            stage.method.script(.refused(Failure(.rejected, "invalid_grant")))
            let ending = await stage.run(force: true)
            #expect(ending.code == .rejected)
            let next = await stage.run(force: true)
            #expect(next.code == .renewalInDoubt)
            #expect(next.failure?.message.contains("invalid_grant") == true)
            #expect(stage.method.renewals.count == 1)
        }
    }

    @Test("while the request may be travelling, a living old token proves nothing")
    func travelling() async throws {
        let stage = RenewalStage(.rotating)
        stage.method.script(.lostLater(.seconds(50)))
        let ending = await stage.run(force: true) { $0.wait = .seconds(5) }
        #expect(ending.code == .renewalInDoubt)
        #expect(stage.states == [.inDoubt])
        stage.clock.advance(by: .seconds(10))
        #expect(await stage.run(force: true) { $0.wait = .seconds(5) }.code == .renewalInDoubt)
        stage.clock.advance(by: .seconds(100))
        #expect(await stage.run(force: true).code == .renewalInDoubt)
        #expect(stage.states == [.lost])
        #expect(stage.method.renewals.count == 1)
        #expect(stage.method.violations == [])
    }

    @Test("a clock that is set back after a request makes the next run wait no longer than the request can travel")
    func clockSetBack() async throws {
        let stage = RenewalStage(.rotating)
        stage.method.script(.lostBefore)
        _ = await stage.run(force: true) { $0.wait = .zero }
        #expect(stage.states == [.inDoubt])
        stage.clock.advance(by: .seconds(-86_400))
        let begun = stage.clock.now()
        let ending = await stage.run(force: true)
        #expect(ending.code == .done && stage.isAlive(ending.token), "\(ending.text)")
        #expect(begun.duration(to: stage.clock.now()) <= .seconds(70))
    }

    @Test("an unreachable forge leaves the doubt open and is asked by the next run")
    func unreachable() async throws {
        for isDone in [false, true] {
            let stage = RenewalStage(.rotating)
            _ = await Self.cut(stage, at: isDone ? 6 : 5, places: [])
            #expect(stage.states == [.sent])
            stage.method.setReachable(false)
            let ending = await stage.run()
            #expect(ending.code == .renewalInDoubt, "\(ending.text)")
            #expect(ending.failure?.hint?.contains("again when the forge answers") == true)
            stage.method.setReachable(true)
            let next = await stage.run()
            #expect(next.code == (isDone ? .renewalInDoubt : .done), "\(next.text)")
            #expect(stage.states == [isDone ? .lost : .refused])
        }
    }

    @Test("an access token past its end says nothing about what renews it")
    func pastItsEnd() async throws {
        let stage = RenewalStage(.granting)
        _ = await Self.cut(stage, at: 6, places: [])
        stage.method.answerProbes(.unknown(Failure(.renewalInDoubt, "past its end")))
        let ending = await stage.run()
        #expect(ending.code == .renewalInDoubt)
        #expect(stage.open.count == 1)
        #expect(stage.method.violations == [])
    }

    @Test("what renews a token is spent when its server says so, whatever it says of the token")
    func spentBesideLivingToken() async throws {
        let stage = RenewalStage(.granting)
        _ = await Self.cut(stage, at: 6, places: [])
        let now = Instant(seconds: 0)
        stage.method.answerProbes(
            .finished(
                TokenReading(standing: .alive, readAt: now), grant: TokenReading(standing: .revoked, readAt: now)))
        let ending = await stage.run()
        #expect(ending.code == .renewalInDoubt && ending.text.contains("revoked"), "\(ending.text)")
        #expect(stage.states == [.lost])
        #expect(stage.method.violations == [])
    }

    @Test("a new token that cannot be proved is kept, proved by the next run and not renewed again")
    func unproved() async throws {
        for kind in [ScriptedMethod.Kind.rotating, .granting, .minting, .pairing] {
            let stage = RenewalStage(kind)
            _ = await Self.cut(stage, at: 8, places: [])
            #expect(stage.open == [.received])
            stage.method.setReachable(false)
            let ending = await stage.run()
            #expect(ending.code == .renewalInDoubt, "\(ending.text)")
            #expect(stage.open == [.received])
            stage.method.setReachable(true)
            let next = await stage.run()
            #expect(next.code == .done && stage.isAlive(next.token), "\(next.text)")
            #expect(stage.method.renewals.count == 1)
        }
    }

    @Test("an old token that a job may still use lives for its grace, through later renewals too")
    func grace() async throws {
        let stage = RenewalStage(.replacing)
        let old = try #require(stage.first.access)
        let first = await stage.run(force: true)
        #expect(first.code == .done && first.result?.notes.contains { $0.contains("stays alive until") } == true)
        stage.clock.advance(by: .seconds(43_200))
        let second = await stage.run(first.token, force: true)
        #expect(second.code == .done && second.result?.generation == 3)
        #expect(stage.isAlive(old) && stage.isAlive(first.token) && stage.isAlive(second.token))
        stage.clock.advance(by: .seconds(43_201))
        #expect(await stage.run().token == second.token)
        #expect(!stage.isAlive(old) && stage.isAlive(first.token) && stage.isAlive(second.token))
        stage.clock.advance(by: .seconds(43_201))
        #expect(await stage.run().token == second.token)
        #expect(!stage.isAlive(first.token) && stage.isAlive(second.token))
        #expect(stage.open == [] && stage.method.violations == [])
    }

    @Test("what cannot be retired is tried again by the next run")
    func retiredLater() async throws {
        let stage = RenewalStage(.replacing)
        _ = await stage.run(force: true)
        stage.clock.advance(by: .seconds(90_000))
        stage.method.setReachable(false)
        #expect(await stage.run().code == .done)
        #expect(stage.open == [.published])
        stage.method.setReachable(true)
        #expect(await stage.run().code == .done)
        #expect(stage.open == [])
        #expect(!stage.isAlive(stage.first.access))
    }
}
