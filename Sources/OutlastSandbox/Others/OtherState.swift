// What the smaller doubles remember.

/// How Azure DevOps turns a dead token away: all three have been seen.
public enum AzureRefusal: String, Sendable, Hashable, CaseIterable {
    /// 401 with a text.
    case unauthorized = "401"
    /// 203 with the sign-in page.
    case signInPage = "203"
    /// 302 to the sign-in page.
    case redirect = "302"
}

struct OtherState: Sendable {
    var azureTokens: [String: SandboxInstant?] = [:]
    var azureRefusal = AzureRefusal.unauthorized
    var bitbucketTokens: [String: SandboxInstant?] = [:]
    /// Users of Jenkins with their API tokens and passwords.
    var jenkinsUsers: [String: JenkinsUser] = [:]
    /// Credentials by `<folder>|<domain>|<id>`, as XML.
    var jenkinsCredentials: [String: String] = [:]

    static func isAlive(_ token: SandboxInstant??, _ now: SandboxInstant) -> Bool {
        guard let known = token else { return false }
        return known.map { now < $0 } ?? true
    }
}

struct JenkinsUser: Sendable {
    var apiToken: String
    var password: String?
    var mayWrite = true
}
