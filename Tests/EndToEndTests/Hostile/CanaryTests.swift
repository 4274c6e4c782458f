// Secrets stay where they are: through every command and every way of failing, not one byte of a token of any kind is left
// behind. That the search would find one is shown first.

import Foundation
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@Suite("No token is left behind", .timeLimit(.minutes(5)))
struct CanaryTests {
    /// Ways in which a secret is written somewhere.
    static let plants: [(name: String, plant: @Sendable (String) -> String)] = [
        ("itself", { $0 }), ("its beginning cut off", { "…" + $0.suffix(20) }),
        ("user and token in base64", { Data("oauth2:\($0)".utf8).base64EncodedString() }),
        ("job user and token in base64", { Data("gitlab-ci-token:\($0)\n".utf8).base64EncodedString() }),
        ("a header", { "Basic " + Data("x:\($0)".utf8).base64EncodedString() }),
        ("hex", { Data($0.utf8).map { String(format: "%02x", $0) }.joined() }),
        ("URL-encoded", { $0.replacing("-", with: "%2D").replacing("_", with: "%5F") }),
        ("within a line", { "git clone https://u:\($0)@host/x" }),
    ]

    @Test("a planted token is found in every form and place", arguments: plants.indices)
    func planted(_ index: Int) async throws {
        let token = "glpat-pL4nTeD_cAnArY9aBcDe"
        let text = Self.plants[index].plant(token)
        for place in ["work/file", "home/.local/state/outlast/state.db-wal", "work/\(text.filter { $0 != "/" }).txt"] {
            let scene = try Scene()
            scene.secret(token)
            #expect(scene.leaks == [])
            try scene.write("\u{0}\u{1}before\(place.contains("txt") ? "" : text)after", to: scene.folder + "/" + place)
            #expect(!scene.leaks.isEmpty, "\(Self.plants[index].name) in \(place)")
        }
        #expect([Canary(token)].leaks(in: "outlast: \(text)", at: "stderr").count == 1)
        #expect([Canary(token)].leaks(in: "outlast: all is well", at: "stderr").isEmpty)
    }

    @Test("a token in the database itself is found in its files")
    func database() async throws {
        let scene = try Scene()
        let token = scene.secret("glpat-iNtHeDaTaBaSe9aBcDeF")
        try await scene.run("record start --project a --job b --run 1")
        #expect(scene.leaks == [])
        try await scene.sqlite("UPDATE jobs SET run = '\(token)'")
        #expect(!scene.leaks.isEmpty)
    }

    @Test("tokens of every kind, through every command and every way of failing")
    func everything() async throws {
        try await withForge { scene, sandbox in
            let output = try scene.write("", to: "output"), summary = try scene.write("", to: "summary")
            for item in KindCase.all {
                let token = scene.secret(try item.make(sandbox))
                let file = try scene.hide(token + "\n")
                var variables = item.job(sandbox)
                variables.merge([item.variable: token, "GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": summary]) { $1 }
                let options = item.options(sandbox)
                for line in [
                    "preflight --token-env \(item.variable) \(options) --dotenv report.env",
                    "preflight --token-file \(file) \(options) --fresh --json --require-known --needs-scope api",
                    "preflight --token-env \(item.variable) \(options) --strict --state /proc/none/s.db",
                ] {
                    try await scene.run(line, variables)
                }
                try await scene.run("preflight --token-stdin \(options) --offline", input: token)
                try await scene.run(["preflight", "--token", token])
            }
            try await lists(scene)
        }
    }

    @Test("credentials in the environment that nobody asked for are left alone")
    func bystanders() async throws {
        try await withScene { scene in
            let names = [
                "CI_JOB_TOKEN", "CI_DEPLOY_PASSWORD", "CI_REGISTRY_PASSWORD", "GITHUB_TOKEN", "OUTLAST_KEY",
                "OUTLAST_PASSPHRASE", "HTTPS_PROXY", "CI_REPOSITORY_URL", "AWS_SECRET_ACCESS_KEY",
            ]
            var variables = ["GITLAB_CI": "true", "CI_PROJECT_PATH": "a/b", "CI_JOB_NAME": "c", "CI_JOB_ID": "1"]
            for name in names { variables[name] = scene.secret("bystander-\(name)-9aBcDeFgHiJkLm") }
            variables["HTTPS_PROXY"] = "http://user:\(scene.secret("proxy-9aBcDeFgHiJkLmNoPq"))@127.0.0.1:1"
            variables["CI_REPOSITORY_URL"] =
                "https://gitlab-ci-token:\(scene.secret("repo-9aBcDeFgHiJkLmNoPq"))@h/a/b.git"
            variables["T"] = scene.secret("glpat-bY5tAnDeRs9aBcDeFgHi")
            for line in [
                "record start", "preflight --token-env T --api-url https://gitlab.example.com/api/v4 --timeout 5s",
                "preflight --json --offline", "record finish", "preflight --token-env NONE",
            ] {
                try await scene.run(line, variables)
            }
            // What a script hands on without thinking.
            let url = try #require(variables["CI_REPOSITORY_URL"])
            try await scene.run(["record", "start", "--project", url, "--job", url, "--run", "1"])
            try await lists(scene)
        }
    }

    private func lists(_ scene: Scene) async throws {
        for list in ["jobs", "tokens", "events", "rotations"] {
            for form in ["", " --json"] { try await scene.run("history \(list)\(form)") }
        }
    }
}
