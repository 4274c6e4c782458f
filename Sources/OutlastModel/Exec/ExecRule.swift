// Whether a command that failed is run again (contract, section 9). Pure: what is known goes in, what to do next comes out.

/// What is known when a run of a command has failed.
public struct FailedRun: Hashable, Sendable {
    /// Which run it was, from 1.
    public var attempt: Int
    /// How many there may be.
    public var allowed: Int
    /// What the command is.
    public var sort: WrappedCommand.Sort
    /// Whether somebody said how often it may be run.
    public var isAllowanceGiven: Bool
    /// Why it failed by its words and by what history knows.
    public var diagnosis: Diagnosis?
    /// What is known about its reading of stdin.
    public var input: InputUse
    /// Whether it was begun at all.
    public var wasRun: Bool
    /// Whether somebody asked it, or us, to end.
    public var wasAskedToEnd: Bool
    /// Whether failures that pass may be tried again.
    public var retriesTransient: Bool
    /// Whether its credential was found dead before it ran, and it failed for that: there is nothing left to ask.
    public var isKnownDead: Bool

    /// Describes a failure.
    public init(
        attempt: Int, allowed: Int, sort: WrappedCommand.Sort, isAllowanceGiven: Bool = false, diagnosis: Diagnosis?,
        input: InputUse = .untouched, wasRun: Bool = true, wasAskedToEnd: Bool = false, retriesTransient: Bool = false,
        isKnownDead: Bool = false
    ) {
        self.isKnownDead = isKnownDead
        self.attempt = attempt
        self.allowed = allowed
        self.sort = sort
        self.isAllowanceGiven = isAllowanceGiven
        self.diagnosis = diagnosis
        self.input = input
        self.wasRun = wasRun
        self.wasAskedToEnd = wasAskedToEnd
        self.retriesTransient = retriesTransient
    }
}

/// Why there is no other run.
public enum ExecEnd: String, Hashable, Sendable, CaseIterable {
    /// The failure is about nothing that we could change.
    case notOurs = "not_ours"
    /// There were as many runs as there may be.
    case spent
    /// The child may have taken what a second run would need.
    case inputTaken = "input_taken"
    /// The command was asked to end.
    case asked
    /// It could not be begun.
    case notRun = "not_run"
    /// It may have done a part of its work.
    case partial
    /// It may overwrite what somebody else has put there meanwhile.
    case mayOverwrite = "may_overwrite"
    /// The forge accepts the credential: the words are about something else.
    case alive
    /// The credential is dead, and there is no other.
    case dead
    /// Nobody can say whether the credential is dead.
    case unconfirmed
    /// What was to be pushed is there.
    case arrived
    /// What has arrived cannot be told.
    case remoteUnknown = "remote_unknown"
    /// The forge wants to be left alone for longer than anybody waits here.
    case waitTooLong = "wait_too_long"
}

/// What comes next.
public enum ExecStep: Hashable, Sendable {
    case end(ExecEnd)
    /// Ask the credential's forge first; renew only what may be renewed, and only if another run may follow.
    case confirm(mayRunAgain: ExecEnd?)
    /// Wait at most so long, a random part of it, then try again.
    case wait(atLeast: Duration, spread: Duration)
}

/// What a question about a credential has shown.
public enum CredentialFinding: String, Hashable, Sendable, CaseIterable {
    /// The forge accepts what was handed out.
    case alive
    /// There is another token than the one that was handed out, which was found dead or has been replaced.
    case replaced
    /// The forge has another way in now: SSH.
    case fellBack = "fell_back"
    /// It is dead, and nothing could be done about it.
    case dead
    /// Nobody could be asked.
    case unknown
}

/// What the far end has of a push.
public enum RemoteState: Hashable, Sendable, CaseIterable {
    /// All that was to be pushed.
    case asPushed
    /// Not all of it.
    case otherwise
    /// It answers, and what was to be pushed is not told by names.
    case undecided
    /// It does not answer.
    case unknown
}

/// The rules.
public enum ExecRule {
    /// How often a command may be run when nobody says.
    public static func attempts(of command: WrappedCommand, given: Int?) -> Int { given ?? (command.isGit ? 2 : 1) }

    /// The longest that a forge is waited for.
    public static let longestWait = Duration.seconds(300)
    /// The longest spread between two runs.
    public static let longestSpread = Duration.seconds(60)

    /// What to do about a failure, by what is known without asking anybody.
    public static func step(after run: FailedRun) -> ExecStep {
        if run.wasAskedToEnd { return .end(.asked) }
        guard run.wasRun else { return .end(.notRun) }
        guard let diagnosis = run.diagnosis else { return .end(.notOurs) }
        if run.isKnownDead { return .end(.dead) }
        if isAboutCredential(diagnosis) { return .confirm(mayRunAgain: obstacle(run)) }
        guard run.retriesTransient, isTransient(diagnosis) else { return .end(.notOurs) }
        if let obstacle = obstacle(run) { return .end(obstacle) }
        let asked = RetryText.seconds(in: diagnosis.line) ?? .zero
        guard asked <= longestWait else { return .end(.waitTooLong) }
        let doubled = Duration.seconds(2) * (1 << min(run.attempt - 1, 8))
        return .wait(atLeast: asked, spread: min(doubled, longestSpread))
    }

    /// Whether a failure is about a credential that could be dead. Words in a place where their program would not have put
    /// them (`low`) are asked about too, which harms nobody.
    public static func isAboutCredential(_ diagnosis: Diagnosis) -> Bool { diagnosis.class.isAboutAuthentication }

    private static func isTransient(_ diagnosis: Diagnosis) -> Bool {
        [.network, .rateLimited, .server].contains(diagnosis.class) && diagnosis.confidence > .low
    }

    /// What speaks against another run whatever the failure was.
    private static func obstacle(_ run: FailedRun) -> ExecEnd? {
        if run.attempt >= run.allowed { return .spent }
        if run.input != .untouched { return .inputTaken }
        if case .gitOther = run.sort, !run.isAllowanceGiven { return .partial }
        return nil
    }

    /// What to do when the credential was asked about; nil for another run.
    ///
    /// - Parameter obstacle: what speaks against another run whatever the answer is.
    public static func end(after finding: CredentialFinding, obstacle: ExecEnd? = nil) -> ExecEnd? {
        if finding != .alive, let obstacle { return obstacle }
        return switch finding {
        case .alive: .alive
        case .replaced, .fellBack: nil
        case .dead: .dead
        case .unknown: .unconfirmed
        }
    }

    /// Whether the far end must be looked at before another run: a push that began to send may have arrived.
    public static func mustLookAtRemote(_ sort: WrappedCommand.Sort, _ diagnosis: Diagnosis?) -> Bool {
        guard case .gitPush = sort else { return false }
        // What is refused before the first ref is listed has sent nothing.
        guard let diagnosis, diagnosis.class.isAboutAuthentication, let line = diagnosis.line else { return true }
        let isBefore = line.contains("Authentication failed for") || line.contains("could not read ")
        return !isBefore || diagnosis.confidence == .low
    }

    /// Whether the server refused the credential instead of taking what was sent: a request that is answered with 401 has
    /// not been applied (RFC 9110, 15.5.2), and a push is one request.
    public static func wasRefused(_ diagnosis: Diagnosis?) -> Bool {
        guard let diagnosis, diagnosis.class.isAboutAuthentication, diagnosis.confidence > .low,
            let line = diagnosis.line
        else { return false }
        return ["HTTP 401", "returned error: 401", "Authentication failed for"].contains { line.contains($0) }
    }

    /// What to do by what the far end has; nil for another run, which sends what is missing and nothing else.
    ///
    /// - Parameter isUntouched: whether it is certain that the far end has taken nothing.
    public static func end(of push: PushWords, after remote: RemoteState, isUntouched: Bool = false) -> ExecEnd? {
        switch remote {
        case .asPushed: .arrived
        case .otherwise, .undecided: push.isForced && !isUntouched ? .mayOverwrite : nil
        case .unknown: .remoteUnknown
        }
    }
}

/// How long a server asks to be left alone, in its own words.
public enum RetryText {
    /// The seconds in `try again in N seconds`, `retry after N`, `Retry-After: N`; nil when there are none.
    public static func seconds(in line: String?) -> Duration? {
        guard let line = line?.lowercased() else { return nil }
        for mark in ["try again in ", "retry after ", "retry-after: ", "retry in ", "wait "] {
            guard let range = line.utf8.ranges(of: Array(mark.utf8)).last else { continue }
            let digits = line.utf8[range.upperBound...].prefix { (48...57).contains($0) }
            guard !digits.isEmpty, digits.count <= 7, let number = Int64(String(decoding: digits, as: UTF8.self)) else {
                continue
            }
            let rest = line.utf8[digits.endIndex...].drop { $0 == 32 }
            return .seconds(rest.starts(with: "min".utf8) ? number * 60 : number)
        }
        return nil
    }
}
