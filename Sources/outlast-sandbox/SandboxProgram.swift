// The program: a thin shell around the library that starts a sandbox, says where it is, and waits for the end.
import ArgumentParser
import FoundationEssentials
import OutlastSandbox

@main
struct SandboxProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outlast-sandbox",
        abstract: "A forge to rehearse against: GitLab, GitHub, OAuth 2, Jenkins and git over HTTP on loopback.",
        discussion: """
            It has its own clock, which can be set and moved, makes faults to order, and keeps a log that never holds \
            a secret. Its control API lives under /_sandbox/ and hands out secrets to whoever asks, so it listens on \
            loopback only.
            """,
        subcommands: [Serve.self, Facts.self])
}

/// `outlast-sandbox serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start a sandbox, print one JSON line with its addresses, and serve until SIGTERM or SIGINT.")

    @Option(help: "The port to listen on; 0 takes any free one.")
    var port = 0

    @Option(help: "The loopback address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Write the port to this file when ready.", completion: .file())
    var portFile: String?

    @Option(help: "Begin at this time, such as 2026-11-20T22:10:00Z; without it the machine's time.")
    var clock: String?

    @Flag(help: "Let the clock stand still until the control API moves it.")
    var freeze = false

    @Option(help: "Keep the git repositories in this folder; without it in a temporary one.", completion: .directory)
    var gitRoot: String?

    @Option(help: "Set things up from this JSON file: control paths with their bodies.", completion: .file())
    var seed: String?

    func run() async throws {
        let stop = await StopSignals()
        let sandbox = try await Sandbox.start(
            SandboxOptions(port: port, host: host, clock: try startingClock(), gitRoot: gitRoot))
        do {
            if let seed { try plant(seed, in: sandbox) }
            if let portFile { try Data("\(sandbox.port)\n".utf8).write(to: URL(filePath: portFile), options: .atomic) }
        } catch {
            await sandbox.stop()
            throw error
        }
        say(sandbox.readyLine)
        await stop.wait()
        await sandbox.stop()
    }

    private func startingClock() throws -> SandboxClock {
        let start: SandboxClock
        if let clock {
            guard let instant = SandboxInstant(clock) else {
                throw ValidationError("--clock takes a time such as 2026-11-20T22:10:00Z")
            }
            start = .running(from: instant)
        } else {
            start = .running(offset: 0)
        }
        return freeze ? .fixed(start.now) : start
    }

    private func plant(_ path: String, in sandbox: Sandbox) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        guard let document = SandboxJSON(parsing: bytes) else { throw ValidationError("\(path) is not JSON") }
        say(try sandbox.seed(document).text)
    }
}

/// `outlast-sandbox facts`.
struct Facts: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what the sandbox answers with, and how each fact is known.")

    @Flag(help: "Only facts that rest on memory, without a source that was read.")
    var unverified = false

    @Flag(help: "Whole entries as JSON.")
    var json = false

    @Flag(help: "A table in Markdown, for documentation.")
    var markdown = false

    func run() throws {
        let facts = unverified ? FactBook.standard.unverified : FactBook.standard.facts
        if markdown { say("| fact | status | known by | note |\n| --- | --- | --- | --- |") }
        for fact in facts {
            if markdown {
                say("| `\(fact.id)` | \(fact.status) | \(fact.tag), \(fact.source) | \(fact.note ?? "") |")
            } else if json {
                say(fact.json.text)
            } else {
                say([fact.id, String(fact.status), fact.tag, fact.source, fact.note ?? ""].joined(separator: "\t"))
            }
        }
    }
}
