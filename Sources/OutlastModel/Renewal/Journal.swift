// The journal of renewals: what was intended, sent, received, and how far its consequences have been drawn.

/// How far a renewal has come (design, section 4).
public enum RenewalState: String, CaseIterable, Sendable {
    /// Written down, nothing sent.
    case intended
    /// The first byte may have left.
    case sent
    /// The answer is sealed on disk; the new generation is current.
    case received
    /// The new token has been accepted once.
    case proved
    /// Every publish target has it, or is queued.
    case published
    /// The old generation is gone; the renewal is complete.
    case retired
    /// The forge said no, and nothing has changed.
    case refused
    /// Nobody knows yet whether the forge did it.
    case inDoubt = "in_doubt"
    /// The forge did it, and the answer is gone.
    case lost

    /// Whether a later run has something left to do or to find out.
    public var isOpen: Bool {
        switch self {
        case .intended, .sent, .received, .proved, .published, .inDoubt: true
        case .retired, .refused, .lost: false
        }
    }
}

/// One renewal in the journal.
public struct JournalEntry: Hashable, Sendable {
    /// Its number in the store; 0 before it was stored.
    public var id: Int64
    /// The family.
    public var family: FamilyID
    /// The generation that is renewed; the new one is the next.
    public var generation: Int
    /// The renewal method's name.
    public var method: String
    /// The credential's name, a label.
    public var credential: String
    /// How far it has come.
    public var state: RenewalState
    /// When it was begun.
    public var intendedAt: Instant
    /// When the request was about to leave; nil before.
    public var sentAt: Instant?
    /// How long that request may be travelling.
    public var requestTimeout: Duration
    /// When it came to its state.
    public var changedAt: Instant
    /// The old token.
    public var oldFingerprint: Fingerprint
    /// The new token, once received.
    public var newFingerprint: Fingerprint?
    /// The job that began it.
    public var jobID: String?
    /// What is known, in one safe line.
    public var detail: String?

    /// Makes an entry.
    public init(
        id: Int64 = 0, family: FamilyID, generation: Int, method: String, credential: String, state: RenewalState,
        intendedAt: Instant, sentAt: Instant? = nil, requestTimeout: Duration, changedAt: Instant,
        oldFingerprint: Fingerprint, newFingerprint: Fingerprint? = nil, jobID: String? = nil, detail: String? = nil
    ) {
        self.id = id
        self.family = family
        self.generation = generation
        self.method = method
        self.credential = credential
        self.state = state
        self.intendedAt = intendedAt
        self.sentAt = sentAt
        self.requestTimeout = requestTimeout
        self.changedAt = changedAt
        self.oldFingerprint = oldFingerprint
        self.newFingerprint = newFingerprint
        self.jobID = jobID
        self.detail = detail
    }
}
