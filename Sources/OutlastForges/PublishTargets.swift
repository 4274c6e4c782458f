// The places to publish to. One line here is all that a new one needs outside of its own file.
public import OutlastModel

/// All publish targets.
public enum PublishTargets {
    /// In the order that messages list them.
    public static let all: [any PublishTarget] = [
        GitLabVariable(), GitHubSecret(), JenkinsCredential(), FileTarget(), DotenvTarget(), CommandTarget(),
    ]
}
