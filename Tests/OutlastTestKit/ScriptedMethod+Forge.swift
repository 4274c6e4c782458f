// The forge in memory behind `ScriptedMethod`, and what a test asks it.

public import OutlastModel
internal import Synchronization
internal import Testing

/// Everything that the forge knows.
struct MemoryForge {
    var made = 0
    var alive: Set<String> = []
    var ends: [String: Instant] = [:]
    var spent: Set<String> = []
    /// How often each secret came to the endpoint that uses it up.
    var sends: [String: Int] = [:]
    var replies: [ScriptedMethod.Reply] = []
    var late: [(at: Instant, access: String?, spends: String?)] = []
    var replacedAt: [String: Instant] = [:]
    var log: [String] = []
    var violations: [String] = []
    var isReachable = true
    var probeAnswer: ProbeAnswer?
    var run: MortalRun?

    mutating func violate(_ text: String) {
        violations.append(text)
        Issue.record("\(text); asked: \(log.suffix(12))")
    }

    func isAlive(_ token: String, _ now: Instant) -> Bool {
        alive.contains(token) && ends[token].map { now < $0 } ?? true
    }

    mutating func make(_ what: String, life: Duration?, _ now: Instant) -> String {
        made += 1
        let token = "\(what)-\(made)-canary-0123456789abcdef"
        alive.insert(token)
        if let life { ends[token] = now.advanced(by: life) }
        return token
    }

    /// Requests that were on their way.
    mutating func arrive(_ now: Instant, _ kind: ScriptedMethod.Kind) {
        let due = late.filter { $0.at <= now }
        late.removeAll { $0.at <= now }
        for request in due {
            if let spends = request.spends, spent.contains(spends) {
                violate("\(spends) was spent while an earlier request with it was on its way")
            }
            _ = perform(kind, request.access, request.spends, nil, now)
        }
    }

    mutating func renew(
        _ kind: ScriptedMethod.Kind, access: String?, refresh: String?, partner: String?, _ life: Duration?,
        _ now: Instant
    ) -> RenewalAnswer {
        arrive(now, kind)
        let spends: String? =
            switch kind {
            case .rotating: access
            case .granting, .silentGranting: refresh
            case .pairing: partner.flatMap { alive.contains($0) ? $0 : nil }
            case .minting, .unshared, .replacing: nil
            }
        log.append("renew \(spends ?? access ?? kind.rawValue)")
        if let spends {
            sends[spends, default: 0] += 1
            if spent.contains(spends) {
                violate("\(spends) was spent and came again")
                alive.removeAll()
            }
        }
        let lost = RenewalAnswer.inDoubt(Failure(.renewalInDoubt, "the answer was lost"))
        guard isReachable else { return lost }
        switch replies.isEmpty ? .done : replies.removeFirst() {
        case .refused(let failure): return .refused(failure)
        case .lostBefore: return lost
        case .lostAfter:
            _ = perform(kind, access, spends, life, now)
            return lost
        case .lostLater(let delay):
            late.append((now.advanced(by: delay), access, spends))
            return lost
        case .done:
            guard let bundle = perform(kind, access, spends, life, now) else {
                return .refused(Failure(.rejected, "the forge does not accept it"))
            }
            return .renewed(bundle)
        }
    }

    private mutating func perform(
        _ kind: ScriptedMethod.Kind, _ access: String?, _ spends: String?, _ life: Duration?, _ now: Instant
    ) -> TokenBundle? {
        if let spends {
            guard isAlive(spends, now) else { return nil }
            spent.insert(spends)
            alive.remove(spends)
        }
        if kind.usesRefreshToken, let access { alive.remove(access) }
        let new = make("access", life: life, now)
        var bundle = TokenBundle(access: Secret(new), expiry: ends[new].map(Expiry.at) ?? .unknown, tokenID: "\(made)")
        if kind.usesRefreshToken { bundle.refresh = Secret(make("refresh", life: nil, now)) }
        if kind == .pairing { bundle.partner = access.map { Secret($0) } }
        if kind == .replacing, let access { replacedAt[access] = now }
        return bundle
    }
}

extension ScriptedMethod {
    /// Makes a token that lives at the forge.
    public func make(_ what: String = "access", at now: Instant) -> String {
        memory.withLock { $0.make(what, life: what == "refresh" ? nil : life, now) }
    }

    /// What becomes of the next renewals, in order.
    public func script(_ replies: Reply...) { memory.withLock { $0.replies += replies } }
    /// Takes back what was scripted and not used.
    public func clearScript() { memory.withLock { $0.replies = [] } }
    /// Whether the forge answers at all.
    public func setReachable(_ isReachable: Bool) { memory.withLock { $0.isReachable = isReachable } }
    /// Lets everything arrive that is on its way.
    public func deliver(at now: Instant) {
        memory.withLock { forge in
            for place in forge.late.indices { forge.late[place].at = now }
            forge.arrive(now, kind)
        }
    }
    /// What every harmless question comes to; nil for the truth.
    public func answerProbes(_ answer: ProbeAnswer?) { memory.withLock { $0.probeAnswer = answer } }
    /// The process that the next renewals belong to.
    public func attach(_ run: MortalRun?) { memory.withLock { $0.run = run } }
    /// Kills a token.
    public func kill(_ token: String) { memory.withLock { _ = $0.alive.remove(token) } }

    /// Whether the forge accepts a token.
    public func isAlive(_ token: String, at now: Instant) -> Bool { memory.withLock { $0.isAlive(token, now) } }
    /// Tokens that live.
    public var alive: Set<String> { memory.withLock { $0.alive } }
    /// What was asked, in order: `check`, `probe`, `renew` or `retire` with the secret.
    public var log: [String] { memory.withLock { $0.log } }
    /// Renewals that were sent.
    public var renewals: [String] { log.filter { $0.hasPrefix("renew ") } }
    /// What must never happen and did.
    public var violations: [String] { memory.withLock { $0.violations } }
}
