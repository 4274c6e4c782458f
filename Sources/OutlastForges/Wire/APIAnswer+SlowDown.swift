// Limits and bans: answers that say nothing about the token and ask us to stay away for a while.
import OutlastModel

extension APIAnswer {
    /// The failure (75) when the answer is a rate limit or a ban, naming host and wait; nil when it is none.
    ///
    /// 429 always is one; 403 and 503 are with `Retry-After`; 403 is where nothing remains of a counted limit; and
    /// whatever the forge's own sentences say (facts sections 1.6, 2.7, 5).
    var slowDown: Failure? {
        guard [401, 403, 429, 503].contains(status) else { return nil }
        let ban = dialect.bans.first { ban in
            let text = loweredText
            return ban.isWholeBody
                ? text.filter { !$0.isWhitespace } == ban.text.filter { !$0.isWhitespace } : text.contains(ban.text)
        }
        let told = waitTold
        let isSpent = dialect.remaining.flatMap { response.header($0) } == "0" && status == 403
        guard ban != nil || status == 429 || isSpent || (told != nil && status != 401) else { return nil }
        let cause = ban?.meaning ?? (isSpent ? "the rate limit is used up" : "it asks us to slow down")
        let wait = told ?? (status == 429 || isSpent ? waitForReset : nil) ?? ban?.wait
        let advice =
            wait.map { "try again in \(Swift.max($0, .seconds(1)).readable)" } ?? "it does not say for how long"
        return Failure(
            .slowDown, "\(host) answered \(status): \(cause); \(advice)\(trace)",
            hint: "nothing was learnt about the token; the forge counts further attempts too")
    }

    /// `Retry-After`: seconds, or a date on the forge's clock.
    private var waitTold: Duration? {
        guard let text = response.header("Retry-After") else { return nil }
        if let seconds = Int64(text), seconds >= 0 { return .seconds(Swift.min(seconds, 31_536_000)) }
        return HTTPDate.instant(text, now: receivedAt).map { Swift.max(.zero, forgeNow.duration(to: $0)) }
    }

    private var waitForReset: Duration? {
        guard let text = dialect.reset.flatMap({ response.header($0) }), let seconds = Int64(text) else { return nil }
        let wait = forgeNow.duration(to: Instant(seconds: seconds))
        return wait > .zero && wait <= .seconds(31_536_000) ? wait : nil
    }
}
