// Why a job failed: the case that history makes up, and what is concluded from it.

/// All that history knows around one job.
public struct JobCase: Hashable, Sendable {
    /// The job.
    public var job: KnownJob
    /// What happened in it, oldest first.
    public var events: [KnownEvent]
    /// The tokens that it used.
    public var tokens: [KnownToken]
    /// Renewals that it began, and those of its tokens, oldest first.
    public var renewals: [KnownRenewal]
    /// What others than the job tell of its tokens while it ran (a server's log), oldest first.
    public var heard: [KnownEvent]
    /// How tokens of a kind are renewed by themselves: the method's name by the kind's id.
    public var methods: [String: String]
    /// Which of these kinds live for hours, and not until a date.
    public var shortLived: Set<String>

    /// Makes a case.
    public init(
        job: KnownJob, events: [KnownEvent] = [], tokens: [KnownToken] = [], renewals: [KnownRenewal] = [],
        heard: [KnownEvent] = [], methods: [String: String] = [:],
        shortLived: Set<String> = []
    ) {
        self.shortLived = shortLived
        self.job = job
        self.events = events
        self.tokens = tokens
        self.renewals = renewals
        self.heard = heard
        self.methods = methods
    }
}

/// Why a job failed, what shows it, and what would have saved it. Every text is safe to show.
public struct Explanation: Hashable, Sendable {
    /// The cause.
    public struct Cause: Hashable, Sendable {
        /// Its class; nil when nothing failed.
        public var `class`: FailureClass?
        /// The one sentence that says it, without a full stop.
        public var sentence: String
        /// How sure.
        public var confidence: Confidence
        /// Whether a credential is at fault; nil when that cannot be told.
        public var credentialAtFault: Bool?

        /// Makes a cause.
        public init(
            class: FailureClass?, sentence: String, confidence: Confidence, credentialAtFault: Bool?
        ) {
            self.class = `class`
            self.sentence = sentence
            self.confidence = confidence
            self.credentialAtFault = credentialAtFault
        }

        /// The word of the class.
        public var name: String { self.class?.rawValue ?? "none" }
    }

    /// One thing that was known, when, and by whom.
    public struct Evidence: Hashable, Sendable {
        /// When it was known or happened.
        public var at: Instant
        /// What.
        public var what: String
        /// Who told.
        public var source: String

        /// Makes a piece of evidence.
        public init(at: Instant, what: String, source: String) {
            self.at = at
            self.what = what
            self.source = source
        }
    }

    /// The cause.
    public var cause: Cause
    /// What shows it, in order of time.
    public var evidence: [Evidence]
    /// Commands or lines of configuration to paste, the best first.
    public var wouldHaveSaved: [String]

    /// Makes an explanation.
    public init(cause: Cause, evidence: [Evidence], wouldHaveSaved: [String]) {
        self.cause = cause
        self.evidence = evidence
        self.wouldHaveSaved = wouldHaveSaved
    }
}
