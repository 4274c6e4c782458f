// `outlast key generate|check|rotate`: the operator's key over the secret cache.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make, check and change the key of the secret cache.",
        discussion: """
            The key comes by OUTLAST_KEY (32 bytes as base64 or 64 hex digits), OUTLAST_KEY_FILE, OUTLAST_KEY_COMMAND \
            (its stdout) or OUTLAST_PASSPHRASE; exactly one of them is set.
            """,
        subcommands: [KeyGenerateCommand.self, KeyCheckCommand.self, KeyRotateCommand.self])
}

struct KeyGenerateCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "A new key, as one line of base64. Nothing is stored.")

    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = KeyReply.emptyKey

    func work(in session: Session) async throws(Failure) -> Report {
        KeyReply.generated(try KeyGenerateFlow(try session.world()).run())
    }
}

struct KeyCheckCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Whether the key opens what this state has sealed (0, or 41 and why not).")

    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = KeyReply.emptyCheck

    func work(in session: Session) async throws(Failure) -> Report {
        KeyReply.checked(try await KeyCheckFlow(try session.world()).run())
    }
}

struct KeyRotateCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Seal the state's secrets with another key.",
        discussion: """
            The old key comes as usual, the new one by OUTLAST_NEW_KEY, OUTLAST_NEW_KEY_FILE, OUTLAST_NEW_KEY_COMMAND or \
            OUTLAST_NEW_PASSPHRASE. At every moment exactly one of the two opens the state; a run that was cut short is \
            finished by running it again. Renewals that are under way are not disturbed.
            """)

    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = KeyReply.emptyRotation

    func work(in session: Session) async throws(Failure) -> Report {
        KeyReply.rotated(try await KeyRotateFlow(try session.world()).run())
    }
}
