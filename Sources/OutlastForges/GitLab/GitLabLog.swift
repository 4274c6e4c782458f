// GitLab's `api_json.log` (facts, section 1.18): which token was refused, and why. A token that GitLab does not know
// leaves no reason there.
public import OutlastModel

/// `api_json.log`.
public struct GitLabLog: ForgeLog {
    /// Makes a reader.
    public init() {}

    /// `gitlab-log`
    public var id: String { "gitlab-log" }
    /// A part of the key; some shippers of logs make an object of `meta`.
    public var marker: String { "auth_fail_reason" }

    /// What to name instead of another file.
    public let hint = "name GitLab's api_json.log, which has a JSON object on each line"

    /// What a line tells.
    public func read(_ line: [UInt8]) -> LogReading {
        guard let value = try? JSONValue(parsing: line), value.members != nil else { return .malformed }
        guard let reason = Self.meta("auth_fail_reason", of: value) else { return .other }
        guard let at = value["time"]?.text.flatMap(Self.moment) else { return .malformed }
        let token = Self.token(Self.meta("auth_fail_token_id", of: value))
        let status = value["status"]?.wholeNumber
        return .failure(
            LoggedFailure(
                key: LoggedFailure.key(of: line), at: at, class: Self.class(of: reason),
                confidence: Self.confidence(reason, status),
                line: Self.sentence(Self.word(reason) ?? "refused", token?.shown, status, value), forge: "gitlab",
                host: value["host"]?.text.flatMap(Self.host), tokenID: token?.id, kinds: token?.kinds ?? []))
    }

    /// `meta.x`, or x within `meta`; nil when it is missing or empty.
    private static func meta(_ name: String, of value: JSONValue) -> String? {
        let text = value["meta.\(name)"]?.text ?? value["meta"]?[name]?.text
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static let classes: [String: FailureClass] = [
        "token_expired": .authExpired, "token_revoked": .authRevoked, "insufficient_scope": .scope,
        "impersonation_disabled": .forbidden,
    ]

    /// Reasons of versions to come are refusals whose cause we cannot name.
    private static func `class`(of reason: String) -> FailureClass { classes[reason] ?? .authRejected }

    /// The fields also stand on lines of requests that went well without the token (a public project over git).
    private static func confidence(_ reason: String, _ status: Int64?) -> Confidence {
        let sure: Confidence = classes[reason] == nil ? .medium : .high
        return status.map { (400..<500).contains($0) } ?? true ? sure : sure.lowered
    }

    private struct Token {
        let shown: String
        let id: String
        let kinds: [String]
    }

    /// `PersonalAccessToken/12`: the class, then its number in the database.
    private static func token(_ text: String?) -> Token? {
        guard let text, text.utf8.count <= 100, let parts = text.cut(at: "/"), isName(parts.0), isNumber(parts.1) else {
            return nil
        }
        return Token(shown: text, id: parts.1, kinds: kinds(of: parts.0))
    }

    /// Tokens of projects, groups and service accounts are personal ones of their bots.
    private static func kinds(of name: String) -> [String] {
        switch name {
        case "PersonalAccessToken":
            [GitLab.accessToken, GitLab.personal, GitLab.project, GitLab.group, GitLab.serviceAccount].map(\.id)
        case "OauthAccessToken": [GitLab.oauth.id]
        case "DeployToken": [GitLab.deploy.id]
        case "CiJobToken", "Ci::Build": [GitLab.job.id]
        default: []
        }
    }

    /// The moment with its milliseconds: two refusals of one second are told apart by them.
    private static func moment(_ text: String) -> Instant? {
        guard let instant = Instant(text: text) else { return nil }
        guard let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return instant }
        var milliseconds: Int64 = 0
        var scale: Int64 = 100
        for digit in text.utf8[text.utf8.index(after: point)...] {
            guard (48...57).contains(digit), scale > 0 else { break }
            milliseconds += Int64(digit - 48) * scale
            scale /= 10
        }
        return Instant(milliseconds: instant.milliseconds + milliseconds)
    }

    /// A host's name without a port; nil for anything that is none.
    private static func host(_ text: String) -> String? {
        guard text.utf8.count <= 253 else { return nil }
        return ServerURL("https://\(text)")?.origin.host.lowercased()
    }

    /// `token_expired: PersonalAccessToken/12, GET /api/:version/user, 401, group/app, release-bot`. The route and not
    /// the path: a path may hold what somebody pasted into it.
    private static func sentence(_ reason: String, _ token: String?, _ status: Int64?, _ value: JSONValue) -> String {
        let method = value["method"]?.text.flatMap(word)
        let route = value["route"]?.text.map { short($0, 160) }
        let request = [method, route].compactMap { $0 }.text(joinedBy: " ")
        let others = [meta("project", of: value), meta("user", of: value)].compactMap { $0.map { short($0, 100) } }
        let parts = [token, request.isEmpty ? nil : request, status.map(String.init)].compactMap { $0 } + others
        return SafeText.line("\(reason): \(parts.text(joinedBy: ", "))", limit: 400)
    }

    /// A part of the sentence, which as a whole is made safe.
    private static func short(_ text: String, _ limit: Int) -> String {
        text.utf8.count <= limit ? text : SafeText.line(text, limit: limit)
    }

    private static func word(_ text: String) -> String? {
        let isWord = !text.isEmpty && text.utf8.count <= 40 && text.utf8.allSatisfy { isLetter($0) || $0 == 95 }
        return isWord ? text : nil
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isLetter($0) || $0 == UInt8(ascii: ":") }
    }

    private static func isNumber(_ text: String) -> Bool {
        (1...19).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 32) }
}

extension String {
    /// What stands before and behind the first such character; nil where there is none.
    fileprivate func cut(at mark: Character) -> (String, String)? {
        firstIndex(of: mark).map { (String(self[..<$0]), String(self[index(after: $0)...])) }
    }
}

/// The logs that are known. One line here for each.
public enum ForgeLogs {
    /// All of them.
    public static let all: [any ForgeLog] = [GitLabLog()]
}
