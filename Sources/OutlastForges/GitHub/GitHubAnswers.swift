// What the headers of an authenticated answer tell about a token (facts section 2.2).
import OutlastModel

/// Readings of GitHub's headers.
enum GitHubAnswers {
    /// The reading of a 200 on a question that only an authenticated user can ask.
    static func alive(_ answer: APIAnswer, kind: TokenKind) -> TokenReading {
        let (expiry, detail) = expiry(answer, kind: kind)
        let scopes = answer.response.header("X-OAuth-Scopes").map { list in
            list.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
        }
        let partial = answer.response.header("X-GitHub-SSO")?.lowercased().hasPrefix("partial-results") == true
        let sso = partial ? "some organizations hide behind single sign-on from it" : nil
        let details = [detail, sso].compactMap { $0 }.joined(separator: "; ")
        return answer.reading(.alive, scopes: scopes, expiry: expiry, detail: details.isEmpty ? nil : details)
    }

    /// The end by the header `github-authentication-token-expiration`, in both written forms and ISO 8601.
    ///
    /// Without the header a personal access token has no end. That is believed of tokens with GitHub's own prefixes
    /// only, and of no Enterprise Server, of which nobody knows whether its version sends the header.
    private static func expiry(_ answer: APIAnswer, kind: TokenKind) -> (Expiry, String?) {
        if let text = answer.response.header("github-authentication-token-expiration") {
            guard let moment = Instant(text: text) else {
                return (.unknown, "an expiry header that is no date: `\(SafeText.line(text, limit: 80))`")
            }
            return (.at(moment), nil)
        }
        switch kind {
        case GitHub.classic, GitHub.fineGrained:
            if answer.response.header("X-GitHub-Enterprise-Version") != nil {
                return (.unknown, "no expiry header, which on an Enterprise Server proves nothing")
            }
            return (.never, "no expiry header, so GitHub keeps no end for this personal access token")
        case GitHub.oauth:
            return (.never, "an OAuth app's token has no end, but is taken back after a year without use")
        case GitHub.appUser: return (.unknown, "8 hours from its making unless the App opted out; GitHub tells no end")
        default: return (.unknown, "GitHub told no end, and of this kind of token that proves nothing")
        }
    }
}
