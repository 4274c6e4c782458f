import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("Publishing a new token")
struct PublishingTests {
    @Test("what fails is queued, told by 23, and drained by any later run with the token that is current then")
    func queue() async throws {
        let stage = RenewalStage(.rotating)
        stage.target.fail("away", times: 1)
        let first = await stage.run(force: true, places: ["home", "away"])
        #expect(first.code == .publishQueued)
        #expect(first.result?.published.map(\.status) == [.ok, .queued])
        #expect(stage.target.value(in: "home") == first.token && stage.target.value(in: "away") == nil)
        let second = await stage.run(places: ["home", "away"])
        #expect(second.code == .done && second.result?.published.map(\.status) == [.ok])
        #expect(stage.target.value(in: "away") == first.token)
        #expect(stage.renewals.contents.outbox == [])
        let published = stage.target.log.count
        #expect(await stage.run(places: ["home", "away"]).code == .done)
        #expect(stage.target.log.count == published)
    }

    @Test("an older generation is never published: what was queued of it is dropped for the current one")
    func olderGeneration() async throws {
        let stage = RenewalStage(.replacing)
        stage.target.fail("home", times: 1)
        let first = await stage.run(force: true, places: ["home"])
        #expect(first.code == .publishQueued)
        // Renewed by a job whose configuration has no target: the queue stays as it is.
        let second = await stage.run(first.token, force: true)
        #expect(second.verdict == .renewed)
        #expect(stage.renewals.contents.outbox.map(\.generation) == [2])
        let third = await stage.run(places: ["home"])
        #expect(third.code == .done && stage.target.value() == second.token)
        #expect(stage.renewals.contents.outbox == [])
        let values = stage.target.log.filter { $0.hasPrefix("publish") }
        #expect(values.count == 2)
    }

    @Test("a target that this run does not name stays queued, and is never written")
    func unnamedTarget() async throws {
        let stage = RenewalStage(.rotating)
        stage.target.fail("home", times: 1)
        _ = await stage.run(force: true, places: ["home"])
        let ending = await stage.run(places: ["away"])
        #expect(ending.code == .publishQueued)
        #expect(ending.result?.published.first?.error?.contains("does not name the target") == true)
        #expect(stage.target.value() == nil && stage.target.value(in: "away") == nil)
        #expect(stage.renewals.contents.outbox.count == 1)
    }

    @Test("--publish-only drains and renews nothing, however little is left")
    func publishOnly() async throws {
        let stage = RenewalStage(.rotating, life: .seconds(600))
        stage.target.fail("home", times: 2)
        let first = await stage.run(force: true, places: ["home"])
        #expect(first.code == .publishQueued)
        #expect(await stage.run(places: ["home"]) { $0.publishOnly = true }.code == .publishQueued)
        #expect(stage.renewals.contents.outbox.map(\.attempts) == [2])
        let drained = await stage.run(force: true, places: ["home"]) { $0.publishOnly = true }
        #expect(drained.code == .done && stage.target.value() == first.token)
        #expect(stage.method.renewals.count == 1)
    }

    @Test("the credential that may write is the named one, else the new token itself")
    func writers() async throws {
        let stage = RenewalStage(.rotating)
        let writer = CredentialRequest(name: "writer", source: .env("WRITER"), origin: .commandLine)
        let ending = await stage.run(force: true, variables: ["WRITER": "writer-0123456789-0123456789"]) {
            $0.publish = [RenewalStage.publish("home", writer: writer), RenewalStage.publish("away")]
        }
        #expect(ending.code == .done)
        #expect(stage.target.writer(of: "home") == "writer-0123456789-0123456789")
        #expect(stage.target.writer(of: "away") == ending.token)
        let without = RenewalStage(.minting)
        let queued = await without.run(force: true) { $0.publish = [RenewalStage.publish("home", writer: writer)] }
        #expect(queued.code == .publishQueued && without.isAlive(queued.token))
    }

    @Test("a token that jobs do not share is published too, needs no key and leaves no rows")
    func loneMint() async throws {
        let stage = RenewalStage(.unshared)
        stage.target.fail("away", times: 1)
        let ending = await stage.run(places: ["home", "away"], variables: ["OUTLAST_KEY": ""])
        #expect(ending.code == .publishQueued && ending.verdict == .renewed && stage.isAlive(ending.token))
        #expect(ending.result?.published.map(\.status) == [.ok, .failed])
        #expect(stage.target.value() == ending.token)
        let contents = stage.renewals.contents
        #expect(contents.families == [] && contents.members == [] && contents.sealed == [] && contents.journal == [])
        #expect(contents.outbox == [] && contents.envelope == nil)
        #expect(stage.leases.notes == [])
        #expect(stage.history.records.flatMap(\.events).map(\.event) == ["renew"])
        let other = await stage.run(variables: ["OUTLAST_KEY": ""])
        #expect(other.verdict == .renewed && other.token != ending.token)
    }

    @Test("a token of one's own that is refused or in doubt is a failure that may be tried again")
    func loneFailures() async throws {
        let stage = RenewalStage(.unshared)
        stage.method.script(.refused(Failure(.unreachable, "no")), .lostAfter)
        #expect(await stage.run().code == .unreachable)
        #expect(await stage.run().code == .renewalFailed)
        let end = stage.clock.now().advanced(by: .seconds(86_400))
        let mine = stage.method.make(at: stage.clock.now())
        let kept = await stage.run(mine) { $0.configuredExpiry = end }
        #expect(kept.verdict == .unchanged && kept.token == mine)
        #expect(await stage.run(mine) { $0.mayRenew = false }.verdict == .unchanged)
    }
}
