// Renewals that live as long as the test: the simplest thing that keeps all rules of `RenewalStoreConformance`.

public import OutlastModel
internal import Synchronization

/// Families, sealed secrets, journal and outbox in memory. Part of a `RememberingHistory`, which shows its journal and
/// takes the history of its steps.
public final class RememberingRenewals: RenewalStore {
    /// Everything that a store holds, as a tampering hand would find it.
    public struct Contents: Sendable {
        /// The wrapped data key.
        public var envelope: KeyEnvelope?
        /// Families.
        public var families: [FamilyRow] = []
        /// Members.
        public var members: [MemberRow] = []
        /// Sealed secrets.
        public var sealed: [SealedRow] = []
        /// The journal, open and closed entries.
        public var journal: [JournalRow] = []
        /// The outbox.
        public var outbox: [OutboxRow] = []
        /// Failed authentications.
        public var failures: [(host: String, at: Instant)] = []
        /// Until when hosts asked us to wait.
        public var waits: [String: Instant] = [:]
    }

    /// The store's name.
    public let stateID: [UInt8]
    /// What it was made with.
    public let sharing: StoreSharing

    private let memory = Mutex(Memory())

    /// Makes an empty store.
    public init(stateID: [UInt8] = [UInt8](100..<116), sharing: StoreSharing = .original) {
        self.stateID = stateID
        self.sharing = sharing
    }

    /// What it holds.
    public var contents: Contents { memory.withLock { $0.contents } }

    /// Runs a body once, before the next sealed secret is read: what another process does while this one looks.
    public func beforeNextSecret(_ body: @escaping @Sendable () -> Void) {
        memory.withLock { $0.beforeNextSecret = body }
    }

    /// Steps from now on are done.
    public func clearFaults() {
        memory.withLock { memory in
            memory.faults = []
            memory.gate = nil
        }
    }

    /// The steps that were done, in order.
    public var steps: [RenewalChange] { memory.withLock { $0.steps } }

    /// The states that the journal went through, in order.
    public var states: [RenewalState] { steps.compactMap { $0.journal?.entry.state } }

    /// Changes what it holds, as anyone who can write the store could.
    public func tamper(_ change: (inout Contents) -> Void) { memory.withLock { change(&$0.contents) } }

    /// Lets the n-th `apply` from now (1 is the next) fail: before anything is stored, or `afterwards`, as when the
    /// process learns of a failure though the step is on disk.
    public func failApply(
        _ number: Int, with failure: Failure = .state("no space left for the state store"), afterwards: Bool = false
    ) {
        memory.withLock { memory in
            memory.faults.append(
                Fault(number: memory.tries + number, failure: failure, isAfterwards: afterwards))
        }
    }

    /// Lets a gate stand at every durable step, before it and after it (`isAfterwards`); a failure of the gate is that of
    /// the step.
    public func guardSteps(by gate: (@Sendable (_ isAfterwards: Bool) -> Failure?)?) {
        memory.withLock { $0.gate = gate }
    }

    /// Where the history of a step goes.
    func attach(_ writeHistory: @escaping @Sendable (RunRecord) -> Void) {
        memory.withLock { $0.writeHistory = writeHistory }
    }

    /// The wrapped data key; see `RenewalStore`.
    public func keyEnvelope() throws(Failure) -> KeyEnvelope? { contents.envelope }

    /// Replaces it; see `RenewalStore`.
    public func replaceKeyEnvelope(_ old: KeyEnvelope?, by new: KeyEnvelope) throws(Failure) -> Bool {
        memory.withLock { memory in
            guard memory.contents.envelope == old else { return false }
            memory.contents.envelope = new
            return true
        }
    }

    /// A member; see `RenewalStore`.
    public func member(_ digest: SHA256Digest, identity: FamilyIdentity) throws(Failure) -> MemberRow? {
        contents.members.first { $0.digest == digest && $0.identity == identity }
    }

    /// A family; see `RenewalStore`.
    public func family(_ id: FamilyID) throws(Failure) -> FamilyRow? { contents.families.first { $0.id == id } }

    /// A sealed secret; see `RenewalStore`.
    public func sealed(_ family: FamilyID, generation: Int, purpose: SecretPurpose) throws(Failure) -> SealedRow? {
        let body = memory.withLock { memory in
            defer { memory.beforeNextSecret = nil }
            return memory.beforeNextSecret
        }
        body?()
        return contents.sealed.first {
            $0.family == family && $0.generation == generation && $0.purpose == purpose
        }
    }

    /// Open journal entries; see `RenewalStore`.
    public func openJournal(of family: FamilyID) throws(Failure) -> [JournalRow] {
        contents.journal.filter { $0.entry.family == family && $0.entry.state.isOpen }
            .sorted { $0.entry.id < $1.entry.id }
    }

    /// The renewals of a token; see `RenewalStore`.
    public func renewals(of token: Fingerprint, in family: FamilyID) throws(Failure) -> [JournalRow] {
        contents.journal.filter { $0.entry.family == family && $0.entry.oldFingerprint == token }
            .sorted { $0.entry.id < $1.entry.id }.suffix(100)
    }

    /// The outbox; see `RenewalStore`.
    public func outbox(of family: FamilyID) throws(Failure) -> [OutboxRow] {
        contents.outbox.filter { $0.family == family }.sorted {
            ($0.queuedAt, $0.target.hex) < ($1.queuedAt, $1.target.hex)
        }
    }

    /// One durable step; see `RenewalStore`.
    public func apply(_ change: RenewalChange, to family: FamilyID) throws(Failure) -> Int64 {
        let gate = memory.withLock { $0.gate }
        if let failure = gate?(false) { throw failure }
        let (result, writeHistory) = memory.withLock { memory in
            (memory.apply(change, to: family), memory.writeHistory)
        }
        switch result {
        case .success(let done):
            if let history = change.history { writeHistory?(history) }
            if let failure = done.failure ?? gate?(true) { throw failure }
            return done.number
        case .failure(let failure): throw failure
        }
    }

    /// All sealed secrets; see `RenewalStore`.
    public func listSecrets() throws(Failure) -> [(family: FamilyRow, secret: SealedRow, digest: SHA256Digest?)] {
        let contents = contents
        return contents.families.sorted { ($0.createdAt, $0.id.text) < ($1.createdAt, $1.id.text) }.flatMap { family in
            contents.sealed.filter { $0.family == family.id }.sorted {
                ($0.generation, $0.purpose.rawValue) < ($1.generation, $1.purpose.rawValue)
            }.map { secret in
                let member = contents.members.first {
                    $0.family == family.id && $0.generation == secret.generation && $0.purpose == secret.purpose
                }
                return (family: family, secret: secret, digest: member?.digest)
            }
        }
    }

    /// Names of families; see `RenewalStore`.
    public func families(credential: String?, superseded: Bool) throws(Failure) -> [FamilyID] {
        let contents = contents
        return contents.families.filter { family in
            guard (credential ?? family.credential) == family.credential else { return false }
            let older = 1..<max(family.generation, 1)
            let leads = contents.members.contains {
                $0.family == family.id && older.contains($0.generation) && !$0.wrappedKey.isEmpty
            }
            return !superseded || leads
                || contents.sealed.contains { $0.family == family.id && $0.generation < family.generation }
        }.map(\.id).sorted { $0.text < $1.text }
    }

    /// Takes families away; see `RenewalStore`.
    public func forget(credential: String?, family: FamilyID?) throws(Failure) -> Int {
        guard credential != nil || family != nil else { return 0 }
        return memory.withLock { $0.contents.forget(credential, family) }
    }

    /// Takes superseded secrets away; see `RenewalStore`.
    public func forgetSuperseded(credential: String?, family: FamilyID?) throws(Failure) -> Int {
        memory.withLock { $0.contents.forgetSuperseded(credential, family) }
    }

    /// Failed authentications; see `RenewalStore`.
    public func failedAuthentications(at host: String, since: Instant) throws(Failure) -> Int {
        contents.failures.count { $0.host == host && $0.at >= since }
    }

    /// Notes an authentication; see `RenewalStore`.
    public func noteAuthentication(at host: String, succeeded: Bool, now: Instant) throws(Failure) {
        memory.withLock { memory in
            if succeeded {
                memory.contents.failures.removeAll { $0.host == host }
            } else {
                memory.contents.failures.append((host, now))
            }
        }
    }

    /// How long to wait; see `RenewalStore`.
    public func waitUntil(for host: String) throws(Failure) -> Instant? { contents.waits[host] }

    /// Notes a wait; see `RenewalStore`.
    public func noteWait(for host: String, until: Instant) throws(Failure) {
        memory.withLock { memory in
            memory.contents.waits[host] = max(memory.contents.waits[host] ?? until, until)
        }
    }
}
