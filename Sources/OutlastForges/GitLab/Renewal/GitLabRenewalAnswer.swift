// GitLab's answer to a rotation or a creation: yes with a token, no in its own words, or doubt.
import OutlastModel

/// One answer to the request that renews.
struct GitLabRenewalAnswer {
    let answer: APIAnswer
    /// The token that was to be renewed; an answer that only repeats it is none.
    let old: Secret
    let context: RenewalContext

    init(_ answer: APIAnswer, old: Secret, context: RenewalContext) {
        self.answer = answer
        self.old = old
        self.context = context
    }

    /// What became of the request.
    var verdict: RenewalAnswer {
        if answer.status < 300 {
            guard let token = TokenText.find("token", in: answer), !token.matches(old) else {
                return .inDoubt(DecisiveRequest.doubt(answer))
            }
            return .renewed(bundle(token))
        }
        return refusal.map(RenewalAnswer.refused) ?? .inDoubt(DecisiveRequest.doubt(answer))
    }

    /// Everything but the token itself may be missing or odd.
    private func bundle(_ token: Secret) -> TokenBundle {
        let json = holder(of: "token", in: answer.json ?? .null, level: 0) ?? .null
        var expiry = TokenText.end(json["expires_at"], from: answer.forgeNow)
        if json["expires_at"] == .null { expiry = .never }
        let id = json["id"]?.integer.map(String.init) ?? json["id"]?.text
        return TokenBundle(
            access: token, expiry: expiry, tokenID: id, name: json["name"]?.text,
            scopes: json["scopes"]?.elements?.compactMap(\.text))
    }

    private func holder(of name: String, in value: JSONValue, level: Int) -> JSONValue? {
        if value[name]?.text != nil { return value }
        guard level < 6 else { return nil }
        let children = value.elements ?? value.members?.map(\.value) ?? []
        return children.lazy.compactMap { holder(of: name, in: $0, level: level + 1) }.first
    }

    /// The failure, when GitLab itself said no; nil for anything that only looks like it.
    private var refusal: Failure? {
        guard let words = GitLabRefusal.words(answer) else { return nil }
        let said = "GitLab answered \(answer.status), \(words)\(answer.trace)"
        switch answer.status {
        case 401, 403:
            guard let reading = GitLabRefusal.reading(answer) else { return nil }
            return context.dead(reading, "the credential for the renewal")
        case 400 where words.lowercased().contains("already revoked"):
            return Failure(
                .rejected, "\(CredentialName.token(of: context.credential)) was revoked meanwhile: \(said)",
                hint: "somebody else has rotated or revoked it: give the job the current one")
        case 404, 405:
            guard words.hasPrefix("\(answer.status) ") else { return nil }
            return context.refused(
                said, hint: "rotation by itself came with GitLab 16.10; a managing credential must see the token")
        case 400, 409, 422: return context.refused(said, hint: hint(for: words))
        default: return nil
        }
    }

    private func hint(for words: String) -> String? {
        if words.contains("must be before") || words.contains("expires_at") {
            return "ask for less by `renew: {lifetime: …}`; the instance decides how long a token may live"
        }
        if words.contains("legacy") { return "make a fine-grained token" }
        return nil
    }
}
