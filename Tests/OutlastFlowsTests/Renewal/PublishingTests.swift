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
        #expect(stage.queue == [])
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
        #expect(stage.queue.map(\.generation) == [2])
        let third = await stage.run(places: ["home"])
        #expect(third.code == .done && stage.target.value() == second.token)
        #expect(stage.queue == [])
        let values = stage.target.log.filter { $0.hasPrefix("publish") }
        #expect(values.count == 2)
    }

    @Test("a target that this run does not name stays queued, is never written, told of, and decides nothing")
    func unnamedTarget() async throws {
        for publishOnly in [false, true] {
            let stage = RenewalStage(.rotating)
            stage.target.fail("home", times: 1)
            let first = await stage.run(force: true, places: ["home"])
            for places in [[], ["away"], ["away"]] {
                let ending = await stage.run(places: places) { $0.publishOnly = publishOnly }
                #expect(ending.code == .done, "\(ending.text)")
                let told = ending.result?.published.first { $0.target == "place home" }
                #expect(told?.status == .queued && told?.error?.contains("does not name the target") == true)
                let note = try #require(ending.result?.notes.first { $0.contains("place home is queued") })
                #expect(note.contains("secret forget --credential release --queued"))
                #expect(ending.result?.notes.count == 1)
            }
            #expect(stage.target.value() == nil && stage.target.value(in: "away") == first.token)
            #expect(stage.queue.map(\.label) == ["place home"])
            // Whoever needs only the token hears nothing of it, and whoever names the target writes it.
            let drained = await stage.run(places: ["home"])
            #expect(drained.code == .done && stage.target.value() == first.token && stage.queue == [])
        }
    }

    @Test("a target that is named and fails decides with 23, whatever else is queued")
    func namedTarget() async throws {
        let stage = RenewalStage(.rotating)
        stage.target.fail("home", times: 1)
        stage.target.fail("away", times: 1)
        _ = await stage.run(force: true, places: ["home"])
        let ending = await stage.run(places: ["away"])
        #expect(ending.code == .publishQueued && stage.queue.map(\.label).sorted() == ["place away", "place home"])
    }

    @Test(
        "what was queued of an older generation is dropped when the current one has reached every target that is named")
    func superseded() async throws {
        let stage = RenewalStage(.rotating)
        stage.target.fail("home", times: 1)
        let first = await stage.run(force: true, places: ["home"])
        stage.target.fail("away", times: 1)
        let second = await stage.run(first.token, force: true, places: ["away", "there"])
        #expect(second.code == .publishQueued && stage.queue.map(\.generation).sorted() == [2, 3])
        let third = await stage.run(places: ["away", "there"])
        #expect(
            third.code == .done
                && third.result?.notes.contains { $0.contains("place home is not queued any more") } == true)
        #expect(stage.queue == [] && third.result?.published.map(\.target) == ["place away"])
        #expect(await stage.run(places: ["away", "there"]).result?.notes == [])
        // The job that names it gives it the token that lives.
        let other = await stage.run(places: ["home"])
        #expect(other.code == .done && stage.target.value() == second.token)
        #expect(!stage.target.log.contains("publish home") || stage.target.value() != first.token)
    }

    @Test("a renewal that reaches all its targets drops older entries by itself")
    func supersededAtOnce() async throws {
        let stage = RenewalStage(.rotating)
        stage.target.fail("home", times: 1)
        let first = await stage.run(force: true, places: ["home"])
        let second = await stage.run(first.token, force: true, places: ["away"])
        #expect(second.code == .done && stage.queue == [])
        #expect(second.result?.notes.contains { $0.contains("place home is not queued any more") } == true)
    }

    @Test("a target whose definition was corrected is queued no more once the place has the token")
    func corrected() async throws {
        let stage = RenewalStage(.rotating)
        let writer = CredentialRequest(name: "writer", source: .env("WRITER"), origin: .commandLine)
        let first = await stage.run(force: true) { $0.publish = [RenewalStage.publish("home", writer: writer)] }
        #expect(first.code == .publishQueued)
        let second = await stage.run { request in
            request.publish = [
                PublishRequest(
                    configuration: PublishConfiguration(
                        target: ScriptedTarget.name, settings: Settings(["place": .text("home"), "with": .text("b")])))
            ]
        }
        #expect(second.code == .done && stage.target.value() == first.token && stage.queue == [])
    }

    @Test("a target that is new is given the current token by the next run, once", arguments: [false, true])
    func newTarget(_ publishOnly: Bool) async throws {
        let stage = RenewalStage(.rotating)
        let first = await stage.run(force: true, places: ["home"])
        let dry = await stage.run(places: ["home", "away"]) { $0.isDryRun = true }
        #expect(dry.result?.notes.contains { $0.hasPrefix("would publish to place away, which") } == true)
        let second = await stage.run(places: ["home", "away"]) { $0.publishOnly = publishOnly }
        #expect(second.code == .done && second.verdict == .reused)
        #expect(second.result?.published.map(\.target) == ["place away"])
        #expect(stage.target.value(in: "away") == first.token)
        let log = stage.target.log
        #expect(await stage.run(places: ["home", "away"]) { $0.publishOnly = publishOnly }.code == .done)
        #expect(stage.target.log == log && stage.method.renewals.count == 1)
    }

    @Test("what the job was started with is published nowhere")
    func startedWith() async throws {
        let stage = RenewalStage(.rotating)
        for publishOnly in [false, true] {
            let ending = await stage.run(places: ["home"]) { $0.publishOnly = publishOnly }
            #expect(ending.verdict == .unchanged && stage.target.value() == nil)
        }
    }

    @Test("a dead token goes nowhere, neither to a new target nor from the queue")
    func deadToken() async throws {
        for places in [["home"], ["away"]] {
            let stage = RenewalStage(.rotating)
            stage.target.fail("home", times: 1)
            let first = await stage.run(force: true, places: ["home"])
            stage.method.kill(try #require(first.token))
            let ending = await stage.run(places: places)
            #expect(ending.code == .rejected, "\(ending.text)")
            #expect(stage.target.value() == nil && stage.target.value(in: "away") == nil)
        }
    }

    @Test("from a copy of a store a new target is given a token when that is asked for and the token lives")
    func copies() async throws {
        let stage = RenewalStage(.rotating, sharing: .doubtful("this store is a copy"))
        let first = await stage.run(force: true, places: ["home"]) { $0.isExclusive = true }
        #expect(await stage.run(places: ["away"]).code == .done && stage.target.value(in: "away") == nil)
        #expect(await stage.run(places: ["away"]) { $0.publishOnly = true }.code == .done)
        #expect(stage.target.value(in: "away") == first.token)
        #expect(await stage.run(places: ["there"]) { $0.isExclusive = true }.code == .done)
        #expect(stage.target.value(in: "there") == first.token)
    }

    @Test("--publish-only drains and renews nothing, however little is left")
    func publishOnly() async throws {
        let stage = RenewalStage(.rotating, life: .seconds(600))
        stage.target.fail("home", times: 2)
        let first = await stage.run(force: true, places: ["home"])
        #expect(first.code == .publishQueued)
        #expect(await stage.run(places: ["home"]) { $0.publishOnly = true }.code == .publishQueued)
        #expect(stage.queue.map(\.attempts) == [2])
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
