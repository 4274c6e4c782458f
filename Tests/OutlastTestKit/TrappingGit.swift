// A git that nobody expects to be spoken to.

public import OutlastModel
internal import Testing

/// Fails the test whatever is asked.
public struct TrappingGit: GitInterface {
    /// Makes a trap.
    public init() {}

    private func trap(_ what: String) { Issue.record("nobody expected this: \(what)") }

    /// Fails the test.
    public func question(_ bytes: [UInt8]) throws(Failure) -> GitQuestion {
        trap("reading git's question")
        return GitQuestion()
    }
    /// Fails the test.
    public func reply(_ answer: GitAnswer, to question: GitQuestion) -> Secret {
        trap("answering git")
        return Secret("")
    }
    /// Fails the test.
    public var settingsQuestion: [String] {
        trap("asking for git's settings")
        return []
    }
    /// Fails the test.
    public var healthQuestion: [String] {
        trap("asking for git's settings")
        return []
    }
    /// Fails the test.
    public func settings(_ output: Secret) -> [GitSetting] {
        trap("reading git's settings")
        return []
    }
    /// Fails the test.
    public func environment(_ request: GitEnvironmentRequest) -> GitEnvironment {
        trap("an environment for git")
        return GitEnvironment(variables: [], notes: [])
    }
}
