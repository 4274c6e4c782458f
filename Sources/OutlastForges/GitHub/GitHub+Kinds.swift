// GitHub's tokens as data (facts section 2.1). Here prefixes are GitHub's own and no setting, yet the answer decides.
import OutlastModel

extension GitHub {
    /// All kinds. `ghs_` is shared by installation tokens and `GITHUB_TOKEN`; only the CI's variables tell them apart.
    static let allKinds = [installation, actions, classic, fineGrained, oauth, appUser]

    private static let gitUser = "x-access-token"

    /// How long an installation token lives (facts section 2.4).
    static let installationLife = Duration.seconds(3600)

    /// An App's installation token: one hour from its minting. Two forms: 40 characters, and `ghs_<APPID>_<JWT>` of
    /// about 520 with two dots, whose `exp` can be read.
    static let installation = TokenKind(
        id: "github-app-installation", forge: "github", prefixes: ["ghs_"], expiry: .life(installationLife),
        renewal: TokenKind.Renewal(method: "github-app", reason: "minted anew with the App's private key"),
        username: gitUser, source: "facts sections 2.1, 2.4 [doc, iss]")

    /// `GITHUB_TOKEN`: dies with its job; on machines of one's own it is kept alive for 24 hours at most. The bound of
    /// hosted machines, 6 hours, is the job's and comes from the CI.
    static let actions = TokenKind(
        id: "github-actions", forge: "github", prefixes: ["ghs_"], expiry: .job(atMost: .seconds(86_400)),
        renewal: TokenKind.Renewal(
            method: nil, reason: "GITHUB_TOKEN lives as long as its job, 24 hours at most; use an App for longer ones"),
        username: gitUser, source: "facts section 2.5 [doc]")

    /// A classic personal access token.
    static let classic = TokenKind(
        id: "github-pat-classic", forge: "github", prefixes: ["ghp_"], expiry: .moment,
        renewal: TokenKind.Renewal(method: nil, reason: "a personal access token is renewed by its owner on the web"),
        username: gitUser, source: "facts sections 2.1, 2.2 [doc, iss]")

    /// A fine-grained personal access token.
    static let fineGrained = TokenKind(
        id: "github-pat-fine-grained", forge: "github", prefixes: ["github_pat_"], expiry: .moment,
        renewal: TokenKind.Renewal(method: nil, reason: "a personal access token is renewed by its owner on the web"),
        username: gitUser, source: "facts sections 2.1, 2.2 [doc, iss]")

    /// An OAuth app's token: no end, but taken back after a year without use.
    static let oauth = TokenKind(
        id: "github-oauth", forge: "github", prefixes: ["gho_"], expiry: .untold,
        renewal: TokenKind.Renewal(
            method: nil, reason: "GitHub gives OAuth apps no refresh token, and these do not end"),
        username: gitUser, source: "facts section 2.1 [doc]")

    /// A user's token of a GitHub App: 8 hours unless the App opted out.
    static let appUser = TokenKind(
        id: "github-app-user", forge: "github", prefixes: ["ghu_"], expiry: .life(.seconds(28_800)),
        renewal: TokenKind.Renewal(
            method: "github-user", reason: "needs its `ghr_` refresh token and the App's client"),
        username: gitUser, source: "facts sections 2.1, 2.6 [doc]")
}
