// Keeps to what a host has asked for, and stops well before failed authentications get this machine banned: on a shared
// address one dead token in a loop would lock everybody out. Counted in the state, so that all jobs count together.

import OutlastModel

extension World {
    /// The same ports, with requests that keep to the budget of a store; as they are, where none holds one.
    func budgeted(by history: (any HistoryStore)?) -> World {
        guard let store = history?.renewals else { return self }
        var copy = self
        copy.transport = BudgetedTransport(base: transport, store: store, clock: clock)
        return copy
    }
}

/// A transport that looks at the budget before each request and notes what came after it.
struct BudgetedTransport: HTTPTransport {
    /// GitLab bans after 30 failures within 3 minutes (facts, section 1.6), GitHub after "several": a third of the former.
    static let window = Duration.seconds(180)
    static let mostFailures = 10
    /// Without a word from the server about how long; GitHub asks for at least this.
    static let standardWait = Duration.seconds(60)
    /// A server that asks for more is asked again after this.
    static let longestWait = Duration.seconds(3600)

    let base: any HTTPTransport
    let store: any RenewalStore
    let clock: any WallClock

    func send(_ request: HTTPRequest) async throws(Failure) -> HTTPResponse {
        let host = request.url.origin.hostAndPort
        let carriesSecret = request.headers.contains { header in
            if case .text = header.value { false } else { true }
        }
        try check(host, carriesSecret: carriesSecret)
        let response = try await base.send(request)
        // What came must reach the caller, whatever becomes of the notes.
        do throws(Failure) { try note(response, of: host, carriesSecret: carriesSecret) } catch { return response }
        return response
    }

    private func check(_ host: String, carriesSecret: Bool) throws(Failure) {
        let now = clock.now()
        if let until = try store.waitUntil(for: host), now < until, now.duration(to: until) <= Self.longestWait {
            throw Failure(
                .slowDown, "\(host) has asked us to wait until \(until.text)",
                hint: "try again after that; nothing was sent")
        }
        guard carriesSecret else { return }
        let since = now.advanced(by: .zero - Self.window)
        let failures = try store.failedAuthentications(at: host, since: since)
        guard failures >= Self.mostFailures else { return }
        throw Failure(
            .slowDown,
            "\(host) has refused \(failures) authentications within \(Self.window.readable): asking on could get this machine's address banned, so nothing was sent",
            hint:
                "find the dead credential by `outlast history events --status rejected`, then try again in \(Self.window.readable)"
        )
    }

    /// `Retry-After`: seconds, or a date on the host's clock.
    private func told(_ response: HTTPResponse, _ now: Instant) -> Duration? {
        guard let text = response.header("Retry-After") else { return nil }
        if let seconds = Int64(text) { return .seconds(max(0, seconds)) }
        let hostNow = response.header("Date").flatMap { HTTPDate.instant($0, now: now) } ?? now
        return HTTPDate.instant(text, now: now).map { max(.zero, hostNow.duration(to: $0)) }
    }

    /// How long a limit that is spent lasts, where a server says so by the widespread headers alone; nil while it is not
    /// spent.
    private func limitEnd(_ response: HTTPResponse, _ now: Instant) -> Duration? {
        guard response.status == 403, response.header("X-RateLimit-Remaining") == "0",
            let end = response.header("X-RateLimit-Reset").flatMap({ Int64($0) }), (0..<253_402_300_800).contains(end)
        else { return nil }
        return max(.zero, now.duration(to: Instant(seconds: end)))
    }

    private func note(_ response: HTTPResponse, of host: String, carriesSecret: Bool) throws(Failure) {
        let now = clock.now()
        let named = told(response, now) ?? limitEnd(response, now)
        if response.status == 429 || (named != nil && [403, 503].contains(response.status)) {
            let wait = min(named ?? Self.standardWait, Self.longestWait)
            try store.noteWait(for: host, until: now.advanced(by: wait))
            return
        }
        guard carriesSecret else { return }
        if response.status == 401 {
            try store.noteAuthentication(at: host, succeeded: false, now: now)
        } else if (200..<300).contains(response.status) {
            try store.noteAuthentication(at: host, succeeded: true, now: now)
        }
    }
}
