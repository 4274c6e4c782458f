import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("Whom a token leads to")
struct RenewalFamilyTests {
    @Test("any token of a family leads to the current one, and the forge is not asked because of an old one")
    func anyGeneration() async throws {
        for kind in [ScriptedMethod.Kind.rotating, .replacing, .pairing] {
            let stage = RenewalStage(kind)
            var tokens = [try #require(stage.first.access)]
            for _ in 0..<4 {
                let ending = await stage.run(tokens.last, force: true)
                tokens.append(try #require(ending.token))
            }
            let asked = stage.method.log.count
            for token in tokens.dropLast() {
                let ending = await stage.run(token)
                #expect(ending.verdict == .reused && ending.token == tokens.last, "\(kind)")
                #expect(ending.result?.previous == stage.fingerprint(token))
                #expect(ending.result?.generation == 5)
                // Its renewal has been; `--force` is not for a second one.
                #expect(await stage.run(token, force: true).verdict == .reused, "\(kind)")
            }
            #expect(await stage.run(tokens.last).verdict == .unchanged)
            #expect(stage.method.log.count == asked, "\(stage.method.log.dropFirst(asked))")
        }
    }

    @Test("the current token is renewed when it runs out, whichever generation is presented")
    func dueByOldToken() async throws {
        let stage = RenewalStage(.rotating, life: .seconds(86_400))
        let second = await stage.run(force: true)
        stage.clock.advance(by: .seconds(86_000))
        let third = await stage.run()
        #expect(third.verdict == .renewed && third.result?.generation == 3)
        #expect(await stage.run(second.token).token == third.token)
    }

    @Test("a refresh token that the job was given once leads on, whether its server replaces it or not")
    func roots() async throws {
        for kind in [ScriptedMethod.Kind.granting, .silentGranting, .minting] {
            let stage = RenewalStage(kind, life: .seconds(86_400))
            let root = Presented(root: stage.first.root)
            var last: Ending?
            for generation in (kind == .minting ? 1 : 2)...5 {
                let ending = await stage.run(root)
                #expect(ending.verdict == .renewed && stage.isAlive(ending.token), "\(kind): \(ending.text)")
                #expect(ending.result?.generation == generation)
                #expect(await stage.run(root).token == ending.token)
                stage.clock.advance(by: .seconds(86_000))
                last = ending
            }
            #expect(last != nil && stage.method.violations == [])
        }
    }

    @Test("a superseded token with --force is reused, though the refresh token beside it is current")
    func forcedByOldAccess() async throws {
        let stage = RenewalStage(.granting)
        let second = await stage.run(force: true)
        let third = await stage.run(Presented(access: second.token, root: stage.first.root), force: true)
        #expect(third.verdict == .renewed)
        // The first refresh token is superseded; a newer access token beside it is not.
        let again = await stage.run(force: true)
        #expect(again.verdict == .reused && again.token == third.token)
    }

    @Test("a token that was put in by hand begins a family of its own, and the old one's members never lead to it")
    func byHand() async throws {
        let stage = RenewalStage(.rotating)
        let old = try #require(await stage.run(force: true).token)
        let oldFamily = try #require(stage.renewals.contents.families.first)
        stage.method.kill(old)
        let fresh = stage.method.make(at: stage.clock.now())
        let ending = await stage.run(fresh, force: true)
        #expect(ending.verdict == .renewed && ending.result?.generation == 2)
        let families = stage.renewals.contents.families
        #expect(families.count == 2)
        let details = stage.history.records.flatMap(\.events).filter { $0.event == "begin" }.compactMap(\.detail)
        #expect(
            details.count == 2 && details[1].contains(oldFamily.id.text)
                && details[1].contains(oldFamily.fingerprint.text))
        for token in [stage.first.access, old] {
            let other = await stage.run(token)
            #expect(other.token != ending.token && other.token != fresh)
        }
    }

    @Test("a configuration with other permissions, API or method is never served this family's token")
    func identities() async throws {
        let stage = RenewalStage(.replacing)
        let broad = await stage.run(force: true)
        let changes: [@Sendable (inout RenewalRequest) -> Void] = [
            { $0.renew?.settings.values["permissions"] = .text("read") },
            { $0.apiURL = ServerURL("https://other.example.com/api") },
            { $0.forge = "other" },
        ]
        for change in changes {
            let narrow = await stage.run(force: true, change)
            #expect(narrow.code == .done && narrow.token != broad.token, "\(narrow.text)")
        }
        #expect(stage.renewals.contents.families.count >= 4)
        #expect(await stage.run().token == broad.token)
    }

    @Test("two projects with one store, one key and one credential's name open nothing of each other")
    func twoProjects() async throws {
        let stage = RenewalStage(.rotating)
        let mine = await stage.run(force: true)
        let other = stage.method.make(at: stage.clock.now())
        let theirs = await stage.run(other, force: true)
        #expect(mine.code == .done && theirs.code == .done && mine.token != theirs.token)
        #expect(await stage.run().token == mine.token)
        #expect(await stage.run(other).token == theirs.token)
        let contents = stage.renewals.contents
        let (first, second) = (contents.families[0], contents.families[1])
        // The other's rows under one's own name.
        stage.renewals.tamper { contents in
            contents.members = contents.members.map { row in
                var row = row
                if row.family == first.id { row.family = second.id }
                return row
            }
        }
        let swapped = await stage.run()
        #expect(swapped.code == .cacheLocked && swapped.token == nil)
    }

    @Test("what was superseded and forgotten leads nowhere, and is not taken for a new beginning")
    func forgotten() async throws {
        for kind in [ScriptedMethod.Kind.rotating, .granting, .silentGranting, .replacing] {
            let stage = RenewalStage(kind)
            let first = await stage.run(force: true)
            let second = await stage.run(first.token, force: true)
            #expect(try stage.renewals.forgetSuperseded(credential: "release", family: nil) > 0)
            let asked = stage.method.renewals.count
            let rows = stage.renewals.contents.families
            for presented in [
                stage.first, Presented(access: kind == .granting ? nil : first.token, root: stage.first.root),
            ] {
                let ending = await stage.run(presented, force: true)
                #expect(ending.code == .rejected, "\(kind): \(ending.text)")
            }
            #expect(stage.method.renewals.count == asked, "\(kind)")
            #expect(stage.renewals.contents.families == rows)
            if stage.first.root == nil {
                #expect(await stage.run(second.token).token == second.token, "\(kind)")
            }
            #expect(stage.method.violations == [])
        }
    }
}

@Suite("Rows that were not written by a renewal")
struct ForgedRowTests {
    struct Forgery: Sendable, CustomTestStringConvertible {
        let name: String
        /// What is presented afterwards: the first token, or the current one.
        var byCurrent = false
        let change: @Sendable (inout RememberingRenewals.Contents) -> Void
        var testDescription: String { name }
    }

    static let forgeries: [Forgery] = [
        Forgery(name: "family: generation") { $0.families[0].generation = 1 },
        Forgery(name: "family: expiry") { $0.families[0].expiry = .at(Instant(seconds: 1)) },
        Forgery(name: "family: fingerprint") {
            $0.families[0].fingerprint = Fingerprint(of: Secret("another token altogether"), salt: [])
        },
        Forgery(name: "family: method") { $0.families[0].method = "other" },
        Forgery(name: "family: gone") { $0.families = [] },
        Forgery(name: "family: gone, by the current token", byCurrent: true) { $0.families = [] },
        Forgery(name: "member: generation") { contents in
            contents.members = contents.members.map { row in
                var row = row
                row.generation = 2
                return row
            }
        },
        Forgery(name: "member: gone") { $0.members.removeAll { $0.generation == 1 } },
        Forgery(name: "sealed: of another generation") { contents in
            let old = contents.sealed[0].sealed
            contents.sealed = contents.sealed.map { row in
                var row = row
                row.sealed = old
                row.sealed[20] ^= 1
                return row
            }
        },
        Forgery(name: "sealed: gone") { $0.sealed = [] },
        Forgery(name: "sealed: gone but for the access token") { $0.sealed.removeAll { $0.purpose != .access } },
        Forgery(name: "sealed: gone, by the current token", byCurrent: true) { $0.sealed = [] },
        Forgery(name: "journal: closed") { $0.journal[1].entry.state = .retired },
        Forgery(name: "journal: refused") { $0.journal[1].entry.state = .refused },
        Forgery(name: "journal: received") { $0.journal[1].entry.state = .received },
        Forgery(name: "journal: an older moment") { $0.journal[1].entry.sentAt = Instant(seconds: 1) },
        Forgery(name: "outbox: another target") { contents in
            contents.outbox = contents.outbox.map { row in
                var row = row
                row.label = "somewhere else"
                return row
            }
        },
    ]

    @Test("a forged row is told (41), and nothing is sent or published because of it", arguments: forgeries)
    func forged(_ forgery: Forgery) async throws {
        for kind in [ScriptedMethod.Kind.granting, .silentGranting, .rotating] {
            let stage = RenewalStage(kind)
            stage.target.fail(times: 1)
            let second = await stage.run(force: true, places: ["home"])
            #expect(second.code == .publishQueued)
            // A second renewal that is killed with its request on the wire.
            stage.target.silence()
            let current = Presented(access: second.token, root: stage.first.root)
            _ = await stage.run(current, force: true, places: ["home"], life: MortalRun(endsAt: 9))
            #expect(stage.states == [.retired, .sent])
            stage.target.silence("home", false)
            let (asked, published) = (stage.method.renewals.count, stage.target.log.count { $0.hasPrefix("publish") })
            stage.renewals.tamper(forgery.change)
            stage.clock.advance(by: .seconds(120))
            // Without its second secret a token that renews itself is whole.
            if forgery.name.hasSuffix("but for the access token"), kind == .rotating { continue }
            let presented = forgery.byCurrent ? current : stage.first
            let ending = await stage.run(presented, force: true, places: ["home"])
            let label: Comment = "\(kind), \(forgery.name): \(ending.text)"
            // Who presents the current token itself needs no copy of it.
            let needsNone = forgery.byCurrent && kind == .rotating && forgery.name.hasPrefix("sealed")
            #expect(ending.code == (needsNone ? .renewalInDoubt : .cacheLocked), label)
            #expect(stage.method.renewals.count == asked, label)
            #expect(stage.target.log.count { $0.hasPrefix("publish") } == published, label)
            #expect(stage.method.violations == [], label)
        }
    }

    @Test("a lost renewal that was painted over blocks its generation still")
    func paintedOver() async throws {
        for state in [RenewalState.refused, .retired] {
            let stage = RenewalStage(.granting)
            stage.method.script(.lostAfter)
            #expect(await stage.run(force: true).code == .renewalInDoubt)
            stage.renewals.tamper { $0.journal[0].entry.state = state }
            #expect(await stage.run(force: true).code == .cacheLocked)
            #expect(stage.method.renewals.count == 1)
        }
    }

    @Test("without a key, with another one, or with a broken one nothing is asked")
    func keys() async throws {
        let stage = RenewalStage(.rotating)
        let begun = await stage.run(force: true)
        #expect(begun.code == .done)
        let asked = stage.method.log.count
        for key in ["", String(repeating: "08", count: 32)] {
            let ending = await stage.run(force: true, variables: ["OUTLAST_KEY": key])
            #expect(ending.code == .cacheLocked)
        }
        #expect(stage.method.log.count == asked)
    }
}
