// `outlast credential` as the parser reads it; `CredentialCall` does the work.

import ArgumentParser
import OutlastModel

struct CredentialCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential", abstract: "Answer git with the current token.",
        discussion: """
            get, store and erase speak git's credential protocol. `eval "$(outlast credential env)"` makes outlast the only \
            helper for the credentials' servers, for as long as that shell lives and without changing a file.
            """)

    @Argument(help: ArgumentHelp("get, store, erase or env; others do nothing, as git wants it.", valueName: "action"))
    var action: String
    @Option(help: ArgumentHelp("With env: shell, github or dotenv:FILE (shell).", valueName: "form"))
    var export: String?
    @Option(help: ArgumentHelp("Ask the `outlast exec` behind this socket.", visibility: .hidden))
    var socket: String?
    @OptionGroup(title: "The credentials") var tokens: TokenOptions
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = []

    /// Whether these arguments are answered even when the tool is turned off: git must get the token it had before.
    static func mustAnswer(_ arguments: [String]) -> Bool {
        arguments.first == "credential" && arguments.contains("get")
    }

    /// Whether a shell evaluates what these arguments print without being told so by `--export`.
    static func isForShell(_ arguments: [String]) -> Bool {
        arguments.first == "credential" && arguments.contains("env") && !arguments.contains { $0.hasPrefix("--export") }
    }

    func work(in session: Session) async throws(Failure) -> Report { try await call.work(in: session) }

    /// What was asked, without the parser.
    var call: CredentialCall {
        CredentialCall(action: action, export: export, socket: socket, tokens: tokens.given, common: common.given)
    }
}
