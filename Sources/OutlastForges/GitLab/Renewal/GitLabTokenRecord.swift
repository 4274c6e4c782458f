// An access token as GitLab describes it: what a renewal has to know before it asks for one.
import OutlastModel

/// A living access token.
struct GitLabTokenRecord: Sendable {
    /// What GitLab said of it.
    let reading: TokenReading
    /// Its number.
    let id: Int64
    /// Whose it is; nil where an old version does not say.
    let userID: Int64?
    let name: String
    /// Nil for fine-grained tokens, whose rights no scope names.
    let scopes: [String]?
    let description: String?
    /// The role of a project's or group's bot; nil where this answer does not say.
    let accessLevel: Int64?
    let createdAt: Instant?
    /// GitLab's clock.
    let forgeNow: Instant

    init(_ json: JSONValue, _ reading: TokenReading, at forgeNow: Instant) {
        self.reading = reading
        self.forgeNow = forgeNow
        id = json["id"]?.integer ?? 0
        userID = json["user_id"]?.integer
        name = json["name"]?.text ?? ""
        scopes = reading.scopes
        description = json["description"]?.text
        accessLevel = json["access_level"]?.integer
        createdAt = json["created_at"]?.text.flatMap { Instant(text: $0) }
    }
}

/// Where tokens live, which decides the paths of everything that another credential does with them (facts sections 1.9,
/// 1.11).
enum GitLabPlace: Hashable, Sendable {
    case project(Int64)
    case group(Int64)
    case serviceAccount(group: Int64, user: Int64)
    /// A person, or an account of which nothing more is known: administrators and owners act by the token's number.
    case user(Int64)

    /// By the name of the token's user: `project_<id>_bot_…`, `group_<id>_bot_…`, `service_account_group_<id>_…`.
    init(username: String, userID: Int64) {
        let words = username.split(separator: "_", omittingEmptySubsequences: false)
        if words.count >= 3, words[2].hasPrefix("bot"), let id = Int64(words[1]) {
            if words[0] == "project" {
                self = .project(id)
                return
            }
            if words[0] == "group" {
                self = .group(id)
                return
            }
        }
        if words.count >= 4, words[..<3].joined(separator: "_") == "service_account_group", let id = Int64(words[3]) {
            self = .serviceAccount(group: id, user: userID)
            return
        }
        self = .user(userID)
    }

    /// The path of its list of tokens.
    var tokens: String {
        switch self {
        case .project(let id): "/projects/\(id)/access_tokens"
        case .group(let id): "/groups/\(id)/access_tokens"
        case .serviceAccount(let group, let user): "/groups/\(group)/service_accounts/\(user)/personal_access_tokens"
        case .user: "/personal_access_tokens"
        }
    }

    /// Where a new token is made.
    var creation: String {
        if case .user(let id) = self { "/users/\(id)/personal_access_tokens" } else { tokens }
    }

    /// The query that lists its living tokens, the newest first.
    var listing: String {
        let order = "state=active&sort=created_desc&per_page=100"
        if case .user(let id) = self { return "user_id=\(id)&\(order)" }
        return order
    }

    /// Whether each token has a bot user of its own.
    var hasBots: Bool {
        switch self {
        case .project, .group: true
        case .serviceAccount, .user: false
        }
    }
}
