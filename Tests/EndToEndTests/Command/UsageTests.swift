// Mistakes of the command line end with 64, name the option, and never repeat what was given: it may be a token.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("Mistakes of the command line", .timeLimit(.minutes(10)))
struct UsageTests {
    /// Option and a value that it does not take.
    static let values: [(String, String, String)] = [
        ("preflight --token-env T", "--duration", "--duration"), ("preflight --token-env T", "--margin", "--margin"),
        ("preflight --token-env T", "--min-remaining", "--min-remaining"),
        ("preflight --token-env T", "--quantile", "--quantile"),
        ("preflight --token-env T", "--expires-at", "--expires-at"),
        ("preflight --token-env T", "--deadline", "--deadline"), ("preflight --token-env T", "--timeout", "--timeout"),
        ("preflight --token-env T", "--on-insufficient", "--on-insufficient"),
        ("preflight --token-env T", "--forge", "--forge"), ("preflight --token-env T", "--api-url", "--api-url"),
        ("preflight --token-env T", "--format", "--format"), ("preflight", "--token-env", "--token-env"),
        ("preflight", "--token-file", "--token-file"), ("preflight", "--credential", "--credential"),
        ("preflight --token-env T --expires-at 2099-01-01", "--state", ""),
        ("refresh --token-env T", "--if-remaining-below", "--if-remaining-below"),
        ("refresh --token-env T", "--wait", "--wait"), ("refresh --token-env T", "--forge", "--forge"),
        ("refresh --token-env T", "--api-url", "--api-url"), ("refresh", "--credential", "--credential"),
        ("record start --project a --job b --run 1", "--attempt", "--attempt"),
        ("record start --project a --job b --run 1", "--started-at", "--started-at"),
        ("record finish --project a --job b --run 1", "--finished-at", "--finished-at"),
        ("record finish --project a --job b --run 1", "--status", "--status"),
        ("history jobs", "--since", "--since"), ("history events", "--until", "--until"),
        ("history tokens", "--limit", "--limit"),
        ("secret forget", "--family", "--family"), ("secret forget --superseded", "--wait", "--wait"),
        ("version", "--format", "--format"),
    ]

    @Test("a value that is none is refused by the option's name and never repeated", arguments: values)
    func badValues(_ item: (line: String, option: String, words: String)) async throws {
        try await withScene { scene in
            let oddity = item.option == "--state" ? "q7zx://Q9rT2vW5yB8nM1" : "%:q7Zx-Q9rT2vW5yB8nM1-x"
            scene.secret(oddity)
            scene.secret("Q9rT2vW5yB8nM1")
            let variables = ["T": "usage-0123456789-usage-0123456789"]
            for form in [["\(item.option)=\(oddity)"], [item.option, oddity]] {
                let words = item.line.split(separator: " ").map(String.init) + form + ["--json"]
                let run = try await scene.run(words, variables)
                #expect(run.exit == .usage, "\(run.everything)")
                #expect(run.errors.contains(item.words), "\(run.errors)")
            }
        }
    }

    @Test("an option without its value, unknown options and stray words")
    func parser() async throws {
        try await withScene { scene in
            let stray = scene.secret("q7ZxQ9rT2vW5yB8nM1q7Zx")
            let lines = [
                "preflight --duration", "preflight --nonsense", "preflight \(stray)", "preflight --nonsense=\(stray)",
                "preflight -x\(stray)", "preflight --json=\(stray)", "history \(stray)", "\(stray)", "record",
                "record stop", "key", "key lose", "secret", "secret show", "key check \(stray)", "history",
                "history jobs \(stray)", "preflight -- \(stray)", "version \(stray)",
                "preflight --token-stdin \(stray)", "preflight --'\(stray)", "preflight --token \(stray)",
            ]
            for line in lines {
                for more in ["", " --json"] where !line.contains(" -- ") || more.isEmpty {
                    let run = try await scene.run(
                        (line + more).split(separator: " ").map(String.init), [:],
                        isWellMannered: !["record", "history", "key", "secret"].contains(line))
                    #expect(run.exit == .usage, "\(line): \(run.everything)")
                    #expect(more.isEmpty ? run.output.isEmpty : run.number("error.code") == 64, "\(line)")
                }
            }
        }
    }

    @Test("`--version` is answered as `version` is")
    func version() async throws {
        try await withScene { scene in
            let run = try await scene.run("--version")
            #expect(run.exit == .done && run.output.hasPrefix("outlast "), "\(run.everything)")
            #expect(run.output == (try await scene.run("version")).output)
        }
    }

    @Test("a token in the place of the state's name is refused, and no file has its name")
    func tokenAsState() async throws {
        try await withScene { scene in
            let token = scene.secret("glpat-sT4tE6pL8aC0e2B4dF6h")
            for line in ["history jobs --json", "record start --json", "key check --json"] {
                let run = try await scene.run(line, ["OUTLAST_STATE": token])
                #expect(run.exit == .configuration, "\(line): \(run.everything)")
                #expect(run.text("error.message")?.contains("OUTLAST_STATE") == true, "\(run.output)")
            }
        }
    }

    @Test("contradictions are told apart from mistakes of one option")
    func contradictions() async throws {
        try await withForge { scene, sandbox in
            let variables = [
                "A": scene.secret("aaaa-0123456789-aaaa-0123456789"), "B": "bbbb-0123456789-bbbb-0123456789",
            ]
            let lines = [
                "preflight", "preflight --token-env A --json --format text",
                "preflight --token-env A --offline --fresh", "preflight --token-env A --duration 1h --min-remaining 1h",
                "preflight --token-env A --token-env B --expires-at 2099-01-01",
                "preflight --token-env A --token-env B \(sandbox.gitlab4)", "preflight --token-env A --timeout 0",
                "preflight --token-env A --deadline 0", "history jobs --limit 0", "history jobs --limit -1",
                "preflight --token-env A --quantile 0.4", "preflight --token-env A --quantile 1",
                "preflight --token-env A --quantile nan", "preflight --token-env A --duration 60",
                "preflight --token-env A --duration -5m", "preflight --token-env A --expires-at 2027-02-30",
                "record start", "record finish --project a", "record start --project a --job b --run 1 --attempt 0",
                "record finish --project a --job b --run 1 --started-at 2026-01-02 --finished-at 2026-01-01",
            ]
            for line in lines {
                let run = try await scene.run(line, variables)
                #expect(run.exit == .usage && run.output.isEmpty != run.isJSON, "\(line): \(run.everything)")
                #expect(!run.notes.isEmpty, "\(line)")
            }
            #expect(sandbox.questions == 0)
        }
    }

    @Test("an address that would send the token in clear is refused, and http://localhost told why")
    func clear() async throws {
        try await withScene { scene in
            let token = scene.secret("glpat-cL3aR6tExT9aBcDeFgHi")
            let line = "preflight --token-env T --forge gitlab --api-url "
            for address in ["http://gitlab.example.com/api/v4", "http://localhost:8080/api/v4", "http://10.0.0.1/"] {
                let run = try await scene.run(line + address + " --json", ["T": token])
                #expect(run.exit == .usage, "\(run.everything)")
                #expect(run.text("error.message")?.contains("literal address") == true, "\(run.output)")
                #expect(run.text("error.hint")?.contains("--allow-insecure-http") == true)
            }
            for address in [
                "ftp://gitlab.example.com/", "https://user@gitlab.example.com", "gitlab.example.com", "https://",
            ] {
                #expect(try await scene.run(line + address, ["T": token]).exit == .usage, "\(address)")
            }
            // What the CI says is not believed either.
            var job = ["GITLAB_CI": "true", "CI_API_V4_URL": "http://gitlab.example.com/api/v4", "T": token]
            let run = try await scene.run("preflight --token-env T --json", job)
            #expect(run.exit == .configuration, "\(run.everything)")
            #expect(run.everything.contains("unencrypted"), "\(run.everything)")
            job["CI_API_V4_URL"] = "http://localhost:1/api/v4"
            let local = try await scene.run("preflight --token-env T", job)
            #expect(local.exit == .configuration && local.everything.contains("literal address"), "\(local.everything)")
        }
    }

    @Test("help is help: on stdout, with 0, for every command")
    func help() async throws {
        try await withScene { scene in
            for line in [
                "--help", "help", "preflight --help", "record --help", "record start --help", "record finish --help",
                "history --help", "history jobs --help", "history tokens --help", "history events --help",
                "history rotations --help", "key --help", "key generate --help", "key check --help",
                "key rotate --help", "secret --help", "secret list --help", "secret forget --help", "version --help",
            ] {
                let run = try await scene.run(line)
                #expect(run.code == 0 && run.errors.isEmpty && run.output.contains("USAGE: outlast"), "\(line)")
            }
            let version = try await scene.run("version")
            #expect(version.output.hasPrefix("outlast ") && version.output.count < 40)
        }
    }
}
