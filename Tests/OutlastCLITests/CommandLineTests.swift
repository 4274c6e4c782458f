// The line from arguments to reply, with a world of traps: mode, shapes of errors, streams.

import OutlastFlows
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastCLI

@Suite("The command line")
struct CommandLineTests {
    private let history = RememberingHistory()
    private let clock = FixedClock("2026-11-20T22:10:00Z")

    private func run(
        _ line: String, _ variables: [String: String] = [:], isTerminal: Bool = false,
        pipeline: (any Pipeline)? = nil
    ) async -> Reply {
        let clock = clock, history = history
        let forge = ScriptedForge(until: clock.now().advanced(by: .seconds(3600)), at: clock.now())
        let wiring = Wiring(
            makeWorld: { _ in
                .trapping(
                    clock: PatientClock(clock), variables: variables, forges: [forge], pipeline: pipeline,
                    store: .success(history))
            },
            loadConfiguration: { _, _ in Configuration() }, dotenv: { _ in "" }, git: TrappingGit(),
            tokenPrefixes: ["scr-"],
            version: "9.8.7")
        let arguments = line.split(separator: " ").map(String.init)
        return await runCommandLine(
            Invocation(
                arguments: arguments, variables: Variables(variables), workingFolder: "/", outputIsTerminal: isTerminal),
            wiring)
    }

    @Test("the mode is read once, for every command, before anything else")
    func modes() async {
        for (text, code) in [
            ("enforce", 64), ("ENFORCE", 64), ("", 64), ("warn", 0), ("off", 0), ("Off", 0), ("no", 78),
        ] {
            #expect(await run("no-such-command", ["OUTLAST_MODE": text]).code == Int32(code), "\(text)")
        }
        let off = await run("preflight --json", ["OUTLAST_MODE": "off"])
        #expect(off.output.contains("\"decision\":null") && off.output.hasSuffix("\"mode\":\"off\"}\n"))
        #expect(history.records.isEmpty)
    }

    @Test("an error has the shape of the command that was meant, understood or not")
    func shapes() async {
        let shapes = [
            ("preflight --nonsense", "decision"), ("refresh --nonsense", "outcome"),
            ("record start --nonsense", "job_id"), ("history jobs x y", "jobs"),
            ("history estimate --quantile 2", "estimate_s"), ("version --format xml", "version"),
        ]
        for (line, key) in shapes {
            let reply = await run(line + " --json")
            #expect(reply.code == 64 && reply.output.contains("\"\(key)\":"), "\(reply.output)")
            #expect(reply.output.contains("\"error\":{\"code\":64,\"message\":"), "\(reply.output)")
            let text = await run(line)
            #expect(text.output.isEmpty && text.errors.allSatisfy { $0.hasPrefix("outlast: ") })
        }
    }

    @Test("lines for the CI's runner go to stdout, and to stderr beside an object")
    func runnerLines() async {
        let job = JobContext(ci: "scripted", forge: "scripted")
        let variables = ["T": "scr-0123456789-0123456789"]
        let line = "preflight --token-env T --min-remaining 2h"
        let text = await run(line, variables, pipeline: ScriptedPipeline(job))
        let json = await run(line + " --json", variables, pipeline: ScriptedPipeline(job))
        let sentence = "insufficient: token (scripted) ends in 1h"
        #expect(text.code == 10 && text.output.split(separator: "\n").last?.hasPrefix(sentence) == true)
        #expect(json.output.split(separator: "\n").count == 1 && json.errors.last?.hasPrefix(sentence) == true)
    }

    @Test(
        "a shell that evaluates the output gets one line that ends with a failure's code, and nothing for a forgiven one"
    )
    func forShells() async {
        for export in ["--export shell", "--export=shell"] {
            let failed = await run("preflight \(export)")
            #expect(failed.code == 64 && failed.output == "(exit 64)\n" && !failed.errors.isEmpty)
            let forgiven = await run("preflight \(export)", ["OUTLAST_MODE": "warn"])
            #expect(forgiven.code == 0 && forgiven.output.isEmpty && !forgiven.errors.isEmpty)
            #expect(await run("preflight \(export)", ["OUTLAST_MODE": "off"]).output.isEmpty)
            #expect(await run("preflight \(export)", ["OUTLAST_MODE": "no"]).output == "(exit 78)\n")
            #expect(await run("preflight \(export) --json").output.hasPrefix("{"))
        }
        for other in ["preflight --export github", "preflight -- --export shell"] {
            #expect(await run(other).output.isEmpty)
        }
    }

    @Test("colour is for terminals, and never with NO_COLOR")
    func colour() async {
        let line = "preflight --token-env T --min-remaining 2h"
        let variables = ["T": "scr-0123456789-0123456789"]
        #expect(await run(line, variables, isTerminal: true).output.contains("\u{1B}[31minsufficient"))
        #expect(await !run(line, variables).output.contains("\u{1B}"))
        let plain = await run(line, variables.merging(["NO_COLOR": "1"]) { $1 }, isTerminal: true)
        #expect(!plain.output.contains("\u{1B}"))
        let json = await run(line + " --json", variables, isTerminal: true)
        #expect(!json.output.contains("\u{1B}"))
    }

    @Test("a group without its subcommand shows its help and ends with 64; help ends with 0")
    func help() async {
        for group in ["", "record", "history"] {
            let reply = await run(group)
            #expect(reply.code == 64 && reply.output.isEmpty && !reply.errors.isEmpty)
        }
        for line in ["help", "help preflight", "--help", "history jobs --help"] {
            let reply = await run(line)
            #expect(reply.code == 0 && reply.output.contains("USAGE: outlast") && reply.errors.isEmpty, "\(line)")
        }
    }

    @Test("several tokens are named by their variables only when those are certainly names")
    func names() async {
        let variables = ["RELEASE": "scr-aaaaaaaaaaaaaaaaaaaa", "lower1case2hex3abc4def": "scr-bbbbbbbbbbbbbbbbbbbb"]
        let reply = await run(
            "preflight --token-env RELEASE --token-env lower1case2hex3abc4def --offline --json", variables)
        #expect(reply.output.contains("\"name\":\"RELEASE\"") && reply.output.contains("\"name\":\"token-2\""))
        #expect(!reply.output.contains("lower1case") && !reply.errors.joined().contains("lower1case"))
    }

    @Test("version says which, and nothing else")
    func version() async {
        #expect(await run("version").output == "outlast 9.8.7\n")
        #expect(await run("version --json").output == "{\"schema\":1,\"version\":\"9.8.7\"}\n")
    }
}
