// stub
struct GitHubState: Sendable {}
struct OAuthState: Sendable {}
struct OtherState: Sendable {}
extension World {
    static let gitHubAppRoutes: [Route] = []
    static let gitHubRepositoryRoutes: [Route] = []
    static let gitHubSecretRoutes: [Route] = []
    static let gitHubPlainRoutes: [Route] = []
    static let gitHubUserTokenRoutes: [Route] = []
    static let oauthRoutes: [Route] = []
    static let azureRoutes: [Route] = []
    static let bitbucketRoutes: [Route] = []
    static let jenkinsRoutes: [Route] = []
    mutating func checkGitHubDoor(_ call: Call) throws {}
    mutating func admitToGitHub(_ target: GitTarget, _ call: Call) throws {}
    mutating func spendGitHubTokenAfterAdvertisement(_ secret: String) {}
}
