import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("A state that fails in the middle of a renewal")
struct RenewalStateFailureTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        var kind: ScriptedMethod.Kind
        var step: Int
        var isAfterwards: Bool
        var testDescription: String { "\(kind), step \(step)\(isAfterwards ? " afterwards" : "")" }
        static let all = ScriptedMethod.Kind.shared.flatMap { kind in
            (1...6).flatMap { step in
                [false, true].map { Fault(kind: kind, step: step, isAfterwards: $0) }
            }
        }
    }

    @Test("one step that fails: 40 before the request, a token kept or carried on after it", arguments: Fault.all)
    func oneStep(_ fault: Fault) async throws {
        let stage = RenewalStage(fault.kind)
        stage.renewals.failApply(fault.step, afterwards: fault.isAfterwards)
        let ending = await stage.run(force: true, places: ["home"])
        let label: Comment = "\(fault): \(ending.text), \(stage.states)"
        switch fault.step {
        // Intent and sending are on disk before a byte leaves.
        case 1, 2:
            #expect(ending.code == .stateUnusable && stage.method.renewals == [], label)
            #expect(!stage.states.contains(.sent), label)
        // The answer is tried again.
        case 3: #expect(ending.code == .done && stage.isAlive(ending.token), label)
        case 4...5: #expect(ending.code == .stateUnusable && stage.isAlive(ending.token), label)
        // The last one: with or without a grace.
        default: #expect([.done, .stateUnusable].contains(ending.code) && stage.isAlive(ending.token), label)
        }
        let next = await stage.run(places: ["home"])
        #expect(next.code == .done && stage.isAlive(next.token), "\(label); then \(next.text)")
        if fault.step > 2 {
            #expect(next.token == ending.token && stage.method.renewals.count == 1, label)
            #expect(stage.target.value() == ending.token, label)
        }
        #expect(stage.open == [] || fault.kind == .replacing, label)
        #expect(stage.method.violations == [], label)
    }

    private static func breakState(_ stage: RenewalStage, from step: Int) {
        let count = Counter()
        stage.renewals.guardSteps { isAfterwards in
            if isAfterwards { return nil }
            return count.next() >= step ? .state("no space left for the state store") : nil
        }
    }

    @Test(
        "a state that takes nothing any more: the token is published, or handed on, or 21",
        arguments: [1, 2, 3, 4, 5, 6])
    func broken(from step: Int) async throws {
        for (places, isCarried) in [(["home"], false), ([], true), ([], false)] {
            for kind in ScriptedMethod.Kind.destructive {
                let stage = RenewalStage(kind)
                Self.breakState(stage, from: step)
                let ending = await stage.run(force: true, places: places) { $0.isCarriedAway = isCarried }
                let label: Comment = "\(kind), broken from \(step), to \(places): \(ending.text)"
                if step <= 2 {
                    #expect(ending.code == .stateUnusable && stage.method.renewals == [], label)
                } else if step == 3, places == [], !isCarried {
                    #expect(ending.code == .renewalInDoubt, label)
                    #expect(ending.failure?.message.contains("could not be saved anywhere") == true, label)
                } else {
                    #expect([.stateUnusable, .done].contains(ending.code) && stage.isAlive(ending.token), label)
                    #expect(places == [] || stage.target.value() == ending.token, label)
                }
                stage.renewals.clearFaults()
                stage.clock.advance(by: .seconds(120))
                let next = await stage.run(places: places)
                #expect(next.code == .done ? stage.isAlive(next.token) : next.code == .renewalInDoubt, "\(next.text)")
                #expect(step == 3 || kind == .silentGranting || next.code == .done, "\(label); then \(next.text)")
                #expect(stage.method.violations == [], label)
            }
        }
    }

    @Test("a state that breaks while a doubt is noted hides neither the doubt nor the loss")
    func brokenInDoubt() async throws {
        for kind in [ScriptedMethod.Kind.rotating, .granting, .silentGranting] {
            let stage = RenewalStage(kind)
            stage.method.script(.lostAfter)
            Self.breakState(stage, from: 3)
            let ending = await stage.run(force: true)
            #expect(ending.code == .renewalInDoubt, "\(kind): \(ending.text)")
            #expect(stage.states == [.sent])
            stage.renewals.clearFaults()
            stage.clock.advance(by: .seconds(120))
            #expect(await stage.run(force: true).code == .renewalInDoubt)
            #expect(stage.method.renewals.count == 1)
        }
    }

    @Test("a state that breaks while a refusal is noted hides no refusal")
    func brokenRefusal() async throws {
        let stage = RenewalStage(.rotating)
        stage.method.script(.refused(Failure(.insufficientScope, "no scope")))
        Self.breakState(stage, from: 3)
        let ending = await stage.run(force: true)
        #expect(ending.code == .insufficientScope, "\(ending.text)")
        stage.renewals.clearFaults()
        #expect(await stage.run().code == .done)
        #expect(stage.states == [.refused])
    }

    @Test("a store without renewals is 40 before anything is asked")
    func noRenewals() async throws {
        let stage = RenewalStage(.rotating)
        let flow = RenewalFlow(stage.world(stage.first))
        do {
            _ = try await flow.run(stage.request(stage.first), history: RememberingHistory())
            Issue.record("it went on")
        } catch { #expect(error.code == .stateUnusable) }
        #expect(stage.method.log == [])
    }
}
