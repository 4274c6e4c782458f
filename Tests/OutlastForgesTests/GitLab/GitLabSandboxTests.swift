// The same questions over a real connection to the sandbox: clock, states and faults of a server.

import OutlastModel
import OutlastSandbox
import OutlastSystem
import OutlastTestKit
import Testing

@testable import OutlastForges

/// A GitLab to ask, over the real transport.
private struct Rehearsal {
    let sandbox: Sandbox
    let clock = FixedClock("2026-11-20T22:10:00Z")
    let transport = NetworkTransport(version: "test", variables: Variables([:]))
    var timeout = Duration.seconds(10)

    func ask(_ secret: String, as kind: TokenKind = .opaque) async throws -> TokenReading {
        let question = TokenQuestion(
            token: Secret(secret), api: try #require(ServerURL(sandbox.gitlabAPI)), kind: kind, timeout: timeout)
        return try await GitLab().inspect(question, over: transport, clock: clock)
    }

    func failure(_ secret: String) async throws -> Failure {
        try #require(
            await #expect(throws: Failure.self) { _ = try await ask(secret, as: GitLab.accessToken) })
    }
}

@Suite("GitLab, rehearsed")
struct GitLabSandboxTests {
    @Test("access tokens are told apart by whose they are, asked as such or as anything")
    func kinds() async throws {
        try await withSandbox { sandbox in
            let rehearsal = Rehearsal(sandbox: sandbox)
            let tokens = [
                ("gitlab-personal", try sandbox.gitlab.addToken(scopes: ["api"], expiresOn: "2026-12-20")),
                (
                    "gitlab-project",
                    try sandbox.gitlab.addToken(
                        .project("group/app", level: 40), scopes: ["read_api"], expiresOn: "2026-12-20")
                ),
                (
                    "gitlab-group",
                    try sandbox.gitlab.addToken(.group("group", level: 40), scopes: ["read_user"], expiresOn: nil)
                ),
                (
                    "gitlab-service-account",
                    try sandbox.gitlab.addToken(.serviceAccount(group: "group"), scopes: ["api"], expiresOn: nil)
                ),
                ("gitlab-access-token", try sandbox.gitlab.addToken(scopes: ["read_repository"], expiresOn: nil)),
            ]
            for (id, token) in tokens {
                for kind in [GitLab.accessToken, .opaque] {
                    let reading = try await rehearsal.ask(token.secret, as: kind)
                    #expect(reading.standing == .alive && reading.kind?.id == id)
                    #expect(reading.tokenID == String(token.id))
                    #expect(reading.clockSkew == .zero)
                }
            }
            #expect(sandbox.log.allSatisfy { $0.method == "GET" && !$0.committed })
        }
    }

    @Test("a date is dead from its first second on, by the forge's clock")
    func midnight() async throws {
        try await withSandbox { sandbox in
            let rehearsal = Rehearsal(sandbox: sandbox)
            let token = try sandbox.gitlab.addToken(scopes: ["read_repository"], expiresOn: "2026-11-21")
            try sandbox.setClock("2026-11-20T23:59:59Z")
            let before = try await rehearsal.ask(token.secret, as: GitLab.accessToken)
            #expect(before.standing == .alive && before.expiry.instant?.text == "2026-11-21T00:00:00Z")
            #expect(before.clockSkew == .seconds(6599), "the forge's clock, not ours")
            sandbox.advanceClock(by: 1)
            #expect(try await rehearsal.ask(token.secret, as: GitLab.accessToken).standing == .expired)
        }
    }

    @Test("revoked, unknown, blocked: each by its name")
    func refusals() async throws {
        try await withSandbox { sandbox in
            let rehearsal = Rehearsal(sandbox: sandbox)
            let revoked = try sandbox.gitlab.addToken(scopes: ["api"], expiresOn: "2026-12-20")
            sandbox.gitlab.revokeToken(revoked.id)
            let forgotten = try sandbox.gitlab.addToken(scopes: ["api"], expiresOn: "2026-12-20")
            sandbox.gitlab.forgetToken(forgotten.id)
            let blocked = try sandbox.gitlab.addToken(scopes: ["api"], expiresOn: "2026-12-20")
            for kind in [GitLab.accessToken, .opaque] {
                #expect(try await rehearsal.ask(revoked.secret, as: kind).standing == .revoked)
                #expect(try await rehearsal.ask(forgotten.secret, as: kind).standing == .rejected)
                #expect(try await rehearsal.ask("glpat-never-was-one-0000", as: kind).standing == .rejected)
            }
            try sandbox.gitlab.setUserState("dev", .blocked)
            #expect(try await rehearsal.ask(blocked.secret, as: GitLab.accessToken).standing == .blocked)
        }
    }

    @Test("a job token lives while its job does")
    func job() async throws {
        try await withSandbox { sandbox in
            let rehearsal = Rehearsal(sandbox: sandbox)
            let job = try sandbox.gitlab.addJob(project: "group/app", user: "dev")
            for kind in [GitLab.job, .opaque] {
                let reading = try await rehearsal.ask(job.secret, as: kind)
                #expect(reading.standing == .alive && reading.kind == GitLab.job)
            }
            sandbox.gitlab.finishJob(job.id)
            for kind in [GitLab.job, .opaque] {
                #expect(try await rehearsal.ask(job.secret, as: kind).standing == .rejected)
            }
        }
    }

    @Test("an OAuth token ends after its two hours, in both dialects", arguments: [false, true])
    func oauth(_ isOlder: Bool) async throws {
        try await withSandbox { sandbox in
            let rehearsal = Rehearsal(sandbox: sandbox)
            sandbox.gitlab.changeRules { $0.olderTokenInfo = isOlder }
            sandbox.gitlab.addApplication(clientID: "app", secret: "s")
            let grant = try sandbox.gitlab.addGrant(clientID: "app", user: "dev", scopes: ["api"], expiresIn: 7200)
            for kind in [GitLab.oauth, .opaque] {
                let reading = try await rehearsal.ask(grant.accessToken, as: kind)
                #expect(reading.standing == .alive && reading.kind == GitLab.oauth)
                #expect(reading.expiry.instant?.text == "2026-11-21T00:10:00Z")
            }
            sandbox.advanceClock(by: 7199)
            #expect(try await rehearsal.ask(grant.accessToken, as: GitLab.oauth).standing == .alive)
            sandbox.advanceClock(by: 1)
            for kind in [GitLab.oauth, .opaque] {
                #expect(try await rehearsal.ask(grant.accessToken, as: kind).standing == .expired)
            }
        }
    }

    @Test("an answer that is spoilt on its way is no news about the token, and names the host")
    func faults() async throws {
        // Only what never ends is cut short: a busy machine may be slow about all the rest.
        let endless: [(FaultKind, String)] = [
            (.delay(milliseconds: 60_000, .before), ""), (.drip(milliseconds: 200), ""),
        ]
        let faults: [(FaultKind, String)] = [
            (.html(.before), "HTML page"), (.empty(.before), "empty body"),
            (.body("{}", contentType: "application/json", .before), "object"),
            (.body("[1", contentType: "application/json", .before), "ends early"),
            (.status(500, .before, retryAfter: nil), "500"), (.redirect("/api/v4/x", status: 302), "404"),
            (.drop(.before), ""), (.truncate(bytes: 20), ""), (.oversize(bytes: 10 << 20), ""),
        ]
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken(scopes: ["read_repository"], expiresOn: "2026-12-20")
            let bounded = faults.map { ($0.0, $0.1, Duration.seconds(60)) } + endless.map { ($0.0, $0.1, .seconds(1)) }
            for (fault, words, timeout) in bounded {
                sandbox.clearFaults()
                sandbox.addFault(FaultRule(fault, path: "/api/v4/personal_access_tokens/self"))
                let failure = try await Rehearsal(sandbox: sandbox, timeout: timeout).failure(token.secret)
                #expect(failure.code == .unreachable, "\(fault)")
                #expect(failure.message.contains("127.0.0.1:\(sandbox.port)"), "\(fault): \(failure.message)")
                #expect(failure.message.contains(words), "\(fault): \(failure.message)")
            }
        }
    }

    @Test("a redirect to another port gets neither token nor request")
    func redirect() async throws {
        try await withSandbox { sandbox in
            try await withSandbox { elsewhere in
                let token = try sandbox.gitlab.addToken(scopes: ["read_repository"], expiresOn: "2026-12-20")
                let target = elsewhere.gitlabAPI + "/personal_access_tokens/self"
                sandbox.addFault(FaultRule(.redirect(target, status: 307), path: "/api/v4/"))
                let failure = try await Rehearsal(sandbox: sandbox).failure(token.secret)
                #expect(failure.code == .unreachable)
                #expect(failure.message.contains("127.0.0.1:\(elsewhere.port)"))
                #expect(failure.message.contains("the token was not sent there"))
                #expect(elsewhere.log.isEmpty)
            }
        }
    }

    @Test("a throttled API is left alone for as long as it says")
    func throttled() async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken(scopes: ["read_repository"], expiresOn: "2026-12-20")
            sandbox.gitlab.changeRules { $0.rateLimit = .init(requests: 1, seconds: 60) }
            let rehearsal = Rehearsal(sandbox: sandbox)
            #expect(try await rehearsal.ask(token.secret, as: GitLab.accessToken).standing == .alive)
            let failure = try await rehearsal.failure(token.secret)
            #expect(failure.code == .slowDown && failure.message.contains("try again in"))
            #expect(sandbox.log.count == 2)
        }
    }
}
