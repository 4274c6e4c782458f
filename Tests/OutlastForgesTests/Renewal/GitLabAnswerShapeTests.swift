// Answers to a rotation in every shape that a token may come in, and refusals in GitLab's own words and in others'.
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("GitLab's answers to a rotation")
struct GitLabAnswerShapeTests {
    private static let api = "https://gitlab.example.com/api/v4"
    private static let record =
        #"{"id":7,"name":"ci","user_id":3,"revoked":false,"active":true,"scopes":["api"],"expires_at":"2026-11-25"}"#

    private func scene() throws -> RenewalScene {
        let api = try #require(ServerURL(Self.api))
        return RenewalScene(api: api)
    }

    private func rotate(_ answer: HTTPResponse) async throws -> RenewalAnswer {
        let transport = ScriptedTransport([
            .init("GET \(Self.api)/personal_access_tokens/self", .json(Self.record)),
            .init("POST \(Self.api)/personal_access_tokens/self/rotate", answer),
        ])
        let answer = await GitLabRotate().renew(
            TokenBundle(access: Secret("glpat-canary-old-0000")), try scene().context(transport))
        transport.expectEnd()
        return answer
    }

    @Test(
        "a token is found wherever it stands",
        arguments: [
            #"{"id":8,"token":"glpat-new","expires_at":"2026-12-20"}"#,
            #"{"data":{"personal_access_token":{"token":"glpat-new"}}}"#, #"[{"token":"glpat-new"}]"#,
            #"{"token":"glpat-new","id":"8","scopes":"api","expires_at":7,"name":[]}"#,
            "\u{FEFF}{\"token\":\"glpat-new\"}", #"Notice: deprecated {"id":8, "token" : "glpat-new", "x":1}"#,
            #"{"id":8,"token":"glpat-new","scop"#, #"{"id":8,"token":"glpat-new"} trailing"#,
        ])
    func found(_ body: String) async throws {
        guard case .renewed(let bundle) = try await rotate(.json(body)) else {
            Issue.record("not renewed by \(body)")
            return
        }
        #expect(bundle.access.matches(Secret("glpat-new")))
    }

    @Test(
        "an answer without a usable token is doubt",
        arguments: [
            #"{"id":8}"#, #"{"token":""}"#, #"{"token":null}"#, #"{"token":"two words"}"#,
            #"{"token":"glpat-canary-old-0000"}"#, #"{"id":8,"token":"glpat-n"#,
        ])
    func doubtful(_ body: String) async throws { #expect(try await rotate(.json(body)).name == "in doubt") }

    @Test("GitLab's own refusals are refusals, with their codes")
    func refusals() async throws {
        let rows: [(String, Int, String)] = [
            (#"{"message":"400 Bad request - Token already revoked"}"#, 400, "refused 12"),
            (#"{"message":"400 Bad request - Failed to revoke token"}"#, 400, "refused 20"),
            (#"{"error":"expires_at is invalid"}"#, 400, "refused 20"),
            (#"{"message":{"expires_at":["must be before 2027-11-21"]}}"#, 400, "refused 20"),
            (#"{"error":"invalid_token","error_description":"Token was revoked."}"#, 401, "refused 12"),
            (#"{"error":"invalid_token","error_description":"Token is expired."}"#, 401, "refused 11"),
            (#"{"error":"insufficient_scope","scope":"api"}"#, 403, "refused 14"),
            (#"{"message":"403 Forbidden - Your account has been blocked."}"#, 403, "refused 12"),
            (#"{"message":"404 Not Found"}"#, 404, "refused 20"),
            (#"{"message":"405 Method Not Allowed"}"#, 405, "refused 20"),
            // Not in GitLab's words: who knows who answered, and what had happened before.
            (#"{"message":"no Route matched"}"#, 404, "in doubt"), (#"{"detail":"denied"}"#, 401, "in doubt"),
            (#"{"errors":[]}"#, 400, "in doubt"), ("", 408, "in doubt"),
        ]
        for (body, status, expected) in rows {
            let answer = try await rotate(.json(body, status: status))
            #expect(answer.name == expected, "\(status) \(body)")
            #expect(answer.failure.map { !$0.description.contains("canary") } == true)
        }
    }

    @Test("time that the questions took is taken from the request, and without any left nothing is sent")
    func window() async throws {
        let clock = FixedClock("2026-11-20T22:10:00Z")
        var scene = try scene()
        scene.clock = clock
        for (spent, expected) in [(10, 50), (70, nil)] as [(Int, Int?)] {
            let transport = ScriptedTransport { request in
                guard request.method == "GET" else { return .success(.json(#"{"token":"glpat-new"}"#)) }
                clock.advance(by: .seconds(spent))
                return .success(.json(Self.record))
            }
            let answer = await GitLabRotate().renew(
                TokenBundle(access: Secret("glpat-canary-old-0000")), scene.context(transport))
            #expect(answer.name == (expected == nil ? "refused 20" : "renewed"))
            let sent = transport.requests.first { $0.method == "POST" }
            #expect(sent?.timeout == expected.map { .seconds($0) })
            #expect(sent?.body?.content.reveal().contains(#""expires_at":"2026-1"#) ?? true)
        }
    }

    @Test("the advice for a lost token can be typed, and puts no secret into an argument")
    func advice() throws {
        let advice = GitLabRotate().rescueAdvice(try scene().context(ScriptedTransport([])))
        for words in [Self.api, "state=active&sort=created_desc", "/rotate?expires_at=", "curl -K -", "newest"] {
            #expect(advice.contains(words))
        }
    }

    @Test("what holds for every method holds for the three of GitLab")
    func conformance() async throws {
        let answers: @Sendable (HTTPRequest) -> HTTPResponse = { request in
            let path = request.url.path
            if request.method == "POST" {
                return .json(
                    #"{"id":8,"token":"glpat-brand-new-000","expires_at":"2026-12-20"}"#, status: 201)
            }
            if path.contains("/users/") { return .json(#"{"id":3,"username":"project_5_bot_00ff"}"#) }
            return .json(Self.record)
        }
        let current = TokenBundle(
            access: Secret("glpat-canary-old-0000"), partner: Secret("glpat-canary-idle-0000"))
        var scene = try scene()
        await RenewalMethodConformance(GitLabRotate(), scene: scene, current: current, happy: answers).check()
        await RenewalMethodConformance(GitLabPair(), scene: scene, current: current, happy: answers).check()
        scene.secrets = ["with": Secret("glpat-canary-admin-00")]
        await RenewalMethodConformance(GitLabRotate(), scene: scene, current: current, happy: answers).check()
        await RenewalMethodConformance(GitLabReplace(), scene: scene, current: current, happy: answers).check()
    }
}
