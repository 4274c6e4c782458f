// From report or failure to bytes: one JSON object or text on stdout, talk with the `outlast:` prefix on stderr.

import ArgumentParser
import OutlastModel

struct Renderer: Sendable {
    private let isJSON: Bool
    /// Whether a shell evaluates what stands on stdout (`--export shell`, or a command that is made for it).
    private let isForShell: Bool
    private let style: TextStyle
    private let arguments: [String]
    private let stopSignal: @Sendable () -> Int32?

    /// - Parameter stopSignal: The signal that asked the program to end; nil while none did.
    init(_ invocation: Invocation, stopSignal: @escaping @Sendable () -> Int32? = { nil }) {
        self.stopSignal = stopSignal
        let arguments = invocation.arguments.prefix { $0 != "--" }
        let hasOption: (String, String) -> Bool = { name, value in
            arguments.contains("\(name)=\(value)")
                || arguments.indices.dropFirst().contains { arguments[$0] == value && arguments[$0 - 1] == name }
        }
        isJSON = arguments.contains("--json") || hasOption("--format", "json")
        isForShell =
            !isJSON && (hasOption("--export", "shell") || CredentialCommand.isForShell(Array(arguments)))
        style = TextStyle(
            hasColour: invocation.outputIsTerminal && invocation.variables.all["NO_COLOR"].map(\.isEmpty) ?? true,
            columns: invocation.columns)
        self.arguments = Array(arguments)
    }

    func reply(_ report: Report) -> Reply {
        if let code = report.childCode { return Reply(code: code, isChilds: true) }
        var errors = Self.talk(report.notes)
        var output: String
        if isJSON {
            output = object(report.json())
            errors += report.runnerLines
        } else if isForShell {
            output = report.shellText ?? ""
            let said = report.text(TextStyle(hasColour: false, columns: nil))
            errors += said.split(separator: "\n").map { "outlast: \($0)" } + report.runnerLines
        } else {
            output = report.text(style)
            for line in report.runnerLines { output += line + "\n" }
        }
        return Reply(
            output: output, secret: report.secret, errors: errors, code: report.code.rawValue, masks: report.masks,
            masksGoToErrors: isJSON || isForShell)
    }

    /// What a shell is given to evaluate when all is done: what was handed on, and for a failure one line that ends an
    /// `eval "$(outlast …)"` with its code. A renewed token reaches the job even then: its old one may be dead. A failure
    /// that was forgiven (`OUTLAST_MODE=warn`) adds nothing.
    func forShell(_ reply: Reply, isForgiven: Bool) -> Reply {
        guard isForShell, !isForgiven, reply.code != 0 else { return reply }
        var reply = reply
        reply.output += "(exit \(reply.code))\n"
        return reply
    }

    /// Lines for stderr: a hint may have several.
    private static func talk(_ notes: [String]) -> [String] {
        notes.flatMap { $0.split(separator: "\n") }.map { "outlast: \($0)" }
    }

    /// A failure: a sentence and a hint on stderr; with JSON also the command's empty shape with `error`.
    func failure(_ failure: Failure) -> Reply {
        let errors = Self.talk(failure.lines)
        let reply = OutlastCommand.failedReply(for: arguments, failure)
        let output = isJSON ? object(reply + [.init("error", failure.json)]) : ""
        return Reply(output: output, errors: errors, code: failure.code.rawValue)
    }

    /// A failure of `exec` itself: its exit code must not be taken for its command's, so the table's stands in the message.
    func execFailure(_ failure: Failure) -> Reply {
        var lines = failure.lines
        lines[0] += " (code \(failure.code.rawValue))"
        return Reply(errors: Self.talk(lines), code: ExecCommand.failed)
    }

    /// `OUTLAST_MODE=off`: nothing is done, and said so where an object is expected.
    func off() -> Reply { Reply(output: isJSON ? object(emptyReply + [.init("mode", "off")]) : "") }

    /// Help, version and completions end with 0 on stdout; mistakes with 64 on stderr, without repeating arguments.
    func parserAnswer(_ error: any Error) throws(Failure) -> Reply {
        let code = OutlastCommand.exitCode(for: error)
        if code == .success { return Reply(output: OutlastCommand.fullMessage(for: error) + "\n") }
        if let word = arguments.first, !word.hasPrefix("-"), !OutlastCommand.isCommand(word) {
            throw .usage("there is no such command", hint: "outlast --help lists the commands")
        }
        let mistake = ParserMistake(OutlastCommand.message(for: error)).failure
        guard mistake.message.contains("unexpected argument"), let name = arguments.first,
            ["exec", "keep"].contains(name)
        else { throw mistake }
        throw .usage(
            "`\(name)` takes its command behind --, and nothing but options before it",
            hint: "outlast \(name) --credential NAME -- git push origin main")
    }

    func help(for command: any ParsableCommand.Type) -> Reply {
        let text = OutlastCommand.helpMessage(for: command)
        return Reply(
            errors: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init),
            code: OutlastModel.ExitCode.usage.rawValue)
    }

    /// The keys of the command's reply with their empty values, for replies that are only an error.
    private var emptyReply: [JSONValue.Member] { OutlastCommand.emptyReply(for: arguments) }

    private func object(_ members: [JSONValue.Member]) -> String {
        JSONValue.object([.init("schema", 1)] + members.map(stopped)).encoded + "\n"
    }

    /// An error names the code that the program ends with, which is the signal's where one asked for the end.
    private func stopped(_ member: JSONValue.Member) -> JSONValue.Member {
        guard member.key == "error", let signal = stopSignal(), let parts = member.value.members else { return member }
        let told = parts.map { $0.key == "code" ? .init("code", .integer(Int64(128 + signal))) : $0 }
        return .init("error", .object(told))
    }
}

extension Failure {
    /// The value of `error` (contract, section 2).
    var json: JSONValue {
        ["code": .integer(Int64(code.rawValue)), "message": .string(message), "hint": JSONValue(hint)]
    }

    /// What stderr says, without the prefix.
    var lines: [String] { [message] + (hint.map { ["hint: \($0)"] } ?? []) }
}

/// What the argument parser complains about, with everything in quotes taken out that is not one of our option names.
struct ParserMistake {
    let failure: Failure

    init(_ message: String) {
        // Names of our own arguments are shown where one is missing: nothing that was typed is quoted there.
        let isMissing = message.hasPrefix("Missing ") || message.hasPrefix("Error: Missing ")
        var shown = ""
        var inside = false
        var quoted = ""
        for character in message.split(separator: "\n").first.map(String.init) ?? "" {
            if character == "'" {
                let isOurs = Self.isOption(quoted) || (isMissing && Self.isPlaceholder(quoted))
                if inside { shown += isOurs ? "'\(quoted)'" : "(not shown)" }
                quoted = ""
                inside.toggle()
            } else if inside {
                quoted.append(character)
            } else {
                shown.append(character)
            }
        }
        // An unbalanced quote means that an argument held one: say nothing of it.
        if inside { shown = "the arguments could not be understood" }
        let bare = shown.hasPrefix("Error: ") ? shown.dropFirst(7) : shown[...]
        // What begins like an option and is none may be a pasted key.
        let text = bare.split(separator: " ", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("-") && !Self.isOption(String($0)) ? "(not shown)" : String($0) }.joined(separator: " ")
        failure = .usage(
            text.prefix(1).lowercased() + text.dropFirst(),
            hint: "outlast --help lists the commands, outlast COMMAND --help its options")
    }

    /// `<some-name>`, as help calls an argument.
    private static func isPlaceholder(_ text: String) -> Bool {
        guard text.hasPrefix("<"), text.hasSuffix(">"), text.count <= 24 else { return false }
        return text.dropFirst().dropLast().allSatisfy { $0 == "-" || ("a"..."z").contains($0) }
    }

    /// `--some-option`, optionally with `<value>`: short words of lower-case letters, which no token is.
    private static func isOption(_ text: String) -> Bool {
        guard text.hasPrefix("-"), text.count <= 40 else { return false }
        let name = text.prefix { $0 != " " }
        return name.allSatisfy { $0 == "-" || ("a"..."z").contains($0) } && !text.contains("=")
    }
}
