// GitLab's tokens as data (facts sections 1.1 to 1.17). Administrators can change every prefix, so none of them proves a
// kind.
import OutlastModel

extension GitLab {
    /// All kinds; of those that share a prefix the one that claims least comes first.
    static let allKinds = [accessToken, personal, project, group, serviceAccount, oauth, job, deploy]

    private static let rotation = TokenKind.Renewal(
        method: "gitlab-rotate", reason: "the token can rotate itself with scope api or self_rotate",
        selfScopes: ["api", "self_rotate"])

    private static func access(_ id: String, method: TokenKind.Renewal = rotation) -> TokenKind {
        TokenKind(
            id: id, forge: "gitlab", prefixes: ["glpat-"], expiry: .date, renewal: method, username: "oauth2",
            source: "facts sections 1.1, 1.2, 1.9 [src, doc]")
    }

    /// One of the four below, not told apart.
    static let accessToken = access("gitlab-access-token")
    /// Of a person, impersonation tokens included.
    static let personal = access("gitlab-personal")
    /// Of a project's bot.
    static let project = access("gitlab-project")
    /// Of a group's bot.
    static let group = access("gitlab-group")
    /// Of a service account.
    static let serviceAccount = access("gitlab-service-account")

    /// How long GitLab's OAuth access tokens live (facts section 1.17).
    static let oauthLife = Duration.seconds(7200)

    /// An OAuth access token: 64 hex digits, two hours.
    static let oauth = TokenKind(
        id: "gitlab-oauth", forge: "gitlab", expiry: .moment,
        renewal: TokenKind.Renewal(method: "oauth2", reason: "needs the refresh token and the client it was issued to"),
        username: "oauth2", source: "facts sections 1.1, 1.17 [src, doc]")

    /// `CI_JOB_TOKEN`, opaque or a JSON web token behind the prefix.
    static let job = TokenKind(
        id: "gitlab-job", forge: "gitlab", prefixes: ["glcbt-"], expiry: .job(atMost: nil),
        renewal: TokenKind.Renewal(method: nil, reason: "a job token lives as long as its job and cannot be renewed"),
        username: "gitlab-ci-token", source: "facts sections 1.1, 1.16 [src, doc]")

    /// A deploy token. Its git user name is its own (`gitlab+deploy-token-<id>`), so none can be assumed.
    static let deploy = TokenKind(
        id: "gitlab-deploy", forge: "gitlab", prefixes: ["gldt-"], expiry: .untold,
        renewal: TokenKind.Renewal(method: nil, reason: "GitLab has no endpoint that rotates a deploy token"),
        source: "facts sections 1.1, 1.13 [doc]")
}
