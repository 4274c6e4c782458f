// Where tokens come from, and where they must not: arguments, which every user of the machine can read.

import Foundation
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@Suite("Where a token comes from", .timeLimit(.minutes(10)))
struct TokenSourceTests {
    private static let tail = "--expires-at 2099-01-01 --json"
    private static let token = "source-0123456789-source-0123456789"

    @Test("a variable, a file and stdin give the same token, whatever blanks surround it")
    func same() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            let plain = try await scene.run("preflight --token-env T \(Self.tail)", ["T": Self.token])
            let fingerprint = try #require(plain.text("credentials.0.fingerprint"))
            #expect(fingerprint.count == 16)
            for padded in [Self.token + "\n", "  \(Self.token)\r\n", "\t\n\(Self.token) \n\n"] {
                let file = try scene.hide(padded)
                let runs = [
                    try await scene.run("preflight --token-env T \(Self.tail)", ["T": padded]),
                    try await scene.run("preflight --token-file \(file) \(Self.tail)"),
                    try await scene.run("preflight --token-stdin \(Self.tail)", input: padded),
                ]
                for run in runs { #expect(run.text("credentials.0.fingerprint") == fingerprint, "\(run.everything)") }
            }
        }
    }

    @Test("a source that gives none is named: 64, or 78 when the configuration names it")
    func none() async throws {
        try await withScene { scene in
            let large = String(repeating: "aB3dE6gH", count: 10_000)
            let contents = [
                "", " \n\t ", "two\(Self.token) words", "line\none", "tökén-with-umlauts-in-it", large, "nul\u{1}",
            ]
            for (index, content) in contents.enumerated() {
                let file = try scene.hide(content, in: "token-\(index)")
                var runs = [
                    try await scene.run("preflight --token-file \(file) \(Self.tail)"),
                    try await scene.run("preflight --token-stdin \(Self.tail)", input: content),
                ]
                runs.append(try await scene.run("preflight --token-env SOURCE \(Self.tail)", ["SOURCE": content]))
                for (run, name) in zip(runs, ["--token-file", "stdin", "SOURCE"]) {
                    #expect(run.exit == .usage, "\(index): \(run.everything)")
                    #expect(run.text("error.message")?.contains(name) == true, "\(index): \(run.output)")
                }
                let config = try scene.write(
                    "version: 1\ncredentials: {a: {token: {file: \(file)}}, b: {token: {env: SOURCE}}}\n",
                    to: "\(scene.home)/c.yml")
                for name in ["a", "b"] {
                    let run = try await scene.run(
                        "preflight --credential \(name) --config \(config) \(Self.tail)", ["SOURCE": content])
                    #expect(run.exit == .configuration, "\(index), \(name): \(run.everything)")
                }
            }
        }
    }

    @Test("a source that is not there is named and not repeated")
    func missing() async throws {
        try await withScene { scene in
            let opaque = scene.secret("deadbeef0123456789abcdefdeadbeef0123456789abcdefdeadbeef01234567")
            for line in [
                "preflight --token-env \(opaque) \(Self.tail)", "preflight --token-env $\(opaque) \(Self.tail)",
                "preflight --token-file \(opaque) \(Self.tail)", "preflight --credential \(opaque) \(Self.tail)",
                "preflight --token-env \(opaque) --token-env UNSET --json",
                "preflight --token-env UNSET --token-env \(opaque) --json",
            ] {
                let run = try await scene.run(line)
                #expect(run.exit == .usage, "\(run.everything)")
            }
            let file = try await scene.run("preflight --token-file ./secrets/release.txt \(Self.tail)")
            #expect(file.text("error.message")?.contains("./secrets/release.txt") == true, "\(file.output)")
            let run = try await scene.run("preflight --token-env RELEASE_TOKEN \(Self.tail)")
            #expect(run.text("error.message")?.contains("RELEASE_TOKEN") == true && run.text("error.hint") != nil)
        }
    }

    /// Places in the arguments for a token.
    static let places: [@Sendable (String) -> [String]] = [
        { [$0] }, { ["preflight", $0] }, { ["preflight", "--token", $0] }, { ["preflight", "--token=\($0)"] },
        { ["preflight", "--token-env", $0] }, { ["preflight", "--token-env=\($0)"] },
        { ["preflight", "--token-file", $0] }, { ["preflight", "--credential", $0] },
        { ["preflight", "--api-url", $0] }, { ["preflight", "--api-url", "https://oauth2:\($0)@gitlab.example.com"] },
        { ["preflight", "--forge", $0, "--json"] }, { ["preflight", "--needs-scope", $0] },
        { ["preflight", "--state", $0] }, { ["preflight", "--config", $0] }, { ["preflight", "--dotenv", $0] },
        { ["record", "start", "--project", $0, "--job", "b", "--run", "1"] },
        { ["record", "start", "--project", "https://ci:\($0)@h/a", "--job", "b", "--run", "1"] },
        { ["record", "start", "--project", "a", "--job", $0, "--run", "1"] },
        { ["record", "finish", "--project", "a", "--job", "b", "--run", $0, "--json"] },
        { ["record", "start", "--leg=\($0)", "--project", "a", "--job", "b", "--run", "1"] },
        { ["history", "tokens", "--token", $0] }, { ["history", "jobs", "--project", $0] },
        { ["history", "events", "--since", $0] }, { ["version", $0] }, { ["preflight", "-t\($0)"] },
        { ["preflight", "PRIVATE-TOKEN: \($0)"] }, { ["preflight", "--", $0] }, { ["preflight", "-t", "x=\($0)"] },
        { ["preflight", "--token-env", "\"\($0)\""] },
    ]

    /// A token of every kind that has a prefix.
    static let tokens = [
        "glpat-aB3dE6gH9jK2mN5pQ8sT", "glcbt-64_aB3dE6gH9jK2mN5pQ8sT", "gldt-aB3dE6gH9jK2mN5pQ8sT",
        "ghp_aB3dE6gH9jK2mN5pQ8sTaB3dE6gH9jK2mN5p", "github_pat_11ABCDEFG0aB3dE6gH9jK2mN5pQ8sT",
        "ATCTT3xFfGN0aB3dE6gH9jK2mN5pQ8sT", TestJWT.token(payload: #"{"exp":4102438400,"n":"4b1f9c2e7a6d"}"#),
    ]

    @Test(
        "an argument that holds a token is refused wherever it stands, and nothing of it is said",
        arguments: places.indices)
    func arguments(_ place: Int) async throws {
        try await withScene { scene in
            // Two kinds at each place; each kind meets many places.
            for token in [Self.tokens[place % Self.tokens.count], Self.tokens[(place + 3) % Self.tokens.count]] {
                scene.secret(token)
                let run = try await scene.run(Self.places[place](token))
                #expect(run.exit == .usage, "\(run.everything)")
                #expect(run.output.isEmpty || run.isJSON)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: scene.home).isEmpty, "nothing was begun")
        }
    }

    @Test("words that only begin like a token are words")
    func words() async throws {
        try await withScene { scene in
            let file = try scene.write("version: 1\n", to: "\(scene.home)/glpat-release/ghp_configuration.yml")
            let run = try await scene.run(
                "preflight --token-env T --config \(file) \(Self.tail)", ["T": scene.secret(Self.token)])
            #expect(run.exit == .done, "\(run.everything)")
            let job = try await scene.run("record start --project group/glpat-tools --job ghp_ --run 1")
            #expect(job.exit == .done, "\(job.everything)")
        }
    }

    @Test("a token command is run without a shell, and its arguments hold no token")
    func command() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            let file = try scene.hide(Self.token)
            let script = try scene.write(
                "tr '\\0' ' ' </proc/$$/cmdline >\(scene.work)/own\ntr '\\0' ' ' </proc/$PPID/cmdline >\(scene.work)/parent\ncat \(file)\n",
                to: "\(scene.home)/give.sh")
            let config = try scene.write(
                """
                version: 1
                credentials:
                  good: {token: {command: [sh, \(script), "$(touch \(scene.work)/run)"]}, expires_at: 2099-01-01}
                  bad: {token: {command: [sh, -c, "echo no token >&2; exit 3"]}}
                  gone: {token: {command: [/no/such/program]}}
                """, to: "\(scene.home)/c.yml")
            let run = try await scene.run("preflight --credential good --config \(config) --json")
            #expect(run.exit == .done && run.text("credentials.0.name") == "good", "\(run.everything)")
            #expect(
                scene.read("own")?.contains("give.sh") == true && scene.read("parent")?.contains("preflight") == true)
            #expect(scene.read("run") == nil)
            for name in ["bad", "gone"] {
                let failed = try await scene.run("preflight --credential \(name) --config \(config) --json")
                #expect(failed.exit == .configuration, "\(failed.everything)")
                #expect(
                    failed.text("error.message")?.contains(name == "bad" ? "ended with 3" : "/no/such/program") == true)
            }
        }
    }
}
