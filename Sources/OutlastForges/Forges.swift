// The forges there are. One line here is all that a new one needs outside of its own folder.
public import OutlastModel

/// All forges, in wiring order: where two claim the same prefix, the first one wins.
public enum Forges {
    /// GitLab, GitHub, Azure DevOps, Bitbucket, any OAuth 2 server, and none of them.
    public static let all: [any Forge] = [GitLab(), GitHub(), AzureDevOps(), Bitbucket(), OAuth2(), Generic()]
}
