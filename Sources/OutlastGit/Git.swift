// git as the flows know it.

public import OutlastModel

/// git's credential protocol and its configuration in the environment.
public struct Git: GitInterface {
    /// Makes the adapter.
    public init() {}

    /// Reads what git writes to a helper; see `GitInterface`.
    public func question(_ bytes: [UInt8]) throws(Failure) -> GitQuestion { try CredentialReader.question(bytes) }

    /// What to write to git.
    public func reply(_ answer: GitAnswer, to question: GitQuestion) -> Secret {
        CredentialWriter.reply(answer, to: question)
    }

    /// Asks git for the settings that decide about servers, as it sees them in the working folder.
    public var settingsQuestion: [String] { GitSettingsReader.question }

    /// Asks git for the settings that may stand between a credential and its server.
    public var healthQuestion: [String] { GitSettingsReader.healthQuestion }

    /// Reads git's answer.
    public func settings(_ output: Secret) -> [GitSetting] { GitSettingsReader.settings(output) }

    /// What makes ours the only helper.
    public func environment(_ request: GitEnvironmentRequest) -> GitEnvironment {
        EnvironmentWriter(request).environment
    }
}
