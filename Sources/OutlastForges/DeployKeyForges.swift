// The forges that let in keys of ours by their API. One line here is all that a new one needs outside of its own file.
public import OutlastModel

/// All forges with deploy keys.
public enum DeployKeyForges {
    /// GitLab and GitHub.
    public static let all: [any DeployKeyForge] = [GitLabDeployKeys(), GitHubDeployKeys()]
}
