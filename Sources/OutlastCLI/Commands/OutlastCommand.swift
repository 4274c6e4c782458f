// The root of the command line; a new subcommand is one line here.

import ArgumentParser
import OutlastModel

struct OutlastCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outlast",
        abstract: "Keeps git and API credentials alive through CI jobs that run longer than their tokens.",
        discussion: """
            Tokens come by --token-env, --token-file, --token-stdin or --credential, never as an argument.
            OUTLAST_MODE=warn reports and ends with 0; OUTLAST_MODE=off does nothing at all.
            """,
        subcommands: [
            PreflightCommand.self,
            RefreshCommand.self,
            RecordCommand.self,
            HistoryCommand.self,
            CredentialCommand.self,
            SSHFallbackCommand.self,
            ExecCommand.self,
            KeepCommand.self,
            KeyCommand.self,
            SecretCommand.self,
            DoctorCommand.self,
            InitCommand.self,
            VersionCommand.self,
        ])
    /// Commands that only hold others.
    static let groups: [any ParsableCommand.Type] = [
        OutlastCommand.self, RecordCommand.self, HistoryCommand.self, KeyCommand.self, SecretCommand.self,
        HistoryImportCommand.self,
    ]
}

extension OutlastCommand {
    /// Whether a word is one of the commands, `help` of the parser included.
    static func isCommand(_ word: String) -> Bool {
        word == "help" || configuration.subcommands.contains { $0.configuration.commandName == word }
    }

    /// The keys that the reply of the command in these arguments has, whether or not the arguments are otherwise right.
    static func emptyReply(for arguments: some Sequence<String>) -> [JSONValue.Member] {
        working(in: arguments)?.emptyReply ?? []
    }

    /// The reply of the command in these arguments when it failed, without the error itself.
    static func failedReply(for arguments: some Sequence<String>, _ failure: Failure) -> [JSONValue.Member] {
        working(in: arguments)?.failedReply(failure) ?? []
    }

    private static func working(in arguments: some Sequence<String>) -> (any WorkingCommand.Type)? {
        var command: any ParsableCommand.Type = Self.self
        for word in arguments {
            let next = command.configuration.subcommands.first { $0.configuration.commandName == word }
            if let next { command = next }
        }
        return command as? any WorkingCommand.Type
    }
}
