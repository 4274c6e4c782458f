// GitLab's refusals told apart, as far as it tells them apart (facts section 1.5). Order of its own checks: expired, then
// revoked, then scope; a token that is both expired and revoked reports as expired.
import OutlastModel

/// What a 401 or 403 of the API means for a token.
enum GitLabRefusal {
    /// The reading; nil when the answer is no refusal that GitLab's API sends.
    static func reading(_ answer: APIAnswer) -> TokenReading? {
        guard let json = answer.json, json.members != nil else { return nil }
        switch answer.status {
        case 401: return unauthorized(answer, json)
        case 403: return forbidden(answer, json)
        default: return nil
        }
    }

    /// Whether GitLab accepted the token, but it is an OAuth or a job's one: 400 with this sentence comes only after that
    /// (facts section 1.8 [src]).
    static func isNoAccessToken(_ answer: APIAnswer) -> Bool {
        answer.status == 400
            && answer.json?["message"]?.text?.contains("requires token type to be a personal access token") == true
    }

    /// What a refusal says in words: `message` as a text or by attribute, else `error_description` or `error`; nil for
    /// anything that GitLab's API does not send.
    static func words(_ answer: APIAnswer) -> String? {
        guard let json = answer.json, json.members != nil else { return nil }
        if let text = json["message"]?.text { return SafeText.line(text, limit: 240) }
        if let attributes = json["message"]?.members {
            let parts = attributes.map { attribute in
                let sentences = attribute.value.elements?.compactMap(\.text) ?? [attribute.value.text ?? ""]
                return "\(attribute.key) \(sentences.joined(separator: ", "))"
            }
            return SafeText.line(parts.joined(separator: "; "), limit: 240)
        }
        return (json["error_description"]?.text ?? json["error"]?.text).map { SafeText.line($0, limit: 240) }
    }

    private static func unauthorized(_ answer: APIAnswer, _ json: JSONValue) -> TokenReading? {
        let words = json["error_description"]?.text?.lowercased() ?? ""
        switch json["error"]?.text {
        case "invalid_token":
            if words.contains("impersonation") {
                return answer.refusal(.rejected, "an impersonation token, and impersonation is switched off here")
            }
            if words.contains("expired") { return answer.refusal(.expired, "GitLab says that it has expired") }
            if words.contains("revoked") {
                return answer.refusal(.revoked, "GitLab says that it was revoked, or rotated away")
            }
            return answer.refusal(.rejected, "GitLab calls it invalid and does not say why")
        case "dpop_error":
            return answer.refusal(
                .rejected, "GitLab wants a DPoP proof with this token, which cannot be given: it may well be alive")
        default:
            guard json["message"]?.text?.hasPrefix("401 Unauthorized") == true else { return nil }
            return answer.refusal(
                .rejected, "GitLab knows no such token: deleted, of another instance, or never one")
        }
    }

    private static func forbidden(_ answer: APIAnswer, _ json: JSONValue) -> TokenReading? {
        if json["error"]?.text == "insufficient_scope" {
            let needs = (json["scope"]?.text ?? "").split(separator: " ").map(String.init)
            return answer.refusal(
                .insufficientScope(needs: needs), "alive, but its scopes do not reach as far as this question")
        }
        guard let message = json["message"]?.text, message.hasPrefix("403 Forbidden") else { return nil }
        let reason = message.dropFirst("403 Forbidden - ".count)
        let isOwner = ownerTroubles.contains { reason.lowercased().contains($0) }
        if isOwner { return answer.refusal(.blocked, "GitLab says: \(SafeText.line(String(reason), limit: 200))") }
        let said = reason.isEmpty ? "" : ": \(SafeText.line(String(reason), limit: 200))"
        return answer.refusal(.insufficientScope(needs: []), "alive, but GitLab forbids the question\(said)")
    }

    /// What GitLab says when the token is fine and its owner is not.
    private static let ownerTroubles = [
        "your account", "your password expired", "must accept the terms", "your primary email address",
    ]
}
