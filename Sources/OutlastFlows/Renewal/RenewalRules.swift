// The decisions of a renewal as pure functions: whether it is due, whether it may begin, how an old one is settled.

import OutlastModel

/// Whether a renewal is due.
enum DueRule {
    /// The limit without any configuration (contract, section 5).
    static func limit(_ given: Duration?, endsByDate: Bool) -> Duration {
        given ?? (endsByDate ? .seconds(2 * 86_400) : .seconds(3600))
    }

    /// Whether the current token is to be renewed. A token without a known end is renewed only when forced; one that
    /// `--force` meets as a superseded generation has been renewed already.
    static func isDue(
        expiry: Expiry, now: Instant, limit: Duration, isForced: Bool, presentedIsCurrent: Bool
    ) -> Bool {
        if isForced && presentedIsCurrent { return true }
        guard let end = expiry.instant else { return false }
        return now.duration(to: end) < limit
    }
}

/// Whether a destructive renewal may begin (contract, section 5; design, section 8).
enum HomeRule {
    struct Facts: Sendable {
        var isDestructive: Bool
        var credential: String
        /// Publish targets that answered.
        var provedTargets: Int
        /// Publish targets that can be read back.
        var readableTargets: Int
        var storeIsNamed: Bool
        var isInCI: Bool
        var isUnpublished: Bool
        var sharing: StoreSharing
        var isExclusive: Bool
    }

    /// The refusal (20), or nil when it may begin.
    static func refusal(_ facts: Facts) -> Failure? {
        guard facts.isDestructive else { return nil }
        let hasHome = facts.provedTargets > 0 || facts.storeIsNamed || !facts.isInCI || facts.isUnpublished
        guard hasHome else {
            return Failure(
                .renewalFailed,
                "renewing \(facts.credential) was refused: the new token would exist only in this job's own folder, and be lost with it",
                hint:
                    "name a store that outlives the job (export OUTLAST_STATE=/path/on/a/volume/state.db), or add a publish target (publish: [{file: {path: /run/build/token}}]); --unpublished with --export carries the value away"
            )
        }
        if case .doubtful(let reason) = facts.sharing, !facts.isExclusive, facts.readableTargets == 0 {
            return Failure(
                .renewalFailed,
                "renewing \(facts.credential) was refused: \(reason), so another job may renew the same token at the same time",
                hint:
                    "use a store on a shared volume or PostgreSQL, or --exclusive in a job that the CI runs one at a time (resource_group, concurrency: within one project only)"
            )
        }
        return nil
    }
}

/// What to do about a renewal that an earlier process left open.
enum SettlementRule {
    enum Step: Hashable, Sendable {
        /// Nothing was sent: forget it.
        case discard
        /// The request may still be travelling: wait until this moment.
        case wait(until: Instant)
        /// Ask a harmless question with the old token.
        case probe
        /// The answer is safe: go on from there.
        case resume
        /// Nothing is left to do.
        case nothing
    }

    static func step(for entry: JournalEntry, now: Instant) -> Step {
        switch entry.state {
        case .intended: return .discard
        case .sent, .inDoubt:
            let settled = (entry.sentAt ?? entry.intendedAt).advanced(by: entry.requestTimeout)
            return now < settled ? .wait(until: settled) : .probe
        case .received, .proved, .published: return .resume
        case .retired, .refused, .lost: return .nothing
        }
    }
}
