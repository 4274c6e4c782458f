// Ways to renew over a forge in memory that knows what was spent: a spent secret that comes again fails the test by itself,
// and kills everything of its line, as real forges do.

public import OutlastModel
internal import Synchronization
internal import Testing

/// A renewal method with its forge.
public final class ScriptedMethod: RenewalMethod {
    /// How it renews.
    public enum Kind: String, CaseIterable, Sendable {
        /// The token that jobs use renews itself and dies by it.
        case rotating
        /// A refresh token is used up; its server tells whether it lives.
        case granting
        /// The same, and nobody tells.
        case silentGranting
        /// A key mints tokens; nothing dies.
        case minting
        /// Every job mints its own.
        case unshared
        /// A successor is made, the old token dies a day later.
        case replacing
        /// Two tokens take turns; only the idle one dies.
        case pairing

        /// Kinds whose request uses something up.
        public static let destructive: [Kind] = [.rotating, .granting, .silentGranting, .pairing]
        /// Kinds with a family.
        public static let shared: [Kind] = allCases.filter { $0 != .unshared }

        var usesRefreshToken: Bool { self == .granting || self == .silentGranting }
    }

    /// What becomes of a renewal.
    public enum Reply: Sendable {
        case done
        /// The forge says no.
        case refused(Failure)
        /// It never arrived.
        case lostBefore
        /// It was done, and the answer is gone.
        case lostAfter
        /// It arrives this much later.
        case lostLater(Duration)
    }

    /// `scripted`.
    public static let name = "scripted"

    /// How it renews.
    public let kind: Kind
    /// What it reports of its tokens' ends; nil for nothing.
    public let life: Duration?

    let memory = Mutex(MemoryForge())
    private let part: @Sendable () async -> Void

    /// Makes a method. `midway` runs while a renewal is on the wire.
    public init(
        _ kind: Kind, life: Duration? = .seconds(86_400 * 30), midway: @escaping @Sendable () async -> Void = {}
    ) {
        self.kind = kind
        self.life = life
        part = midway
    }

    /// Its settings.
    public var schema: SettingsSchema {
        SettingsSchema(
            name: Self.name,
            fields: [.init("refresh_token", .secret), .init("key", .secret), .init("permissions", .text)])
    }

    /// By kind.
    public var isDestructive: Bool { Kind.destructive.contains(kind) }
    /// By kind.
    public var isSharedByToken: Bool { kind != .unshared }

    /// The permissions.
    public func identity(_ context: RenewalContext) throws(Failure) -> [(name: String, value: String)] {
        [("permissions", context.settings.text("permissions") ?? "")]
    }

    /// The refresh token or the key, by kind.
    public func root(_ context: RenewalContext) throws(Failure) -> (secret: Secret, purpose: SecretPurpose)? {
        switch kind {
        case .granting, .silentGranting: (try refresh(nil, context), .refresh)
        case .minting: context.secrets["key"].map { ($0, .minting) }
        default: nil
        }
    }

    /// What was presented.
    public func firstBundle(presented: Secret?, _ context: RenewalContext) throws(Failure) -> TokenBundle? {
        guard let presented, kind != .minting else { return nil }
        return TokenBundle(access: presented, refresh: kind.usesRefreshToken ? try refresh(nil, context) : nil)
    }

    private func refresh(_ current: TokenBundle?, _ context: RenewalContext) throws(Failure) -> Secret {
        if let refresh = current?.refresh ?? context.secrets["refresh_token"] { return refresh }
        throw .configuration("no refresh token")
    }

    /// Asks whether what is to be used up lives.
    public func check(_ current: TokenBundle?, _ context: RenewalContext) async throws(Failure) {
        guard current != nil || kind.usesRefreshToken, kind != .silentGranting, kind != .minting, kind != .unshared
        else { return }
        let subject =
            if kind.usesRefreshToken { try refresh(current, context) } else { current?.access ?? Secret("") }
        switch ask(subject.reveal(), context, "check") {
        case .alive: return
        case .finished(_, let grant):
            throw Failure(.renewalFailed, "the forge calls what renews it \(grant.standing.name)")
        case .dead(let reading): throw Failure(.rejected, "the forge calls it \(reading.standing.name)")
        case .unknown(let failure): throw failure
        }
    }

    /// Asks whether it lives.
    public func probe(_ bundle: TokenBundle, _ context: RenewalContext) async -> ProbeAnswer {
        if kind == .silentGranting { return .unknown(Failure(.lifetimeUnknown, "nobody can be asked")) }
        let subject = kind.usesRefreshToken ? bundle.refresh ?? bundle.access : bundle.access
        return ask(subject.reveal(), context, "probe")
    }

    private func ask(_ token: String, _ context: RenewalContext, _ what: String) -> ProbeAnswer {
        let now = context.clock.now()
        return memory.withLock { forge in
            forge.log.append("\(what) \(token)")
            guard forge.isReachable else { return .unknown(.unreachable("the forge does not answer")) }
            if let answer = forge.probeAnswer { return answer }
            forge.arrive(now, kind)
            let end = forge.ends[token].map(Expiry.at) ?? .unknown
            if forge.isAlive(token, now) {
                return .alive(TokenReading(standing: .alive, expiry: end, readAt: now))
            }
            return .dead(TokenReading(standing: .revoked, expiry: end, readAt: now))
        }
    }

    /// Renews as the script says; well when it says nothing more.
    public func renew(_ current: TokenBundle?, _ context: RenewalContext) async -> RenewalAnswer {
        let run = memory.withLock { $0.run }
        guard run?.passes() ?? true else { return .inDoubt(Failure(.renewalInDoubt, "the process is dead")) }
        await part()
        let subject = kind.usesRefreshToken ? (current?.refresh ?? context.secrets["refresh_token"])?.reveal() : nil
        let now = context.clock.now()
        let answer = memory.withLock { forge in
            forge.renew(
                kind, access: current?.access.reveal(), refresh: subject, partner: current?.partner?.reveal(), life, now
            )
        }
        guard run?.passes() ?? true else { return .inDoubt(Failure(.renewalInDoubt, "the process is dead")) }
        return answer
    }

    /// Kills the old token where a successor lives beside it.
    public func retire(_ old: TokenBundle, _ context: RenewalContext) async throws(Failure) {
        guard kind == .replacing else { return }
        let now = context.clock.now()
        let isDone = memory.withLock { forge -> Bool in
            guard forge.run?.passes() ?? true else { return false }
            let token = old.access.reveal()
            forge.log.append("retire \(token)")
            guard forge.isReachable else { return false }
            if let made = forge.replacedAt[token], made.duration(to: now) < grace(context) {
                forge.violate("\(token) was retired before its grace was over")
            }
            forge.alive.remove(token)
            return forge.run?.passes() ?? true
        }
        if !isDone { throw .unreachable("the forge does not answer") }
    }

    /// A sentence.
    public func rescueAdvice(_ context: RenewalContext) -> String { "make a new token and give it to the job" }

    /// A day where a successor lives beside the old token.
    public func grace(_ context: RenewalContext) -> Duration { kind == .replacing ? .seconds(86_400) : .zero }
}
