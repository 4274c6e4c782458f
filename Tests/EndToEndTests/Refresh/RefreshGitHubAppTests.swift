// `github-app` through the program: one minting for everybody, whichever way the installation is found and the key was
// pasted, and never a broader token than was configured.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("refresh: github-app", .timeLimit(.minutes(5)))
struct RefreshGitHubAppTests {
    /// A job that has the App's key in a file and asks in this way.
    private func configure(
        _ stage: Stage, _ app: SandboxApp, _ target: String, key: String? = nil, limit: String? = "10m"
    ) throws {
        let file = try stage.scene.hide(key ?? app.privateKey, in: "app.pem")
        for line in app.privateKey.split(separator: "\n").dropFirst().dropLast() { stage.scene.secret(String(line)) }
        try stage.configure(
            """
            forge: github
            api_url: \(stage.sandbox.githubAPI)
            \(limit.map { "min_remaining: \($0)" } ?? "")
            renew:
              method: github-app
              client_id: \(app.clientID)
              private_key: {file: \(file)}
              \(target)
            publish: [{file: {path: \(stage.home)}}]
            """)
    }

    private func ways(_ installation: Int) -> [String: String] {
        [
            "number": "installation_id: \(installation)", "repository": "repository: octo-org/app",
            "organization": "organization: octo-org",
        ]
    }

    @Test(
        "minted once and shared, however the installation is found",
        arguments: ["number", "repository", "organization"])
    func finds(_ way: String) async throws {
        try await withStage { stage in
            let app = try stage.sandbox.github.addApp()
            let installation = try stage.sandbox.github.install(app)
            try configure(stage, app, try #require(ways(installation)[way]))
            let first = try await stage.refresh()
            first.expect("renewed", generation: 1)
            let token = try stage.published()
            #expect(first.text("fingerprint") == stage.fingerprint(token) && stage.sandbox.github.isAlive(token))
            #expect(first["previous_fingerprint"] == .null, "there was none before")
            #expect((3000...3600).contains(first.number("remaining_s") ?? 0))
            let questions = stage.sandbox.questions
            let second = try await stage.refresh()
            second.expect("reused", generation: 1)
            #expect(second.text("fingerprint") == first.text("fingerprint"))
            #expect(stage.sandbox.questions == questions && stage.sandbox.counters.commits(of: "github.mint") == 1)
            try await stage.refresh("--force").expect("renewed", generation: 2)
            #expect(try stage.published() != token)
            #expect(stage.sandbox.github.isAlive(token), "earlier ones stay valid")
        }
    }

    @Test("keys in every form that people paste are one key of one family")
    func keys() async throws {
        try await withStage { stage in
            let app = try stage.sandbox.github.addApp()
            try stage.sandbox.github.install(app)
            let oneLine = app.privateKey.split(separator: "\n").joined(separator: "\\n")
            try configure(stage, app, "organization: octo-org")
            try await stage.refresh().expect("renewed", generation: 1)
            _ = try stage.published()
            for key in [oneLine, "\"\(oneLine)\\n\"\n", app.privateKey.replacing("\n", with: "\r\n")] {
                try configure(stage, app, "organization: octo-org", key: key)
                try await stage.refresh().expect("reused", generation: 1)
            }
            try configure(stage, app, "organization: octo-org", key: app.privateKeyPKCS8)
            let other = try await stage.refresh()
            #expect(other.exit == .done && other.text("fingerprint") != nil, "\(other.everything)")
            _ = try stage.published()
        }
    }

    @Test("a narrow configuration gets a narrow token, and is never served the broad one")
    func narrows() async throws {
        try await withStage { stage in
            let app = try stage.sandbox.github.addApp()
            try stage.sandbox.github.addRepository("octo-org/other")
            try stage.sandbox.github.install(app)
            try configure(stage, app, "organization: octo-org")
            let broad = try await stage.refresh()
            broad.expect("renewed", generation: 1)
            _ = try stage.published()
            try configure(
                stage, app, "organization: octo-org\n  repositories: [app]\n  permissions: {contents: read}")
            let narrow = try await stage.refresh()
            narrow.expect("renewed", generation: 1)
            _ = try stage.published()
            #expect(narrow.text("fingerprint") != broad.text("fingerprint"))
            let history = try await stage.scene.run("history tokens --json", stage.variables)
            let rows = history["tokens"]?.elements ?? []
            let scopes = { (run: Run) -> String in
                rows.first { $0["fingerprint"] == run["fingerprint"] }?["scopes"]?.encoded ?? ""
            }
            #expect(
                scopes(narrow).contains("contents=read") && !scopes(narrow).contains("secrets"), "\(history.output)")
            #expect(scopes(broad).contains("contents=write") && scopes(broad).contains("secrets=write"))
        }
    }

    @Test("the limit that nobody set does not make a token due that was just minted")
    func defaultLimit() async throws {
        try await withStage { stage in
            let app = try stage.sandbox.github.addApp()
            try stage.sandbox.github.install(app)
            try configure(stage, app, "organization: octo-org", limit: nil)
            try await stage.refresh().expect("renewed", generation: 1)
            _ = try stage.published()
            try await stage.refresh().expect("reused", generation: 1)
            _ = try stage.published()
            #expect(stage.sandbox.counters.commits(of: "github.mint") == 1)
        }
    }

    @Test("what GitHub refuses is 20 in GitHub's words, and a key that is none a mistake of the configuration")
    func refusals() async throws {
        try await withStage { stage in
            let app = try stage.sandbox.github.addApp()
            let installation = try stage.sandbox.github.install(app)
            try configure(stage, app, "repository: octo-org/none")
            let unknown = try await stage.refresh()
            unknown.expect("failed", .renewalFailed)
            #expect(unknown.text("error.message")?.contains("not installed") == true, "\(unknown.output)")
            try configure(stage, app, "organization: octo-org", key: "-----BEGIN nothing")
            try await stage.refresh().expect("failed", .configuration)
            stage.sandbox.github.suspend(installation)
            try configure(stage, app, "organization: octo-org")
            let suspended = try await stage.refresh()
            suspended.expect("failed", .renewalFailed)
            #expect(suspended.text("error.message")?.contains("suspended") == true, "\(suspended.output)")
            #expect(stage.sandbox.counters.commits(of: "github.mint") == 0)
        }
    }
}
