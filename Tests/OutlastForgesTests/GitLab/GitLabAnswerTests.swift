// GitLab's answers about access tokens, from the book of facts: each told apart as far as GitLab does.

import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("GitLab's answers")
struct GitLabAnswerTests {
    static let api = "https://gitlab.example.com/api/v4"
    static let selfLine = "GET \(api)/personal_access_tokens/self"
    static let jobLine = "GET \(api)/job"
    static let infoLine = "GET https://gitlab.example.com/oauth/token/info"
    static let userLine = "GET \(api)/user"

    static func token(
        expiresAt: SandboxJSON = "2026-11-21", scopes: [SandboxJSON] = ["read_repository"], active: Bool = true,
        revoked: Bool = false
    ) throws -> HTTPResponse {
        try .fact(
            "gitlab.token",
            [
                "id": .int(42), "name": "deploy", "revoked": .bool(revoked), "active": .bool(active),
                "scopes": .array(scopes), "user_id": .int(7), "expires_at": expiresAt,
                "created_at": "2026-01-01T00:00:00.000Z",
            ])
    }

    static func user(_ name: String, bot: SandboxJSON) throws -> HTTPResponse {
        try .fact("gitlab.user", ["id": .int(7), "username": .string(name), "bot": bot])
    }

    @Test("a living access token tells its id, name, scopes and date")
    func alive() async throws {
        let (reading, credentials) = try await GitLab().ask(
            GitLab.accessToken, at: Self.api, [.init(Self.selfLine, try Self.token())])
        #expect(credentials == ["PRIVATE-TOKEN: …"])
        #expect(reading.standing == .alive)
        #expect(reading.kind == GitLab.accessToken, "its scope does not let it ask whose it is")
        #expect(reading.tokenID == "42")
        #expect(reading.name == "deploy")
        #expect(reading.scopes == ["read_repository"])
        #expect(reading.expiry.instant?.text == "2026-11-21T00:00:00Z")
        #expect(reading.readAt.text == "2026-11-20T22:10:00Z")
    }

    @Test("without an end it has none, and what is not told is not known")
    func noEnd() async throws {
        let never = try await GitLab().ask(
            GitLab.accessToken, at: Self.api, [.init(Self.selfLine, try Self.token(expiresAt: .null))])
        #expect(never.reading.expiry == .never)
        let silent = HTTPResponse.json(#"{"id": 1, "active": true, "scopes": [], "new_key": {"x": 1}}"#)
        let unknown = try await GitLab().ask(GitLab.accessToken, at: Self.api, [.init(Self.selfLine, silent)])
        #expect(unknown.reading.expiry == .unknown)
    }

    @Test(
        "its owner is told by one more question where the scopes allow it",
        arguments: [
            ("dev", false, "gitlab-personal"), ("project_12_bot_0a1b2c", true, "gitlab-project"),
            ("project_12_bot", true, "gitlab-project"), ("group_7_bot_0a1b", true, "gitlab-group"),
            ("service_account_group_7_0a1b", true, "gitlab-service-account"),
            ("release-robot", true, "gitlab-access-token"), ("project_x_bot_1", true, "gitlab-access-token"),
            ("project_12_bot_0a1b2c", false, "gitlab-personal"), ("dev", .null, "gitlab-access-token"),
        ] as [(String, SandboxJSON, String)])
    func owner(_ name: String, _ bot: SandboxJSON, _ kind: String) async throws {
        for scope in ["api", "read_api", "read_user"] {
            let (reading, _) = try await GitLab().ask(
                GitLab.accessToken, at: Self.api,
                [
                    .init(Self.selfLine, try Self.token(scopes: [.string(scope)])),
                    .init(Self.userLine, try Self.user(name, bot: bot)),
                ])
            #expect(reading.kind?.id == kind)
        }
    }

    @Test("not being told whose it is takes nothing from the answer")
    func ownerUntold() async throws {
        let answers: [HTTPResponse] = [.html("<h1>?</h1>"), try .fact("gitlab.forbidden"), .json("{}")]
        for answer in answers {
            let (reading, _) = try await GitLab().ask(
                GitLab.accessToken, at: Self.api,
                [.init(Self.selfLine, try Self.token(scopes: ["api"])), .init(Self.userLine, answer)])
            #expect(reading.standing == .alive && reading.kind == GitLab.accessToken)
        }
    }

    @Test("an object that names its resource needs no further question")
    func resource() async throws {
        for (word, kind) in [("Project", GitLab.project), ("group", GitLab.group)] {
            let answer = HTTPResponse.json(
                #"{"id": 1, "active": true, "revoked": false, "scopes": ["api"], "resource_type": "\#(word)"}"#)
            let (reading, _) = try await GitLab().ask(GitLab.accessToken, at: Self.api, [.init(Self.selfLine, answer)])
            #expect(reading.kind == kind)
        }
    }

    @Test("granular tokens have no scopes that could be compared")
    func granular() async throws {
        let answer = HTTPResponse.json(#"{"id": 1, "active": true, "scopes": ["granular"], "granular": true}"#)
        let (reading, _) = try await GitLab().ask(GitLab.accessToken, at: Self.api, [.init(Self.selfLine, answer)])
        #expect(reading.scopes == nil)
    }

    @Test("what the object says of itself is believed")
    func inactive() async throws {
        let rows: [(HTTPResponse, TokenStanding)] = [
            (try Self.token(active: false, revoked: true), .revoked),
            (try Self.token(expiresAt: "2026-11-20", active: false), .expired),
            (try Self.token(active: false), .rejected),
        ]
        for (answer, standing) in rows {
            let (reading, _) = try await GitLab().ask(GitLab.accessToken, at: Self.api, [.init(Self.selfLine, answer)])
            #expect(reading.standing == standing)
        }
    }

    @Test(
        "refusals are told apart as far as GitLab does",
        arguments: [
            ("gitlab.auth.unknown", .rejected, "knows no such token"), ("gitlab.auth.expired", .expired, "expired"),
            ("gitlab.auth.revoked", .revoked, "revoked"),
            ("gitlab.auth.impersonationDisabled", .rejected, "impersonation is switched off"),
            ("gitlab.auth.dpop", .rejected, "DPoP"), ("gitlab.forbidden", .insufficientScope(needs: []), "alive"),
            ("gitlab.auth.scope", .insufficientScope(needs: ["api", "read_api"]), "alive"),
        ] as [(String, TokenStanding, String)])
    func refusals(_ fact: String, _ standing: TokenStanding, _ words: String) async throws {
        let answer = try HTTPResponse.fact(
            fact, ["scopes": "api read_api", "reason": "no proof"], headers: [("X-Request-Id", "01HXYZ")])
        let (reading, _) = try await GitLab().ask(GitLab.accessToken, at: Self.api, [.init(Self.selfLine, answer)])
        #expect(reading.standing == standing)
        #expect(reading.expiry == .unknown)
        #expect(reading.detail?.contains(words) == true, "\(reading.detail ?? "")")
        #expect(reading.detail?.contains("01HXYZ") == true)
    }

    @Test(
        "a token is fine where its owner is not",
        arguments: [
            "blocked", "deactivated", "password_expired", "terms_not_accepted", "unconfirmed", "pending_approval",
        ])
    func blocked(_ state: String) async throws {
        let reason = try #require(FactBook.standard["gitlab.user.\(state)"]).bodyText(["username": "dev"])
        let answer = try HTTPResponse.fact("gitlab.auth.userRefused", ["reason": .string(reason)])
        let (reading, _) = try await GitLab().ask(GitLab.accessToken, at: Self.api, [.init(Self.selfLine, answer)])
        #expect(reading.standing == .blocked)
        #expect(reading.detail?.contains(reason.prefix(20)) == true)
    }

    @Test("words of the forge reach nobody unescaped")
    func hostileWords() async throws {
        let answer = HTTPResponse.json(
            #"{"message": "403 Forbidden - Your account \u001b[2J\n::error::x ##vso[task.setvariable]"}"#, status: 403)
        let (reading, _) = try await GitLab().ask(GitLab.accessToken, at: Self.api, [.init(Self.selfLine, answer)])
        let detail = try #require(reading.detail)
        #expect(!detail.unicodeScalars.contains { SafeText.isUnsafe($0) } && !detail.contains("##vso["))
    }

    @Test("404 is not the API, or too old a one")
    func notFound() async throws {
        for fact in ["gitlab.notFound", "gitlab.notFoundMessage"] {
            let failure = await #expect(throws: Failure.self) {
                _ = try await GitLab().ask(GitLab.accessToken, at: Self.api, [.init(Self.selfLine, try .fact(fact))])
            }
            #expect(failure?.code == .unreachable)
            #expect(failure?.message.contains("older than GitLab 15.5") == true)
        }
    }
}
