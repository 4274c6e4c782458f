// How what is told of a job attempt changes what is known of it. Pure; telling the same again changes nothing.

internal import OutlastModel

/// A job attempt as the store keeps it.
struct StoredJob: Hashable, Sendable {
    /// When it began or, unknown at first, when it was first seen. Never changes.
    let begunAt: Instant
    var startedAt: Instant?
    var finishedAt: Instant?
    var status: JobStatus
    var decision: String?
    var timeout: Duration?
    var slot: String?
    var lastSeenAt: Instant

    /// An attempt that is told of for the first time.
    init(_ update: JobUpdate) {
        begunAt = update.startedAt ?? update.seenAt
        lastSeenAt = update.seenAt
        status = .running
        apply(update)
    }

    init(
        begunAt: Instant, startedAt: Instant?, finishedAt: Instant?, status: JobStatus, decision: String?,
        timeout: Duration?, slot: String?, lastSeenAt: Instant
    ) {
        self.begunAt = begunAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.status = status
        self.decision = decision
        self.timeout = timeout
        self.slot = slot
        self.lastSeenAt = lastSeenAt
    }

    /// Takes in what is told: the first start and the first end count; what was only guessed (`abandoned`) gives way to
    /// an end that is told.
    mutating func apply(_ update: JobUpdate) {
        startedAt = startedAt ?? update.startedAt
        lastSeenAt = max(lastSeenAt, update.seenAt)
        timeout = update.timeout ?? timeout
        slot = slot ?? update.slot
        decision = update.decision?.rawValue ?? decision
        let told = update.status.flatMap { $0.isEnd ? $0 : nil }
        guard !status.isEnd else { return }
        if let told {
            status = told
            finishedAt = finishedAt ?? update.finishedAt ?? update.seenAt
        } else if let end = update.finishedAt {
            // It ended, and did not say how.
            status = .abandoned
            finishedAt = finishedAt ?? end
        } else if update.status == .abandoned {
            status = .abandoned
        }
    }

    /// When it ended, or was last seen before it was given up; nil while it runs.
    var endedAt: Instant? { status == .running ? nil : finishedAt ?? lastSeenAt }

    /// From its start to its end; nil when one is unknown or the clocks contradict each other.
    var duration: Duration? {
        guard let startedAt, let endedAt, startedAt <= endedAt else { return nil }
        return startedAt.duration(to: endedAt)
    }

    /// When the CI will have killed it; nil without a time-out.
    var deadline: Instant? { timeout.map { (startedAt ?? begunAt).advanced(by: $0) } }
}

extension JobStatus {
    /// Whether the CI or the job itself told this end.
    var isEnd: Bool {
        switch self {
        case .success, .failed, .canceled: true
        case .running, .abandoned: false
        }
    }
}
