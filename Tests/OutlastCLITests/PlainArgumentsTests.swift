// The plain reading of arguments must never differ from the parser's: it is the same command, sooner.

import ArgumentParser
import Testing

@testable import OutlastCLI

@Suite("Plain arguments")
struct PlainArgumentsTests {
    /// Every property of a command with its value; property wrappers describe what they hold.
    private func properties(of command: Any, under path: String = "") -> [String] {
        Mirror(reflecting: command).children.flatMap { child -> [String] in
            let name = path + (child.label ?? "?")
            switch name {
            case "_tokens", "_common":
                return groups(of: command, name: name)
            default: return ["\(name): \(child.value)"]
            }
        }
    }

    private func groups(of command: Any, name: String) -> [String] {
        let isTokens = name == "_tokens"
        if let command = command as? PreflightCommand {
            return properties(of: isTokens ? command.tokens : command.common, under: name + ".")
        }
        return ["\(name): no group"]
    }

    @Test(
        "git's helper is read as the parser reads it",
        arguments: [
            ["get"], ["erase", "--state", "s.db"], ["env", "--export", "dotenv:a b", "--credential", "c"],
            ["get", "--config", "/a b.yml", "--strict", "--credential", "c", "--credential", "d"], ["no-such-action"],
            ["get", "--token-env", "T", "--forge", "gitlab", "--api-url", "https://h/api/v4", "--timeout", "3s"],
        ])
    func credential(_ words: [String]) throws {
        let arguments = ["credential"] + words
        let call = try #require(CredentialCall(plain: arguments))
        let parsed = try #require(try OutlastCommand.parseAsRoot(arguments) as? CredentialCommand)
        #expect(call == parsed.call)
        // git appends the action to whatever it was told to run.
        let appended = ["credential"] + words.dropFirst() + words.prefix(1)
        let lateParsed = try #require(try OutlastCommand.parseAsRoot(appended) as? CredentialCommand)
        #expect(CredentialCall(plain: appended) == call)
        #expect(lateParsed.call == call)
    }

    @Test(
        "git's helper leaves everything else to the parser",
        arguments: [
            [], ["--help"], ["get", "get"], ["get", "-h"], ["get", "--state"], ["get", "--export=shell"],
            ["--state", "get"], ["--strict"],

            ["--strict", "yes", "get"],
        ])
    func credentialLeft(_ words: [String]) { #expect(CredentialCall(plain: ["credential"] + words) == nil) }

    static let plain: [[String]] = [
        [],
        ["--token-env", "RELEASE_TOKEN"],
        ["--token-env", "A", "--token-env", "B", "--credential", "c", "--credential", "d"],
        ["--token-file", "/run/token", "--forge", "gitlab", "--api-url", "https://gitlab.example.com/api/v4"],
        ["--token-stdin", "--expires-at", "2027-01-01T00:00:00Z", "--duration", "2h"],
        ["--quantile", "0.9", "--margin", "0", "--min-remaining", "1h30m"],
        ["--needs-scope", "api", "--needs-scope", "read_user", "--on-insufficient", "warn"],
        ["--require-known", "--fresh", "--deadline", "5s", "--dotenv", "out.env"],
        ["--state", "sqlite:/s/state.db?mode=group", "--config", "a b.yml", "--format", "json"],
        ["--json", "--strict", "--offline", "--timeout", "3s", "--allow-insecure-http"],
        ["--duration", "not a duration", "--token-env", "preflight"],
        ["--config", "é", "--json"],
    ]

    @Test("gives what the parser gives", arguments: plain)
    func sameAsTheParser(_ options: [String]) throws {
        let arguments = ["preflight"] + options
        let command = try #require(PreflightCommand(plain: arguments))
        let parsed = try #require(try OutlastCommand.parseAsRoot(arguments) as? PreflightCommand)
        #expect(properties(of: command) == properties(of: parsed))
        #expect(!properties(of: command).contains { $0.contains("*definition*") }, "a property is not set")
    }

    @Test("knows every option that the parser knows")
    func everyOption() {
        let help = OutlastCommand.helpMessage(for: PreflightCommand.self)
        let options = Set(help.split(whereSeparator: { " \n[](),|.".contains($0) }).filter { $0.hasPrefix("--") })
        #expect(options.count > 20)
        for option in options.subtracting(["--help"]).map(String.init) {
            let asFlag = PreflightCommand(plain: ["preflight", option])
            let withValue = PreflightCommand(plain: ["preflight", option, "value"])
            #expect((asFlag == nil) != (withValue == nil), "\(option)")
        }
    }

    static let notPlain: [[String]] = [
        [], ["--json", "preflight"], ["preflights"], ["record", "start"], ["help", "preflight"],
        ["preflight", "--help"], ["preflight", "-h"], ["preflight", "--version"], ["preflight", "word"],
        ["preflight", "--duration=2h"], ["preflight", "--duration"], ["preflight", "--duration", ""],
        ["preflight", "--duration", "1h", "--duration", "2h"], ["preflight", "--duration", "-1h"],
        ["preflight", "--json", "--json"], ["preflight", "--json", "yes"], ["preflight", "--token-env", "A", "B"],
        ["preflight", "--token-env"], ["preflight", "--"], ["preflight", "--", "--json"], ["preflight", "-"],
        ["preflight", "--unknown"], ["preflight", "--unknown", "value"], ["preflight", "--dura", "2h"],
        ["preflight", ""], ["preflight", "--generate-completion-script", "bash"],
    ]

    @Test("leaves everything else to the parser", arguments: notPlain)
    func leftToTheParser(_ arguments: [String]) { #expect(PreflightCommand(plain: arguments) == nil) }
}
