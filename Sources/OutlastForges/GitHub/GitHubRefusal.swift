// GitHub's refusals told apart, as far as it tells them apart (facts section 2.7): expired and revoked are one answer.
import OutlastModel

/// What a 401 or 403 of the API means for a token.
enum GitHubRefusal {
    /// The reading; nil when the answer is no refusal that GitHub's API sends.
    static func reading(_ answer: APIAnswer) -> TokenReading? {
        guard let message = answer.json?["message"]?.text else { return nil }
        let words = message.lowercased()
        switch answer.status {
        case 401 where words.hasPrefix("bad credentials"):
            return answer.refusal(.rejected, "GitHub does not tell expired from revoked or unknown")
        case 403: return forbidden(answer, message: message, words: words)
        default: return nil
        }
    }

    /// Whether GitHub recognised the token as an App's, which this question is not for.
    static func isOfAnIntegration(_ answer: APIAnswer) -> Bool {
        answer.status == 403
            && answer.json?["message"]?.text?.lowercased().contains("resource not accessible by integration") == true
    }

    private static func forbidden(_ answer: APIAnswer, message: String, words: String) -> TokenReading? {
        let shown = SafeText.line(message, limit: 200)
        if answer.response.header("X-GitHub-SSO")?.lowercased().hasPrefix("required") == true {
            return answer.refusal(
                .insufficientScope(needs: []), "alive, but its owner has to authorize it for single sign-on")
        }
        if words.contains("suspended") { return answer.refusal(.blocked, "GitHub says: \(shown)") }
        if words.contains("ip allow list") {
            return answer.refusal(.blocked, "an IP allow list keeps this address out; the token itself may be fine")
        }
        if words.contains("resource not accessible by") {
            let needs = answer.response.header("X-Accepted-GitHub-Permissions") ?? ""
            let list = needs.split { $0 == ";" || $0 == "," }.map { $0.filter { $0 != " " } }
            return answer.refusal(
                .insufficientScope(needs: list), "alive, but without the permission for this question")
        }
        return nil
    }
}
