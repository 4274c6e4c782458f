// Actions secrets against the sandbox, which opens the boxes that it gets.
import OutlastModel
import OutlastSandbox
import OutlastSystem
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("github-secret", .serialized)
struct GitHubSecretTests {
    private let token = "glpat-brand-new-token-00"

    private func rehearsal(
        _ sandbox: Sandbox, _ settings: [String: SettingValue], writer: String? = nil
    ) throws -> PublishRehearsal {
        try PublishRehearsal(
            GitHubSecret(), settings.merging(["name": .text("RELEASE_TOKEN")]) { one, _ in one },
            api: sandbox.githubAPI,
            writer: writer ?? sandbox.github.addToken(scopes: ["repo", "admin:org"]))
    }

    private static let places: [([String: SettingValue], String)] = [
        (["repository": .text("octo-org/app")], "repos/octo-org/app/actions"),
        (
            ["repository": .text("octo-org/app"), "environment": .text("prod")],
            "repos/octo-org/app/environments/prod"
        ), (["organization": .text("octo-org")], "orgs/octo-org/actions"),
    ]

    @Test("a secret is sealed for its shelf, made and replaced")
    func publishes() async throws {
        try await withSandbox { sandbox in
            for (settings, shelf) in Self.places {
                let rehearsal = try rehearsal(sandbox, settings)
                #expect(await rehearsal.check() == nil)
                for value in [token, token + "-2"] {
                    #expect(await rehearsal.publish(value) == nil)
                    #expect(sandbox.github.secret("RELEASE_TOKEN", on: shelf) == value)
                }
                #expect(try await rehearsal.read() == nil && !rehearsal.target.canBeRead)
            }
        }
    }

    @Test("an organization's secret stays visible to whom it was")
    func visibility() async throws {
        try await withSandbox { sandbox in
            let ids = try (0..<40).map { try sandbox.github.addRepository("octo-org/r\($0)") }
            let rehearsal = try rehearsal(sandbox, ["organization": .text("octo-org")])
            #expect(await rehearsal.publish(token) == nil)
            #expect(try await shown(rehearsal, "")["visibility"]?.text == "private")
            let key = try await shown(rehearsal, "/../public-key")["key_id"]?.text ?? ""
            for word in ["all", "selected"] {
                var body = SecretJSON()
                body.add("encrypted_value", .string(String(repeating: "AAAA", count: 20)))
                body.add("key_id", .string(key))
                body.add("visibility", .string(word))
                body.add("selected_repository_ids", .array(ids.map { .integer(Int64($0)) }))
                _ = try await send("PUT", rehearsal, "", body.body())
                #expect(await rehearsal.publish(token) == nil)
                #expect(sandbox.github.secret("RELEASE_TOKEN", on: "orgs/octo-org/actions") == token)
                #expect(try await shown(rehearsal, "")["visibility"]?.text == word)
            }
            let kept = try await shown(rehearsal, "/repositories")
            #expect(kept["total_count"]?.integer == 40)
        }
    }

    private func send(
        _ method: String, _ rehearsal: PublishRehearsal, _ suffix: String, _ body: HTTPRequest.Body? = nil
    ) async throws -> HTTPResponse {
        let base = "/orgs/octo-org/actions/secrets"
        let path = suffix.hasPrefix("/../") ? base + suffix.dropFirst(3) : base + "/RELEASE_TOKEN" + suffix
        let url = try #require(rehearsal.scene.api).appending(path)
        let writer = try #require(rehearsal.scene.writer)
        return try await rehearsal.transport.send(
            HTTPRequest(
                method, url, headers: [("Authorization", .secret(prefix: "Bearer ", writer))], body: body))
    }

    private func shown(_ rehearsal: PublishRehearsal, _ suffix: String) async throws -> JSONValue {
        try JSONValue(parsing: try await send("GET", rehearsal, suffix).body)
    }

    @Test("a writer without the permission is told which one it is")
    func rights() async throws {
        try await withSandbox { sandbox in
            let app = try sandbox.github.addApp()
            let id = try sandbox.github.install(app, permissions: ["contents": "write", "metadata": "read"])
            let actions = try sandbox.github.addActionsToken(installation: id)
            let narrow = sandbox.github.addToken(.fineGrained, permissions: ["contents": "write"])
            for writer in [actions, narrow] {
                let failure = try await rehearsal(sandbox, Self.places[0].0, writer: writer).check()
                #expect(failure?.code == .insufficientScope && failure?.hint?.contains("secrets: write") == true)
            }
            let member = sandbox.github.addToken(scopes: ["repo"])
            let organization = try await rehearsal(sandbox, Self.places[2].0, writer: member).check()
            #expect(organization?.hint?.contains("organization_secrets") == true)
            let dead = try await rehearsal(sandbox, Self.places[0].0, writer: "ghp_never").check()
            #expect(dead?.code == .renewalFailed && dead?.message.contains("Bad credentials") == true)
        }
    }

    @Test(
        "names that GitHub does not take are mistakes of the configuration", arguments: ["GITHUB_X", "1A", "A-B", ""])
    func names(_ name: String) async throws {
        let rehearsal = try PublishRehearsal(
            GitHubSecret(), ["repository": .text("o/r"), "name": .text(name)], api: "https://forge.example.com",
            writer: "x")
        #expect(await rehearsal.check()?.code == .configuration)
    }

    @Test("a fault while writing is a failure, and the next try mends it", arguments: writingFaults)
    func faults(_ fault: FaultKind) async throws {
        // A cut that leaves the status whole tells all there is to know.
        if case .truncate = fault { return }
        try await withSandbox { sandbox in
            let rehearsal = try rehearsal(sandbox, Self.places[0].0)
            sandbox.addFault(FaultRule(fault, method: "PUT", path: "/github/repos/"))
            let failure = await rehearsal.publish(token)
            #expect(failure != nil && failure?.description.contains(token) == false)
            #expect(sandbox.counters.requests(of: "github.secret.put") == 1)
            #expect(await rehearsal.publish(token) == nil)
            #expect(sandbox.github.secret("RELEASE_TOKEN", on: Self.places[0].1) == token)
        }
    }

    @Test("what holds for every target holds for this one")
    func conformance() async throws {
        var rehearsal = try PublishRehearsal(
            GitHubSecret(), ["repository": .text("o/r"), "name": .text("K")], api: "https://forge.example.com",
            writer: "ghp_canary_writer")
        rehearsal.scene.cryptography = PlainCryptography()
        await PublishTargetConformance(
            GitHubSecret(), scene: rehearsal.scene, token: Secret("glpat-canary-new")
        ) { request in
            request.method == "PUT"
                ? HTTPResponse(status: 204, headers: [], body: [])
                : .json(#"{"key_id":"1","key":"B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw="}"#)
        }.check()
    }
}
