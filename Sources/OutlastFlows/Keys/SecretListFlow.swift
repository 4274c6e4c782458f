// `secret list`: what is sealed, by its labels. No key is needed, and nothing here is proved: rows are as they lie there.

public import OutlastModel

/// A sealed secret, as far as it may be told.
public struct SecretSummary: Hashable, Sendable {
    /// The credential's name when its family began; a label.
    public var credential: String
    /// The family's name.
    public var family: String
    /// The fingerprint of the secret; nil where nothing leads to it any more.
    public var fingerprint: Fingerprint?
    /// The generation.
    public var generation: Int
    /// Whether that is the family's current one.
    public var isCurrent: Bool
    /// What it is for.
    public var purpose: SecretPurpose
    /// The forge's name.
    public var forge: String
    /// The renewal method's name.
    public var method: String
    /// When it was sealed.
    public var createdAt: Instant
}

/// Lists.
public struct SecretListFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// All sealed secrets by family, with what to tell about the store. Texts have passed `SafeText`.
    ///
    /// - Throws: `state` when there is no store that can be read; `cacheLocked` (41) for rows that outlast did not write.
    public func run() throws(Failure) -> ([SecretSummary], [String]) {
        let history = try world.openStore(.readOnly).get()
        let rows = try history.requireRenewals().listSecrets()
        let secrets = rows.map { family, secret, digest in
            let isCurrentToken = secret.generation == family.generation && secret.purpose == .access
            return SecretSummary(
                credential: SafeText.line(family.credential), family: SafeText.line(family.id.text),
                fingerprint: digest.map(Fingerprint.init(digest:)) ?? (isCurrentToken ? family.fingerprint : nil),
                generation: secret.generation, isCurrent: secret.generation == family.generation,
                purpose: secret.purpose, forge: SafeText.line(family.forge), method: SafeText.line(family.method),
                createdAt: secret.createdAt)
        }
        return (secrets, history.warnings)
    }
}
