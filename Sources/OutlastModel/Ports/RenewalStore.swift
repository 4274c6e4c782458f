// Families, sealed secrets, journal and outbox of a state store. Everything here is input: rows carry a code under the
// family's key (`seal`), which the flows make and check; a store keeps them as they are.

/// The data key of a state, wrapped under the operator's key.
public struct KeyEnvelope: Hashable, Sendable {
    /// The wrapped data key, as `Cryptography.seal` gave it.
    public var wrapped: [UInt8]
    /// Salt of scrypt when the operator's key is a passphrase; nil for a plain key.
    public var passphraseSalt: [UInt8]?
    /// Cost of scrypt.
    public var cost: ScryptCost?
    /// While the operator's key is being changed: the data key under the new one.
    public var successor: [UInt8]?

    /// Makes an envelope.
    public init(wrapped: [UInt8], passphraseSalt: [UInt8]? = nil, cost: ScryptCost? = nil, successor: [UInt8]? = nil) {
        self.wrapped = wrapped
        self.passphraseSalt = passphraseSalt
        self.cost = cost
        self.successor = successor
    }
}

/// A family as stored.
public struct FamilyRow: Hashable, Sendable {
    /// Its name.
    public var id: FamilyID
    /// What belongs to it besides its secrets.
    public var identity: FamilyIdentity
    /// The credential's name when it began; a label.
    public var credential: String
    /// The renewal method's name.
    public var method: String
    /// The forge's name.
    public var forge: String
    /// The current generation, from 1.
    public var generation: Int
    /// The current token.
    public var fingerprint: Fingerprint
    /// The end of the current token.
    public var expiry: Expiry
    /// The forge's id of the current token.
    public var tokenID: String?
    /// When it began.
    public var createdAt: Instant
    /// HMAC over all of the above under the family's key.
    public var seal: [UInt8]

    /// Makes a row.
    public init(
        id: FamilyID, identity: FamilyIdentity, credential: String, method: String, forge: String, generation: Int,
        fingerprint: Fingerprint, expiry: Expiry, tokenID: String?, createdAt: Instant, seal: [UInt8] = []
    ) {
        self.id = id
        self.identity = identity
        self.credential = credential
        self.method = method
        self.forge = forge
        self.generation = generation
        self.fingerprint = fingerprint
        self.expiry = expiry
        self.tokenID = tokenID
        self.createdAt = createdAt
        self.seal = seal
    }
}

/// A secret that belongs to a family, and the family's key wrapped so that this secret opens it.
public struct MemberRow: Hashable, Sendable {
    /// Full digest of the secret.
    public var digest: SHA256Digest
    /// The family.
    public var family: FamilyID
    /// What belongs to the family besides its secrets, for finding.
    public var identity: FamilyIdentity
    /// The generation it belongs to; 0 for secrets that belong to all.
    public var generation: Int
    /// What it is for.
    public var purpose: SecretPurpose
    /// The family's key, wrapped; empty for a superseded member that was forgotten.
    public var wrappedKey: [UInt8]
    /// When it was added.
    public var createdAt: Instant

    /// Makes a row.
    public init(
        digest: SHA256Digest, family: FamilyID, identity: FamilyIdentity, generation: Int, purpose: SecretPurpose,
        wrappedKey: [UInt8], createdAt: Instant
    ) {
        self.digest = digest
        self.family = family
        self.identity = identity
        self.generation = generation
        self.purpose = purpose
        self.wrappedKey = wrappedKey
        self.createdAt = createdAt
    }
}

/// A sealed secret of one generation.
public struct SealedRow: Hashable, Sendable {
    /// The family.
    public var family: FamilyID
    /// The generation.
    public var generation: Int
    /// What it is for.
    public var purpose: SecretPurpose
    /// The secret, sealed under the family's key.
    public var sealed: [UInt8]
    /// When it was sealed.
    public var createdAt: Instant

    /// Makes a row.
    public init(family: FamilyID, generation: Int, purpose: SecretPurpose, sealed: [UInt8], createdAt: Instant) {
        self.family = family
        self.generation = generation
        self.purpose = purpose
        self.sealed = sealed
        self.createdAt = createdAt
    }
}

/// A journal entry with its code.
public struct JournalRow: Hashable, Sendable {
    /// What it says.
    public var entry: JournalEntry
    /// HMAC over all of it under the family's key.
    public var seal: [UInt8]

    /// Makes a row.
    public init(entry: JournalEntry, seal: [UInt8]) {
        self.entry = entry
        self.seal = seal
    }
}

/// A publication that has not succeeded yet, or what a target was given last. Where and how comes from the trusted
/// configuration of the run that publishes.
public struct OutboxRow: Hashable, Sendable {
    /// The family.
    public var family: FamilyID
    /// The generation that failed or was given; of an older one than the current nothing is ever sent.
    public var generation: Int
    /// Digest of the target's definition.
    public var target: SHA256Digest
    /// What to call the target in messages.
    public var label: String
    /// When it was queued or given.
    public var queuedAt: Instant
    /// How often it was tried in vain; 0 for a target that was given this generation.
    public var attempts: Int
    /// The last error, as one safe line; empty where there is none.
    public var lastError: String
    /// HMAC over family, generation, target, label and whether it was given, under the family's key.
    public var seal: [UInt8]

    /// Makes a row.
    public init(
        family: FamilyID, generation: Int, target: SHA256Digest, label: String, queuedAt: Instant, attempts: Int,
        lastError: String, seal: [UInt8]
    ) {
        self.family = family
        self.generation = generation
        self.target = target
        self.label = label
        self.queuedAt = queuedAt
        self.attempts = attempts
        self.lastError = lastError
        self.seal = seal
    }

    /// Whether the target has this generation.
    public var isGiven: Bool { attempts == 0 }
}

/// One durable step: all of it or nothing, on disk when `apply` returns.
public struct RenewalChange: Sendable {
    /// The family's row, new or replaced.
    public var family: FamilyRow?
    /// Members to add (or to replace by digest and identity).
    public var addedMembers: [MemberRow]
    /// Sealed secrets to add or replace.
    public var sealed: [SealedRow]
    /// Generations of the family whose sealed secrets go.
    public var droppedGenerations: [Int]
    /// The journal's row: inserted when its id is 0, else replaced.
    public var journal: JournalRow?
    /// Outbox rows to add or replace (by family and target).
    public var queued: [OutboxRow]
    /// Outbox rows that are done, by target.
    public var drained: [SHA256Digest]
    /// History that goes with it.
    public var history: RunRecord?

    /// Makes a step.
    public init(
        family: FamilyRow? = nil, addedMembers: [MemberRow] = [], sealed: [SealedRow] = [],
        droppedGenerations: [Int] = [], journal: JournalRow? = nil, queued: [OutboxRow] = [],
        drained: [SHA256Digest] = [], history: RunRecord? = nil
    ) {
        self.family = family
        self.addedMembers = addedMembers
        self.sealed = sealed
        self.droppedGenerations = droppedGenerations
        self.journal = journal
        self.queued = queued
        self.drained = drained
        self.history = history
    }
}

/// What may be done to a store that others may hold too (design, section 8).
public enum StoreSharing: Hashable, Sendable {
    /// The original file on a local file system.
    case original
    /// A copy, or on a file system without proof; the reason in words.
    case doubtful(String)
}

/// A state store's families, journal and outbox.
public protocol RenewalStore: Sendable {
    /// The store's random name, part of all associated data.
    var stateID: [UInt8] { get }
    /// Whether this store can prove that a lock beside it holds for everybody.
    var sharing: StoreSharing { get }
    /// The wrapped data key; nil in a store that has never sealed anything.
    func keyEnvelope() throws(Failure) -> KeyEnvelope?
    /// Stores the envelope if the present one is what is expected; false when somebody else was faster.
    func replaceKeyEnvelope(_ old: KeyEnvelope?, by new: KeyEnvelope) throws(Failure) -> Bool
    /// The member with this digest under this identity.
    func member(_ digest: SHA256Digest, identity: FamilyIdentity) throws(Failure) -> MemberRow?
    /// A family by its name.
    func family(_ id: FamilyID) throws(Failure) -> FamilyRow?
    /// A sealed secret.
    func sealed(_ family: FamilyID, generation: Int, purpose: SecretPurpose) throws(Failure) -> SealedRow?
    /// The family's journal entries that are open, oldest first.
    func openJournal(of family: FamilyID) throws(Failure) -> [JournalRow]
    /// What became of the renewals of this token, open or closed: the newest 100 entries, oldest first.
    func renewals(of token: Fingerprint, in family: FamilyID) throws(Failure) -> [JournalRow]
    /// The family's outbox.
    func outbox(of family: FamilyID) throws(Failure) -> [OutboxRow]
    /// Does one durable step and gives back the journal entry's id (0 when the step has none).
    func apply(_ change: RenewalChange, to family: FamilyID) throws(Failure) -> Int64
    /// All sealed secrets by family, for `secret list`, each with the digest by which it is found; nil where no member
    /// row has it.
    func listSecrets() throws(Failure) -> [(family: FamilyRow, secret: SealedRow, digest: SHA256Digest?)]
    /// The names of all families, or of one credential's, in order; with `superseded` only of those that hold something of
    /// an older generation than the current one. A name may be anything: nothing else of the rows is looked at, so that
    /// what was tampered with can still be forgotten.
    func families(credential: String?, superseded: Bool) throws(Failure) -> [FamilyID]
    /// Takes families away altogether; members, secrets, outbox and open journal with them. The number that went.
    func forget(credential: String?, family: FamilyID?) throws(Failure) -> Int
    /// Takes the secrets of superseded generations away, and from their members the power to open anything: `wrappedKey`
    /// becomes empty. The members stay, since what was used up must be known again. The number that lost it.
    func forgetSuperseded(credential: String?, family: FamilyID?) throws(Failure) -> Int
    /// Failed authentications at a host since a moment.
    func failedAuthentications(at host: String, since: Instant) throws(Failure) -> Int
    /// Notes a failed authentication at a host, or forgets all when `succeeded`.
    func noteAuthentication(at host: String, succeeded: Bool, now: Instant) throws(Failure)
    /// Until when a host asked us to wait.
    func waitUntil(for host: String) throws(Failure) -> Instant?
    /// Notes that a host asked us to wait.
    func noteWait(for host: String, until: Instant) throws(Failure)
}

/// Locks that the kernel gives back when their holder dies.
public protocol LeaseKeeper: Sendable {
    /// Takes the lock of this name beside the store, waiting at most `wait` without blocking other work.
    ///
    /// - Returns: A lease that is given back by `release`, or when its last reference goes.
    /// - Throws: `leaseHeld` (22) when the time is over.
    func acquire(_ name: String, wait: Duration) async throws(Failure) -> any Lease
}

/// A lock that is held.
public protocol Lease: AnyObject, Sendable {
    /// Gives it back; doing so twice is harmless.
    func release()
}
