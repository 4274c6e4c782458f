// An App's installation tokens against the sandbox: found three ways, narrowed, and minted in spite of a clock that is off.
import OutlastCrypto
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("github-app", .serialized)
struct GitHubAppTests {
    private func rehearsal(
        _ sandbox: Sandbox, _ app: SandboxApp, _ settings: [String: SettingValue], key: String? = nil,
        clock: String = "2026-11-20T22:10:00Z"
    ) throws -> RenewalRehearsal {
        let whole = settings.merging(["client_id": .text(app.clientID)]) { mine, _ in mine }
        return try RenewalRehearsal(
            GitHubApp(), api: sandbox.githubAPI, settings: whole, secrets: ["private_key": key ?? app.privateKey],
            clock: FixedClock(clock))
    }

    @Test("the installation is found by number, repository or organization, the App by either name")
    func finds() async throws {
        try await withSandbox { sandbox in
            let app = try sandbox.github.addApp()
            let id = try sandbox.github.install(app)
            let ways: [[String: SettingValue]] = [
                ["installation_id": .integer(Int64(id))], ["repository": .text("octo-org/app")],
                ["organization": .text("octo-org")],
            ]
            for way in ways {
                let rehearsal = try rehearsal(sandbox, app, way)
                #expect(await rehearsal.refusal(nil) == nil)
                let new = try await rehearsal.renewed(nil)
                #expect(sandbox.github.isAlive(new.access.reveal()))
                #expect(new.expiry.instant?.text == "2026-11-20T23:10:00Z")
                #expect(new.scopes?.contains("contents=write") == true)
                #expect(await rehearsal.probe(new).name == "alive")
            }
            var number = try rehearsal(sandbox, app, ways[0])
            number.scene.settings.values["client_id"] = nil
            number.scene.settings.values["app_id"] = .integer(Int64(app.id))
            _ = try await number.renewed(nil)
            #expect(sandbox.github.livingInstallationTokens == 4, "earlier ones stay valid")
        }
    }

    @Test("keys in every form that people paste")
    func keys() async throws {
        try await withSandbox { sandbox in
            let app = try sandbox.github.addApp()
            try sandbox.github.install(app)
            let oneLine = app.privateKey.split(separator: "\n").joined(separator: "\\n")
            for key in [app.privateKey, app.privateKeyPKCS8, oneLine, "\"\(oneLine)\\n\"\n"] {
                let rehearsal = try rehearsal(sandbox, app, ["organization": .text("octo-org")], key: key)
                _ = try await rehearsal.renewed(nil)
            }
            let pasted = try [app.privateKey, oneLine].map { key in
                try rehearsal(sandbox, app, ["organization": .text("octo-org")], key: key)
            }.map { try GitHubApp().root($0.context)?.secret }
            #expect(pasted[0]?.matches(try #require(pasted[1])) == true, "one key, one family")
            let broken = try rehearsal(sandbox, app, ["organization": .text("octo-org")], key: "-----BEGIN nothing")
            #expect(await broken.renew(nil).name == "refused 78")
        }
    }

    @Test("repositories and permissions are narrowed, and belong to the identity")
    func narrows() async throws {
        try await withSandbox { sandbox in
            let app = try sandbox.github.addApp()
            try sandbox.github.addRepository("octo-org/other")
            try sandbox.github.install(app)
            let narrow: [String: SettingValue] = [
                "organization": .text("Octo-Org"), "repositories": .texts(["octo-org/app", "app"]),
                "permissions": .map([.init(name: "contents", value: .text("read"))]),
            ]
            let rehearsal = try rehearsal(sandbox, app, narrow)
            let new = try await rehearsal.renewed(nil)
            #expect(new.scopes?.contains("contents=read") == true && new.scopes?.contains("secrets=write") == false)
            let identity = try GitHubApp().identity(rehearsal.context)
            #expect(identity.map(\.value) == [app.clientID, "organization octo-org", "app", "contents=read"])
            let wide = try self.rehearsal(sandbox, app, ["organization": .text("octo-org")])
            #expect(try FamilyIdentity(GitHubApp().identity(wide.context)) != FamilyIdentity(identity))
        }
    }

    @Test("a clock that is off is put right by GitHub's own", arguments: [-3600, -590, -61, 30, 300, 7200])
    func skew(_ seconds: Int) async throws {
        let start = try #require(Instant(text: "2026-11-20T22:10:00Z"))
        for way in ["organization", "installation_id"] {
            try await withSandbox { sandbox in
                let app = try sandbox.github.addApp()
                let id = try sandbox.github.install(app)
                let rehearsal = try rehearsal(
                    sandbox, app,
                    way == "organization" ? [way: .text("octo-org")] : [way: .integer(Int64(id))],
                    clock: start.advanced(by: .seconds(seconds)).text)
                let new = try await rehearsal.renewed(nil)
                #expect(sandbox.github.isAlive(new.access.reveal()))
                #expect(sandbox.counters.commits(of: "github.mint") == 1)
                #expect(sandbox.log.count <= 3)
            }
        }
    }

    @Test("an assertion is never longer than nine minutes and begins one before its time")
    func assertion() throws {
        let app = RenewalScene(
            settings: Settings(["client_id": .text("Iv1.x")]),
            secrets: ["private_key": Secret("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")])
        let now = try #require(Instant(text: "2026-11-20T22:10:00Z"))
        let token = try GitHubAppAssertion(app.context(ScriptedTransport([]))).signed(at: now, by: PlainCryptography())
        let parts = token.reveal().split(separator: ".").map { Base64URL.decode($0) ?? [] }
        #expect(String(decoding: parts[0], as: UTF8.self) == #"{"alg":"RS256","typ":"JWT"}"#)
        let claims = try JSONValue(parsing: parts[1])
        #expect(claims["iat"]?.integer == now.seconds - 60 && claims["exp"]?.integer == now.seconds + 480)
        #expect(claims["iss"]?.text == "Iv1.x")
    }

    @Test("what GitHub refuses is said in words")
    func refusals() async throws {
        try await withSandbox { sandbox in
            let app = try sandbox.github.addApp()
            let other = try sandbox.github.addApp(slug: "other")
            let id = try sandbox.github.install(app)
            let organization: [String: SettingValue] = ["organization": .text("octo-org")]
            let rows: [(RenewalRehearsal, String)] = [
                (try rehearsal(sandbox, app, ["repository": .text("octo-org/none")]), "not installed"),
                (try rehearsal(sandbox, other, organization), "not installed"),
                (try rehearsal(sandbox, app, organization, key: other.privateKey), "decoded"),
                (
                    try rehearsal(
                        sandbox, app, organization.merging(["repositories": .texts(["none"])]) { one, _ in one }),
                    "does not exist"
                ),
                (
                    try rehearsal(
                        sandbox, app,
                        organization.merging(
                            ["permissions": .map([.init(name: "administration", value: .text("write"))])]
                        ) { one, _ in one }), "not granted"
                ),
            ]
            for (rehearsal, words) in rows {
                let answer = await rehearsal.renew(nil)
                #expect(answer.name == "refused 20" && answer.failure?.message.contains(words) == true, "\(answer)")
            }
            sandbox.github.suspend(id)
            let suspended = try await rehearsal(sandbox, app, organization).renew(nil)
            #expect(suspended.name == "refused 20" && suspended.failure?.message.contains("suspended") == true)
            #expect(sandbox.counters.commits(of: "github.mint") == 0)
        }
    }

    @Test(
        "settings that name nothing are mistakes of the configuration",
        arguments: [
            [:], ["repository": .text("app")], ["repository": .text("a/b/c")], ["organization": .text("a/b")],
            ["installation_id": .integer(0)],
            ["organization": .text("o"), "permissions": .map([.init(name: "contents", value: .text("all"))])],
        ] as [[String: SettingValue]])
    func mistakes(_ settings: [String: SettingValue]) {
        let failure = #expect(throws: Failure.self) {
            _ = try GitHubAppTarget(Settings(settings), credential: "release")
        }
        #expect(failure?.code == .configuration)
    }

    @Test("every fault of the minting is yes, no or doubt", arguments: DecisiveFault.all)
    func faults(_ fault: DecisiveFault) async throws {
        try await withSandbox { sandbox in
            let app = try sandbox.github.addApp()
            try sandbox.github.install(app)
            let rehearsal = try rehearsal(sandbox, app, ["organization": .text("octo-org")])
            sandbox.addFault(FaultRule(fault.kind, method: "POST", path: "/github/app/installations"))
            #expect(await rehearsal.renew(nil).name == fault.expected)
            #expect(sandbox.counters.requests(of: "github.mint") == 1)
            #expect(sandbox.counters.commits(of: "github.mint") == (fault.hasCommitted ? 1 : 0))
            // Minting again harms nothing.
            #expect(await rehearsal.renew(nil).name == "renewed" && sandbox.counters.replays.isEmpty)
        }
    }

    @Test("what holds for every method holds for this one")
    func conformance() async throws {
        let api = try #require(ServerURL("https://forge.example.com/api/v3"))
        let scene = RenewalScene(
            settings: Settings(["app_id": .integer(7), "organization": .text("octo-org")]),
            secrets: ["private_key": Secret("-----BEGIN PRIVATE KEY-----\ncanaryAA\n-----END PRIVATE KEY-----\n")],
            api: api)
        await RenewalMethodConformance(GitHubApp(), scene: scene, current: nil) { request in
            request.method == "GET"
                ? .json(#"{"id":9,"suspended_at":null}"#)
                : .json(#"{"token":"ghs_new_0123456789","expires_at":"2026-11-20T23:10:00Z"}"#, status: 201)
        }.check()
    }
}
