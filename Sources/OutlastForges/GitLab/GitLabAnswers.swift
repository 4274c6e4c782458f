// GitLab's objects read leniently where they may differ between versions, and strictly where a wrong type means that this
// is not GitLab.
import OutlastModel

/// Readings of GitLab's JSON.
enum GitLabAnswers {
    /// The token object of facts section 1.7. Its kind is nil unless the object itself tells.
    ///
    /// - Throws: `unreachable` when what it must hold is missing or of another type.
    static func accessToken(_ answer: APIAnswer, _ json: JSONValue) throws(Failure) -> TokenReading {
        guard let id = json["id"]?.integer else { throw answer.notTheAPI("an object without a token's id") }
        let revoked = try truth("revoked", json, answer)
        let active = try truth("active", json, answer)
        guard revoked != nil || active != nil else {
            throw answer.notTheAPI("an object that does not say whether the token is active")
        }
        let expiry = try expiry(json, answer)
        var reading = answer.reading(
            .alive, kind: resourceKind(json), tokenID: String(id), name: json["name"]?.text,
            scopes: try scopes(json, answer), expiry: expiry)
        if revoked == true {
            reading.standing = .revoked
        } else if active == false {
            let isOver = LifetimeRules.isOver(expiry, at: answer.forgeNow)
            reading.standing = isOver == true ? .expired : .rejected
            reading.detail = "GitLab calls it inactive" + answer.trace
        }
        return reading
    }

    /// `/oauth/token/info`: seconds that remain, on the forge's clock; null for a token without an end.
    ///
    /// - Throws: `unreachable` when what it must hold is missing or of another type.
    static func oauth(_ answer: APIAnswer, _ json: JSONValue) throws(Failure) -> TokenReading {
        guard json["resource_owner_id"] != nil || json["application"] != nil else {
            throw answer.notTheAPI(answer.nature)
        }
        let expiry: Expiry
        switch json["expires_in"] ?? json["expires_in_seconds"] {
        case nil: expiry = .unknown
        case .null?: expiry = .never
        case let value?:
            guard let seconds = value.wholeNumber, (0...3_153_600_000).contains(seconds) else {
                throw answer.notTheAPI("an `expires_in` that is no number of seconds")
            }
            expiry = .at(answer.forgeNow.advanced(by: .seconds(seconds)))
        }
        let scopes = (json["scope"] ?? json["scopes"])?.elements?.compactMap(\.text)
        return answer.reading(.alive, kind: GitLab.oauth, scopes: scopes, expiry: expiry)
    }

    /// `GET /job` of a running job (facts section 1.16 [doc]).
    ///
    /// - Throws: `unreachable` for an object that is no job.
    static func job(_ answer: APIAnswer, _ json: JSONValue) throws(Failure) -> TokenReading {
        guard json["id"]?.integer != nil, json["status"]?.text != nil, json["web_url"] != nil else {
            throw answer.notTheAPI("an object that is no job")
        }
        return answer.reading(.alive, kind: GitLab.job, detail: "dies with its job")
    }

    /// Whose token it is by `GET /user`: the bots of projects and groups are called `project_<id>_bot…` and
    /// `group_<id>_bot…` (facts section 1.11 [src]), service accounts `service_account_…` unless they were named.
    static func owner(_ json: JSONValue) -> TokenKind {
        guard let name = json["username"]?.text else { return GitLab.accessToken }
        if json["bot"]?.truth == false { return GitLab.personal }
        guard json["bot"]?.truth == true else { return GitLab.accessToken }
        if isBot(name, of: "project_") { return GitLab.project }
        if isBot(name, of: "group_") { return GitLab.group }
        return name.hasPrefix("service_account_") ? GitLab.serviceAccount : GitLab.accessToken
    }

    private static func isBot(_ name: String, of prefix: String) -> Bool {
        guard name.hasPrefix(prefix) else { return false }
        let rest = name.dropFirst(prefix.count)
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        return !digits.isEmpty && rest.dropFirst(digits.count).hasPrefix("_bot")
    }

    /// `resource_type` is there in some versions (facts section 1.7 [doc/mem]).
    private static func resourceKind(_ json: JSONValue) -> TokenKind? {
        switch json["resource_type"]?.text?.lowercased() {
        case "project": GitLab.project
        case "group": GitLab.group
        default: nil
        }
    }

    /// A date: dead from 00:00:00 UTC of that date on (facts section 1.2 [src, doc]); null: without an end.
    private static func expiry(_ json: JSONValue, _ answer: APIAnswer) throws(Failure) -> Expiry {
        switch json["expires_at"] {
        case nil: return .unknown
        case .null?: return .never
        case let value?:
            guard let moment = value.text.flatMap({ Instant(text: $0) }) else {
                throw answer.notTheAPI("an `expires_at` that is no date")
            }
            return .at(moment)
        }
    }

    private static func truth(_ key: String, _ json: JSONValue, _ answer: APIAnswer) throws(Failure) -> Bool? {
        guard let value = json[key], value != .null else { return nil }
        guard let truth = value.truth else { throw answer.notTheAPI("a `\(key)` that is neither true nor false") }
        return truth
    }

    /// The scopes; nil for granular tokens, whose rights no scope names (facts section 1.3 [src]).
    private static func scopes(_ json: JSONValue, _ answer: APIAnswer) throws(Failure) -> [String]? {
        guard let value = json["scopes"], json["granular"]?.truth != true else { return nil }
        guard let elements = value.elements else { throw answer.notTheAPI("`scopes` that are no list") }
        return elements.compactMap(\.text)
    }
}
