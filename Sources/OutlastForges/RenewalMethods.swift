// The ways to renew. One line here is all that a new one needs outside of its own file.
public import OutlastModel

/// All renewal methods.
public enum RenewalMethods {
    /// In the order that messages list them.
    public static let all: [any RenewalMethod] = [
        GitLabRotate(), GitLabReplace(), GitLabPair(), OAuth2Renewal(), GitHubApp(), GitHubUser(), CommandRenewal(),
        HTTPRenewal(),
    ]
}
