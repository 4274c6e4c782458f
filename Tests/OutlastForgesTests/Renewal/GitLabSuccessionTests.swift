// The two methods that leave the old token alive for the jobs that still use it.
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("gitlab-replace and gitlab-pair", .serialized)
struct GitLabSuccessionTests {
    private func rehearsal(
        _ method: any RenewalMethod, _ sandbox: Sandbox, with: String?, settings: [String: SettingValue] = [:]
    ) throws -> RenewalRehearsal {
        try RenewalRehearsal(
            method, api: sandbox.gitlabAPI, settings: settings, secrets: with.map { ["with": $0] } ?? [:])
    }

    private func retire(_ rehearsal: RenewalRehearsal, _ old: TokenBundle) async -> Failure? {
        do throws(Failure) {
            try await rehearsal.method.retire(old, rehearsal.context)
            return nil
        } catch { return error }
    }

    @Test("a successor has the name, scopes and role of the old token, which lives on for the grace")
    func replaces() async throws {
        try await withSandbox { sandbox in
            let owner = try sandbox.gitlab.addToken(.personal(user: "dev"), name: "owner")
            let admin = try sandbox.gitlab.addToken(.personal(user: "root"), name: "admin")
            let kinds: [(SandboxTokenKind, String)] = [
                (.project("group/app", level: 30), owner.secret), (.group("group", level: 30), owner.secret),
                (.serviceAccount(group: "group"), owner.secret), (.personal(user: "dev"), admin.secret),
            ]
            for (kind, with) in kinds {
                let token = try sandbox.gitlab.addToken(kind, name: "\(kind)", scopes: ["write_repository"])
                let old = TokenBundle(access: Secret(token.secret))
                let rehearsal = try rehearsal(
                    GitLabReplace(), sandbox, with: with, settings: ["grace": .duration(.seconds(3600))])
                #expect(await rehearsal.refusal(old) == nil)
                let new = try await rehearsal.renewed(old)
                #expect(new.name == "\(kind)" && new.scopes == ["write_repository"])
                #expect(new.expiry.instant?.day.text == "2026-12-20" || new.expiry.instant?.day.text == "2026-12-21")
                #expect(await rehearsal.probe(new).name == "alive")
                #expect(await rehearsal.probe(old).name == "alive")
                let early = await retire(rehearsal, old)
                #expect(early?.code == .renewalFailed && early?.message.contains("stays alive until") == true)
                sandbox.advanceClock(by: 3600)
                #expect(await retire(rehearsal, old) == nil)
                #expect(await rehearsal.probe(old).name == "dead: revoked")
                #expect(await retire(rehearsal, old) == nil, "a second time is fine")
                #expect(await rehearsal.probe(new).name == "alive")
            }
        }
    }

    @Test("the old token is not revoked before a successor is to be seen, and the role is kept")
    func cautious() async throws {
        try await withSandbox { sandbox in
            let owner = try sandbox.gitlab.addToken(.personal(user: "dev"), name: "owner")
            let token = try sandbox.gitlab.addToken(.project("group/app", level: 30), name: "bot")
            let old = TokenBundle(access: Secret(token.secret))
            let rehearsal = try rehearsal(
                GitLabReplace(), sandbox, with: owner.secret, settings: ["grace": .duration(.zero)])
            #expect(await retire(rehearsal, old)?.message.contains("no successor") == true)
            _ = try await rehearsal.renewed(old)
            #expect(await retire(rehearsal, old) == nil)
            #expect(sandbox.gitlab.token(token.id)?.revoked == true)
            #expect(GitLabReplace().warning?.contains("bot user") == true)
            let bare = try self.rehearsal(GitLabReplace(), sandbox, with: nil)
            #expect(await bare.refusal(old)?.code == .configuration)
        }
    }

    @Test("every fault of the creation is yes, no or doubt, and the old token lives on", arguments: DecisiveFault.all)
    func replaceFaults(_ fault: DecisiveFault) async throws {
        try await withSandbox { sandbox in
            let owner = try sandbox.gitlab.addToken(.personal(user: "dev"), name: "owner")
            let token = try sandbox.gitlab.addToken(.project("group/app", level: 30))
            let rehearsal = try rehearsal(GitLabReplace(), sandbox, with: owner.secret)
            sandbox.addFault(FaultRule(fault.kind, method: "POST", path: "/access_tokens", match: .contains))
            #expect(await rehearsal.renew(TokenBundle(access: Secret(token.secret))).name == fault.expected)
            #expect(sandbox.counters.commits(of: "gitlab.create") == (fault.hasCommitted ? 1 : 0))
            #expect(sandbox.counters.requests(of: "gitlab.create") == 1)
            #expect(sandbox.gitlab.token(token.id)?.active == true && sandbox.counters.replays.isEmpty)
        }
    }

    @Test("a pair begins with a second token, then the idle one is rotated in turn")
    func takesTurns() async throws {
        try await withSandbox { sandbox in
            let owner = try sandbox.gitlab.addToken(.personal(user: "dev"), name: "owner")
            let a = try sandbox.gitlab.addToken(.project("group/app", level: 30), scopes: ["write_repository"])
            let rehearsal = try rehearsal(GitLabPair(), sandbox, with: owner.secret)
            let first = TokenBundle(access: Secret(a.secret))
            let second = try await rehearsal.renewed(first)
            #expect(second.partner?.matches(first.access) == true)
            #expect(sandbox.counters.commits(of: "gitlab.create") == 1)
            let third = try await rehearsal.renewed(second)
            #expect(third.partner?.matches(second.access) == true)
            #expect(sandbox.gitlab.token(a.id)?.revoked == true, "only the idle one was rotated")
            #expect(await rehearsal.probe(second).name == "alive")
            #expect(await rehearsal.probe(third).name == "alive")
            #expect(sandbox.counters.commits(of: "gitlab.rotate") == 1 && sandbox.counters.replays.isEmpty)
        }
    }

    @Test("a pair needs no managing credential as long as the idle token can rotate itself")
    func alone() async throws {
        try await withSandbox { sandbox in
            let a = try sandbox.gitlab.addToken(scopes: ["self_rotate"])
            let b = try sandbox.gitlab.addToken(scopes: ["self_rotate"])
            let rehearsal = try rehearsal(GitLabPair(), sandbox, with: nil)
            let pair = TokenBundle(access: Secret(a.secret), partner: Secret(b.secret))
            let next = try await rehearsal.renewed(pair)
            #expect(next.partner?.matches(pair.access) == true && sandbox.gitlab.token(a.id)?.active == true)
            // The old pair once more: its idle token is spent, and that is noticed without touching it.
            let again = await rehearsal.renew(pair)
            #expect(again.name == "refused 20" && again.failure?.message.contains("idle token") == true)
            #expect(sandbox.counters.replays.isEmpty)
            #expect(await rehearsal.probe(next).name == "alive")
        }
    }

    @Test(
        "a lost answer costs the idle token alone, and a managing credential makes a new one",
        arguments: DecisiveFault.all)
    func pairFaults(_ fault: DecisiveFault) async throws {
        try await withSandbox { sandbox in
            let owner = try sandbox.gitlab.addToken(.personal(user: "dev"), name: "owner")
            let a = try sandbox.gitlab.addToken(.project("group/app", level: 30), scopes: ["self_rotate"])
            let b = try sandbox.gitlab.addToken(.project("group/app", level: 30), scopes: ["self_rotate"])
            let rehearsal = try rehearsal(GitLabPair(), sandbox, with: owner.secret)
            let pair = TokenBundle(access: Secret(a.secret), partner: Secret(b.secret))
            sandbox.addFault(FaultRule(fault.kind, method: "POST", path: "/rotate", match: .contains))
            #expect(await rehearsal.renew(pair).name == fault.expected)
            #expect(sandbox.gitlab.token(a.id)?.active == true)
            let next = try await rehearsal.renewed(pair)
            #expect(next.partner?.matches(pair.access) == true)
            #expect(sandbox.counters.commits(of: "gitlab.create") == (fault.hasCommitted ? 1 : 0))
            #expect(sandbox.counters.replays.isEmpty)
        }
    }
}
