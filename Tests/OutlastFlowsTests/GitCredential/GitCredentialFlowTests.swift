// The helper as a flow: when a token is renewed first, when its forge is asked, and what is given when either fails.

import OutlastFlows
import OutlastGit
import OutlastModel
import OutlastTestKit
import Synchronization
import Testing

@Suite("git's helper as a flow", .timeLimit(.minutes(1)))
struct GitCredentialFlowTests {
    private let clock = FixedClock("2026-11-20T22:10:00Z")
    private let history = RememberingHistory(kinds: { $0 == "scripted" ? ScriptedForge.kind : nil })
    private let old = "scr-0123456789-0123456789"
    private let new = "scr-9876543210-9876543210"

    /// A supply that notes what it is asked for.
    private final class Supply: Sendable {
        let wishes = Mutex<[CurrentTokenWish]>([])
        let answer: @Sendable (CurrentTokenWish) -> Result<SuppliedToken, Failure>

        init(_ answer: @escaping @Sendable (CurrentTokenWish) -> Result<SuppliedToken, Failure>) {
            self.answer = answer
        }

        var give: CurrentTokenSupply {
            { _, wish, _ throws(Failure) in
                self.wishes.withLock { $0.append(wish) }
                return try self.answer(wish).get()
            }
        }

        var asked: [CurrentTokenWish] { wishes.withLock { $0 } }
    }

    private func credential(
        _ renew: RenewConfiguration? = RenewConfiguration(method: "some"), minRemaining: Duration? = nil
    ) -> CredentialConfiguration {
        CredentialConfiguration(
            name: "release", forge: "scripted", token: .env("T"), minRemaining: minRemaining, renew: renew)
    }

    private func get(
        _ credential: CredentialConfiguration, forge: ScriptedForge, supply: Supply? = nil,
        permission: GitCredentialRequest.Permission = .renew, isOffline: Bool = false,
        action: GitCredentialRequest.Action = .get, more: String = ""
    ) async throws -> (reply: String, notes: [String]) {
        let input = "protocol=https\nhost=scripted.example.com\n\(more)\n"
        let world = World.trapping(
            clock: PatientClock(clock), variables: ["T": old], forges: [forge], store: .success(history),
            input: Array(input.utf8))
        let outcome = try await GitCredentialFlow(world, git: Git(), supply: supply?.give).run(
            GitCredentialRequest(
                action: action, credentials: [credential], permission: permission, isOffline: isOffline))
        return (outcome.reply.reveal(), outcome.notes)
    }

    private func living() -> ScriptedForge {
        ScriptedForge(until: clock.now().advanced(by: .seconds(7200)), at: clock.now())
    }

    private func dead() -> ScriptedForge {
        let now = clock.now()
        return ScriptedForge { _ in .success(TokenReading(standing: .revoked, readAt: now)) }
    }

    private var silent: ScriptedForge { ScriptedForge { _ in .failure(.unreachable("nobody is there")) } }

    @Test("the current token of the family is given with its end, and its forge is not asked")
    func renewed() async throws {
        let (token, end) = (new, clock.now().advanced(by: .seconds(600)))
        let supply = Supply { _ in .success(SuppliedToken(token: Secret(token), expiry: .at(end), notes: ["renewed"])) }
        let forge = living()
        let found = try await get(credential(minRemaining: .seconds(900)), forge: forge, supply: supply)
        #expect(found.reply == "username=oauth2\npassword=\(new)\npassword_expiry_utc=\(end.seconds)\n")
        #expect(found.notes == ["renewed"] && supply.asked == [CurrentTokenWish(mayRenew: true, limit: .seconds(900))])
        #expect(forge.questions == 0)
    }

    @Test("what may not be renewed here is only looked up")
    func lookedUp() async throws {
        let token = new
        for (renew, permission) in [
            (RenewConfiguration(method: "some", by: .operator), GitCredentialRequest.Permission.renew),
            (RenewConfiguration(method: "some"), .report),
        ] {
            let supply = Supply { _ in .success(SuppliedToken(token: Secret(token), expiry: .never)) }
            let found = try await get(credential(renew), forge: living(), supply: supply, permission: permission)
            #expect(found.reply == "username=oauth2\npassword=\(new)\n")
            #expect(supply.asked == [CurrentTokenWish()])
        }
        for renew in [nil, RenewConfiguration(method: "none")] {
            let supply = Supply { _ in .failure(.usage("nobody asks")) }
            let found = try await get(credential(renew), forge: living(), supply: supply)
            #expect(found.reply.contains(old) && supply.asked.isEmpty)
        }
        let supply = Supply { _ in .success(SuppliedToken(token: Secret(token), expiry: .never)) }
        let offline = try await get(credential(), forge: silent, supply: supply, isOffline: true)
        #expect(offline.reply.contains(new) && supply.asked == [CurrentTokenWish()])
    }

    @Test(
        "a renewal that fails leaves the presented token, with a word about it",
        arguments: [
            ExitCode.renewalFailed, .leaseHeld, .cacheLocked, .unreachable, .slowDown, .configuration,
        ])
    func failed(_ code: ExitCode) async throws {
        let supply = Supply { _ in .failure(Failure(code, "it did not work")) }
        let found = try await get(credential(), forge: living(), supply: supply)
        // A lock harms nothing yet: what it is gone on with is said too.
        let what = code == .cacheLocked ? "only the token that the job was started with can be used: " : ""
        #expect(found.reply.contains(old) && found.notes.first == "release: \(what)it did not work")
    }

    @Test("a credential without a token of its own, whose renewal fails, leaves the answer to others")
    func nothingToGive() async throws {
        var minted = credential()
        minted.token = nil
        let locked = Supply { _ in .failure(Failure(.cacheLocked, "no key is given")) }
        let found = try await get(minted, forge: silent, supply: locked)
        #expect(found.reply.isEmpty && found.notes.first == "release: no key is given")
        let (token, end) = (new, clock.now().advanced(by: .seconds(7200)))
        let mint = Supply { _ in .success(SuppliedToken(token: Secret(token), expiry: .at(end))) }
        #expect(try await get(minted, forge: silent, supply: mint).reply.contains(new))
        #expect(mint.asked == [CurrentTokenWish(mayRenew: true)])
    }

    @Test("a renewal that fails leaves the newer token that the state has; its forge is asked where that is in doubt")
    func failedWithNewer() async throws {
        let (token, end) = (new, clock.now().advanced(by: .seconds(300)))
        for (code, questions) in [(ExitCode.renewalFailed, 0), (.leaseHeld, 0), (.rejected, 1), (.renewalInDoubt, 1)] {
            let supply = Supply { _ in
                .success(
                    SuppliedToken(token: Secret(token), expiry: .at(end), failure: Failure(code, "it did not work")))
            }
            let forge = living()
            let found = try await get(credential(), forge: forge, supply: supply)
            #expect(found.reply.contains(new) && found.notes.first == "release: it did not work", "\(code)")
            #expect(forge.questions == questions, "\(code)")
            let stopped = try await get(credential(), forge: dead(), supply: supply)
            #expect(stopped.reply.contains(new) == (questions == 0), "\(code): \(stopped.reply)")
        }
    }

    @Test("a token of the state that is over is asked about, and renewed where its forge agrees")
    func over() async throws {
        let (first, second) = (new, "scr-5555555555-5555555555")
        let (past, end) = (clock.now().advanced(by: .seconds(-5)), clock.now().advanced(by: .seconds(7200)))
        let supply = Supply { wish in
            .success(
                wish.dead == nil
                    ? SuppliedToken(token: Secret(first), expiry: .at(past))
                    : SuppliedToken(token: Secret(second), expiry: .at(end)))
        }
        #expect(try await get(credential(), forge: dead(), supply: supply).reply.contains(second))
        #expect(try await get(credential(), forge: silent, supply: supply).reply.contains(second))
    }

    @Test("a dead token without `renew` is replaced by what another run has made of it")
    func renewedElsewhere() async throws {
        let (token, end) = (new, clock.now().advanced(by: .seconds(7200)))
        let supply = Supply { _ in .success(SuppliedToken(token: Secret(token), expiry: .at(end))) }
        #expect(try await get(credential(nil), forge: dead(), supply: supply).reply.contains(new))
        #expect(supply.asked == [CurrentTokenWish()])
        let none = Supply { _ in .failure(Failure(.cacheLocked, "no key is given")) }
        let stopped = try await get(credential(nil), forge: dead(), supply: none)
        #expect(stopped.reply == "quit=1\n" && !stopped.notes.contains { $0.contains("key") })
    }

    @Test("a dead token and a renewal that cannot replace it make everybody stop")
    func stops() async throws {
        let lost = Supply { _ in .failure(Failure(.rejected, "the token of release is not accepted")) }
        #expect(try await get(credential(), forge: living(), supply: lost).reply == "quit=1\n")
        let doubtful = Supply { _ in .failure(Failure(.renewalInDoubt, "nobody knows")) }
        #expect(try await get(credential(), forge: dead(), supply: doubtful).reply == "quit=1\n")
        #expect(try await get(credential(), forge: living(), supply: doubtful).reply.contains(old))
    }

    @Test("without a renewal, a token that its forge calls dead makes everybody stop")
    func plainlyDead() async throws {
        let plain = try await get(credential(nil), forge: dead())
        #expect(plain.reply == "quit=1\n" && plain.notes.contains { $0.contains("revoked") })
    }

    @Test("a token that was refused and is dead is renewed, one that lives is given again")
    func doubted() async throws {
        let (first, second) = (old, new)
        let supply = Supply { wish in
            .success(SuppliedToken(token: Secret(wish.dead == nil ? first : second), expiry: .unknown))
        }
        _ = try await get(
            credential(), forge: silent, supply: supply, action: .erase, more: "username=oauth2\npassword=\(old)\n")
        let fingerprint = Fingerprint(of: Secret(old), salt: history.salt)
        #expect(try history.doubt(about: fingerprint)?.place == "scripted.example.com")
        let unreachable = try await get(credential(), forge: silent, supply: supply)
        #expect(unreachable.reply.contains(old) && unreachable.notes.contains { $0.contains("could not be asked") })
        #expect(try history.doubt(about: fingerprint) != nil)
        let living = living()
        #expect(try await get(credential(), forge: living, supply: supply).reply.contains(old))
        #expect(living.questions == 1)
        #expect(try history.doubt(about: fingerprint) == nil)
        let outcomes = history.records.flatMap(\.events).map { "\($0.event) \($0.outcome)" }
        #expect(outcomes.contains("auth_failure forbidden") && outcomes.contains("credential doubted"))
        _ = try await get(credential(), forge: silent, supply: supply, action: .erase, more: "password=\(old)\n")
        #expect(try await get(credential(), forge: dead(), supply: supply).reply.contains(new))
        #expect(supply.asked.last == CurrentTokenWish(mayRenew: true, limit: .zero, dead: fingerprint))
    }

    @Test("what became of a refusal is a failure that history tells, and a renewal that mended it is none")
    func told() async throws {
        let told = { history.records.flatMap(\.events).filter { $0.diagnosis != nil } }
        let refusal = "path=group/app.git\nusername=oauth2\npassword=\(old)\n"
        _ = try await get(credential(nil), forge: living(), action: .erase, more: refusal)
        #expect(told().isEmpty)
        _ = try await get(credential(nil), forge: living())
        let forbidden = try #require(told().first)
        #expect(forbidden.diagnosis?.class == .forbidden && forbidden.source == .git)
        #expect(forbidden.fingerprint == Fingerprint(of: Secret(old), salt: history.salt))
        #expect(forbidden.diagnosis?.line?.hasPrefix("scripted.example.com/group/app.git: refused there") == true)
        // Nobody was refused since: nothing more is told.
        _ = try await get(credential(nil), forge: living())
        #expect(told().count == 1)
        _ = try await get(credential(nil), forge: living(), action: .erase, more: refusal)
        #expect(try await get(credential(nil), forge: dead()).reply == "quit=1\n")
        #expect(told().map { $0.diagnosis?.class } == [.forbidden, .authRevoked])
        let (first, second, now) = (old, new, clock.now())
        let supply = Supply { wish in
            .success(
                SuppliedToken(
                    token: Secret(wish.dead == nil ? first : second), expiry: .unknown,
                    reading: wish.dead == nil ? nil : TokenReading(standing: .alive, readAt: now)))
        }
        _ = try await get(credential(), forge: dead(), supply: supply, action: .erase, more: refusal)
        #expect(try await get(credential(), forge: dead(), supply: supply).reply.contains(new))
        #expect(told().count == 2)
    }

    @Test("a living token that is refused eight times in a minute is not given again while that goes on")
    func refusedForGood() async throws {
        let refusal = "username=oauth2\npassword=\(old)\n"
        for round in 1...10 {
            clock.advance(by: .seconds(1))
            _ = try await get(credential(nil), forge: living(), action: .erase, more: refusal)
            let found = try await get(credential(nil), forge: living())
            if round < 8 {
                #expect(found.reply.contains(old), "\(round)")
            } else {
                #expect(
                    found.reply == "quit=1\n" && found.notes.contains { $0.contains("goes on refusing") }, "\(round)")
            }
        }
        // Whoever comes without having seen it refused gets it, and so does everybody when the minute is over.
        #expect(try await get(credential(nil), forge: living()).reply.contains(old))
        clock.advance(by: .seconds(61))
        _ = try await get(credential(nil), forge: living(), action: .erase, more: refusal)
        #expect(try await get(credential(nil), forge: living()).reply.contains(old))
    }

    @Test("only the very password that we gave is doubted")
    func othersPasswords() async throws {
        let token = new
        let supply = Supply { _ in .success(SuppliedToken(token: Secret(token), expiry: .never)) }
        for more in ["", "password=\(old)x\n", "password=\n", "username=oauth2\n"] {
            let found = try await get(credential(), forge: silent, supply: supply, action: .erase, more: more)
            #expect(found.reply.isEmpty && history.records.isEmpty, "\(more)")
        }
        _ = try await get(credential(), forge: silent, supply: supply, action: .erase, more: "password=\(new)\n")
        #expect(history.records.count == 1)
    }

    @Test("a configured user name is given, and one that is asked for and is another is somebody else's")
    func usernames() async throws {
        var named = credential(nil)
        named.username = "deploy"
        #expect(try await get(named, forge: living()).reply.hasPrefix("username=deploy\n"))
        #expect(try await get(named, forge: living(), more: "username=deploy\n").reply.hasPrefix("username=deploy\n"))
        #expect(try await get(named, forge: living(), more: "username=alice\n").reply.isEmpty)
    }
}
