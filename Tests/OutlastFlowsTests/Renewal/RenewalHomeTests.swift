import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("A home for the new token")
struct RenewalHomeTests {
    @Test("in a job with the default store and no target nothing is asked, and both remedies are named")
    func homeless() async throws {
        for kind in ScriptedMethod.Kind.destructive {
            let stage = RenewalStage(kind)
            let ending = await stage.run(stage.first, force: true, isInCI: true)
            #expect(ending.code == .renewalFailed)
            #expect(ending.failure?.message.contains("the new token would exist only in this job's own folder") == true)
            #expect(ending.failure?.hint?.contains("OUTLAST_STATE=") == true)
            #expect(ending.failure?.hint?.contains("publish:") == true)
            #expect(stage.method.log == [] && stage.states == [])
        }
        for kind in [ScriptedMethod.Kind.minting, .replacing, .unshared] {
            let stage = RenewalStage(kind)
            #expect(await stage.run(stage.first, force: true, isInCI: true).code == .done, "\(kind)")
        }
    }

    @Test("a named store, --unpublished with --export or a target that answers is a home")
    func homes() async throws {
        let changes: [@Sendable (inout RenewalRequest) -> Void] = [
            { $0.storeIsNamed = true },
            { ($0.isUnpublished, $0.isCarriedAway) = (true, true) },
            { $0.publish = [RenewalStage.publish("home")] },
            { $0.publish = [RenewalStage.publish("silent"), RenewalStage.publish("home")] },
        ]
        for change in changes {
            let stage = RenewalStage(.rotating)
            stage.target.silence("silent")
            let ending = await stage.run(stage.first, force: true, isInCI: true, change)
            #expect([.done, .publishQueued].contains(ending.code) && stage.isAlive(ending.token), "\(ending.text)")
        }
    }

    @Test("targets that don't answer are no home, and are asked before the request")
    func silentTargets() async throws {
        let stage = RenewalStage(.rotating)
        stage.target.silence("home")
        let ending = await stage.run(stage.first, force: true, places: ["home"], isInCI: true)
        #expect(ending.code == .renewalFailed && ending.failure?.message.contains("does not answer") == true)
        #expect(stage.method.renewals == [] && stage.isAlive(stage.first.access))
    }

    @Test("a target that is not known is a mistake in the configuration, told before the request")
    func unknownTarget() async throws {
        for kind in [ScriptedMethod.Kind.rotating, .minting] {
            let stage = RenewalStage(kind)
            let ending = await stage.run(stage.first, force: true) {
                $0.publish = [
                    PublishRequest(configuration: PublishConfiguration(target: "nowhere", settings: Settings()))
                ]
            }
            #expect(ending.code == .configuration, "\(kind): \(ending.text)")
            #expect(stage.method.renewals == [], "\(kind)")
        }
    }

    @Test("a copy of a store renews nothing without a proof of being alone")
    func copies() async throws {
        let stage = RenewalStage(.rotating, sharing: .doubtful("this store is a copy"))
        let refused = await stage.run(force: true)
        #expect(refused.code == .renewalFailed && refused.failure?.message.contains("this store is a copy") == true)
        #expect(refused.failure?.hint?.contains("--exclusive") == true)
        let unread = await stage.run(force: true, places: ["home"])
        #expect(unread.code == .renewalFailed, "an empty target proves nothing: \(unread.text)")
        #expect(stage.method.renewals == [] && stage.states == [])
        let alone = await stage.run(force: true) { $0.isExclusive = true }
        #expect(alone.code == .done && stage.isAlive(alone.token))
    }

    @Test("a copy whose target holds the very token renews it")
    func agreeing() async throws {
        let stage = RenewalStage(.rotating, sharing: .doubtful("this store is a copy"))
        stage.target.put(stage.first.access)
        let ending = await stage.run(force: true, places: ["home"])
        #expect(ending.code == .done && stage.isAlive(ending.token))
        #expect(stage.target.value() == ending.token)
        let unreadable = RenewalStage(.rotating, sharing: .doubtful("this store is a copy"), readable: false)
        unreadable.target.put(unreadable.first.access)
        #expect(await unreadable.run(force: true, places: ["home"]).code == .renewalFailed)
    }

    @Test("a copy whose target holds another living token takes that over, and says so")
    func disagreeing() async throws {
        let stage = RenewalStage(.rotating, sharing: .doubtful("this store is a copy"))
        let newer = stage.method.make(at: stage.clock.now())
        stage.target.put(newer)
        let ending = await stage.run(force: true, places: ["home"])
        #expect(ending.code == .done && ending.token == newer, "\(ending.text)")
        #expect(ending.result?.notes.first?.contains("place home") == true)
        #expect(stage.method.renewals == [])
        stage.method.kill(newer)
        let dead = await stage.run(force: true, places: ["home"])
        #expect(![.done, .publishQueued].contains(dead.code) && stage.method.renewals == [])
    }

    @Test("a target that still holds an older token of this very family accuses nobody")
    func lagging() async throws {
        let stage = RenewalStage(.rotating, sharing: .doubtful("this store is a copy"))
        stage.target.put(stage.first.access)
        stage.target.fail(times: 100)
        #expect(await stage.run(force: true, places: ["home"]).code == .publishQueued)
        let second = stage.renewals.contents.families[0].generation
        let token = try #require(await stage.run().token)
        let ending = await stage.run(token, force: true, places: ["home"])
        #expect(ending.code == .renewalFailed, "\(ending.text)")
        #expect(second == 2 && stage.method.renewals.count == 1)
    }

    @Test("a dead or lost token is looked for in its targets, and what lives there is used from then on")
    func adoption() async throws {
        for isLost in [false, true] {
            let stage = RenewalStage(.rotating)
            if isLost {
                stage.method.script(.lostAfter)
                #expect(await stage.run(force: true).code == .renewalInDoubt)
            } else {
                stage.method.kill(try #require(stage.first.access))
            }
            stage.target.put(stage.first.access)
            let nothing = await stage.run(force: true, places: ["home"])
            #expect(nothing.code == (isLost ? .renewalInDoubt : .rejected), "\(nothing.text)")
            let found = stage.method.make(at: stage.clock.now())
            stage.target.put(found)
            let asked = stage.method.renewals.count
            // Whoever forces meant the token that is dead.
            for force in [true, false, true] {
                let ending = await stage.run(force: force, places: ["home"])
                #expect(ending.code == .done && ending.token == found, "\(ending.text)")
                #expect(ending.verdict == .reused)
            }
            #expect(stage.method.renewals.count == asked)
            // The family that began with it goes on by itself.
            let next = await stage.run(found, force: true, places: ["home"])
            #expect(next.verdict == .renewed && stage.target.value() == next.token)
            #expect(await stage.run(places: ["home"]).token == next.token)
            #expect(stage.method.violations == [])
        }
    }

    @Test("a dry run asks harmless questions, says what would happen and changes nothing")
    func dryRun() async throws {
        for kind in ScriptedMethod.Kind.allCases {
            let stage = RenewalStage(kind)
            let ending = await stage.run(force: true, places: ["home"]) { $0.isDryRun = true }
            #expect(ending.code == .done && ending.result?.notes.contains { $0.contains("would") } == true, "\(kind)")
            #expect(stage.method.renewals == [] && stage.states == [] && stage.renewals.contents.families == [])
            #expect(!stage.target.log.contains { $0.hasPrefix("publish") } && stage.leases.notes == [])
        }
    }
}
