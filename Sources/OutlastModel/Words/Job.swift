// One CI job attempt, and what is known of its time.

/// Which attempt of which job. Every part is a text from the CI, to be shown through `SafeText` only.
public struct JobIdentity: Hashable, Sendable {
    /// What kind of system the job runs on: `gitlab`, `github`, `jenkins`, …, `generic` outside a known CI.
    public var forge: String
    /// The CI server's host name, so that equal paths on two servers stay apart; empty when unknown.
    public var server: String
    /// The project's path with its groups (contract, section 7).
    public var project: String
    /// The CI's name for the job.
    public var job: String
    /// The run: GitLab job id, GitHub run id, Jenkins build number.
    public var run: String
    /// The attempt within the run, from 1.
    public var attempt: Int
    /// What tells legs of one matrix apart within a run; empty when there is nothing to tell apart.
    public var leg: String
    /// Whether the leg is a series of its own (`--leg`).
    public var legIsSeries: Bool

    /// Makes an identity. User info of addresses is cut: it may be a token, and an identity is stored.
    public init(
        forge: String, server: String = "", project: String, job: String, run: String, attempt: Int = 1,
        leg: String = "", legIsSeries: Bool = false
    ) {
        self.forge = forge
        self.server = server
        self.project = SafeText.withoutUserInfo(project)
        self.job = SafeText.withoutUserInfo(job)
        self.run = SafeText.withoutUserInfo(run)
        self.attempt = attempt
        self.leg = SafeText.withoutUserInfo(leg)
        self.legIsSeries = legIsSeries
    }

    /// The series that durations are learnt from: forge, server, project and job (and the leg where asked for).
    public var series: JobSeries {
        JobSeries(forge: forge, server: server, project: project, job: job, leg: legIsSeries ? leg : "")
    }

    /// The name of the attempt in every store: 16 hex digits of a digest of all parts, so that stores can be merged.
    public var id: String {
        let parts = [forge, server, project, job, run, String(attempt), leg]
        // Lengths keep `a|b` + `c` and `a` + `b|c` apart.
        let message = parts.map { "\($0.utf8.count):\($0)" }.text(joinedBy: "|")
        return String(SHA256Digest(hashing: message.utf8).hex.prefix(16))
    }
}

/// What durations are learnt from: the same job of the same project.
public struct JobSeries: Hashable, Sendable {
    /// As in `JobIdentity`.
    public let forge: String
    /// As in `JobIdentity`.
    public let server: String
    /// As in `JobIdentity`.
    public let project: String
    /// As in `JobIdentity`.
    public let job: String
    /// Empty unless legs are series of their own.
    public let leg: String

    /// Makes a series.
    public init(forge: String, server: String, project: String, job: String, leg: String = "") {
        self.forge = forge
        self.server = server
        self.project = project
        self.job = job
        self.leg = leg
    }
}

/// How a job attempt ended, or that it has not (contract, section 7).
public enum JobStatus: String, CaseIterable, Sendable {
    case running, success, failed, canceled
    /// It never said how it ended: its time-out passed, or its runner slot began another job.
    case abandoned
}

/// The job that this process runs in, as far as the CI's variables tell.
public struct JobContext: Hashable, Sendable {
    /// The CI's name: `gitlab`, `github`, `jenkins`, `azure-pipelines`, `circleci`, `bitbucket`, `buildkite`.
    public var ci: String
    /// Identity, when the variables suffice.
    public var identity: JobIdentity?
    /// When the job began; nil where the CI has no variable for it.
    public var startedAt: Instant?
    /// How long the CI lets the job run; nil where the CI has no variable for it.
    public var timeout: Duration?
    /// The place of the runner that runs one job at a time, for finding leftovers of a job that was killed.
    public var slot: String?
    /// The forge that the CI belongs to and its API, for tokens without `--forge` and `--api-url`.
    public var forge: String?
    /// The API of that forge.
    public var apiURL: String?
    /// The CI's own server's CA file, trusted for its host only.
    public var serverCAFile: String?
    /// The folder that the CI checked the repository out to and may keep as an artifact or cache.
    public var workspace: String?
    /// Bound on the life of tokens that die with the job, beyond what the kind says (self-hosted runners).
    public var tokenLifeLimit: Duration?
    /// Whether the job runs for code from outside (a merge request of a fork, a pull request).
    public var isUntrustedChange: Bool
    /// How the job has ended, where the CI tells it in a variable to what runs afterwards.
    public var status: JobStatus?

    /// Makes a context.
    public init(
        ci: String, identity: JobIdentity? = nil, startedAt: Instant? = nil, timeout: Duration? = nil,
        slot: String? = nil, forge: String? = nil, apiURL: String? = nil, serverCAFile: String? = nil,
        workspace: String? = nil, tokenLifeLimit: Duration? = nil, isUntrustedChange: Bool = false,
        status: JobStatus? = nil
    ) {
        self.ci = ci
        self.identity = identity
        self.startedAt = startedAt
        self.timeout = timeout
        // As a part of an identity, it is stored.
        self.slot = slot.map(SafeText.withoutUserInfo)
        self.forge = forge
        self.apiURL = apiURL
        self.serverCAFile = serverCAFile
        self.workspace = workspace
        self.tokenLifeLimit = tokenLifeLimit
        self.isUntrustedChange = isUntrustedChange
        self.status = status
    }
}

/// One past attempt, as the estimator sees it.
public struct PastAttempt: Hashable, Sendable {
    /// When it began.
    public let startedAt: Instant
    /// How long it ran, or had run when it was last seen.
    public let duration: Duration
    /// How it ended; anything but `success` is a censored observation.
    public let status: JobStatus

    /// Makes an attempt.
    public init(startedAt: Instant, duration: Duration, status: JobStatus) {
        self.startedAt = startedAt
        self.duration = duration
        self.status = status
    }
}
