// The current token for somebody who needs one now: what is looked at, what is renewed, what is handed on.

import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("the current token", .timeLimit(.minutes(1)))
struct RenewalCurrentTests {
    private func current(
        _ stage: RenewalStage, places: [String] = [], _ change: (inout RenewalRequest) -> Void = { _ in }
    ) async throws(Failure) -> SuppliedToken {
        var request = stage.request(stage.first, places: places)
        change(&request)
        return try await RenewalFlow(stage.world(stage.first)).current(request, history: stage.history)
    }

    @Test("what the state knows is given without a lock, a question or a change")
    func looked() async throws {
        let stage = RenewalStage(.rotating)
        let token = await stage.run(force: true).token
        let (locks, steps) = (stage.leases.notes.count, stage.states)
        #expect(try await current(stage).token.reveal() == token)
        #expect(try await current(stage) { $0.mayRenew = false }.token.reveal() == token)
        #expect(stage.leases.notes.count == locks && stage.states == steps)
        let other = RenewalStage(.rotating, life: .seconds(600))
        let end = other.clock.now().advanced(by: .seconds(600))
        let presented = try await current(other) { request in
            request.presentedEnd = .at(end)
            request.limit = .seconds(60)
        }
        #expect(presented.token.reveal() == other.first.access && presented.expiry == .at(end))
        #expect(try await current(other) { $0.mayRenew = false }.token.reveal() == other.first.access)
        #expect(other.leases.notes == [] && other.states == [])
    }

    @Test("too little left is renewed first, and a dead token whatever is said to be left of it")
    func renewed() async throws {
        let stage = RenewalStage(.granting, life: .seconds(600))
        let first = try await current(stage) { $0.limit = .seconds(900) }
        #expect(first.failure == nil && stage.isAlive(first.token.reveal()) && stage.method.renewals.count == 1)
        let print = stage.fingerprint(first.token.reveal())
        for _ in 0..<2 {
            let next = try await current(stage) { request in
                request.limit = .zero
                request.dead = print
            }
            #expect(next.token.reveal() != first.token.reveal() && stage.method.renewals.count == 2)
        }
    }

    @Test("a renewal that fails hands on the token that the state has, with the reason")
    func handedOn() async throws {
        let stage = RenewalStage(.rotating, life: .seconds(600))
        let second = await stage.run(force: true).token
        stage.method.script(.refused(Failure(.unreachable, "nobody is there")))
        let given = try await current(stage) { $0.limit = .seconds(900) }
        #expect(given.token.reveal() == second && given.failure?.code == .unreachable)
        let minting = RenewalStage(.minting)
        minting.method.script(.refused(Failure(.unreachable, "nobody is there")))
        await #expect(throws: Failure.self) { try await current(minting) }
        await #expect(throws: Failure.self) { try await current(minting) { $0.mayRenew = false } }
    }

    @Test("a publication that failed a moment ago is left alone, and tried again when it has rested")
    func rested() async throws {
        let stage = RenewalStage(.rotating)
        stage.target.fail("home", times: 1)
        let renewed = await stage.run(force: true, places: ["home"])
        #expect(renewed.code == .publishQueued)
        let locks = stage.leases.notes.count
        _ = try await current(stage, places: ["home"]) { $0.queueRest = .seconds(300) }
        #expect(stage.leases.notes.count == locks && stage.target.value() == nil)
        stage.clock.advance(by: .seconds(301))
        let later = try await current(stage, places: ["home"]) { $0.queueRest = .seconds(300) }
        #expect(later.token.reveal() == renewed.token && stage.target.value() == renewed.token)
    }
}
