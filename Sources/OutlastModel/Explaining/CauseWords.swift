// The part of the sentence after "because", for every class, with what history adds to the class.

/// Says a cause.
struct CauseWords: Sendable {
    private let findings: CaseFindings
    private let diagnosis: Diagnosis
    private let clock: CaseClock

    init(_ findings: CaseFindings, _ diagnosis: Diagnosis, _ clock: CaseClock) {
        self.findings = findings
        self.diagnosis = diagnosis
        self.clock = clock
    }

    private var token: String { findings.token?.shown ?? "the token" }

    /// Who revoked a token that nobody is known to have rotated can only be guessed.
    var confidence: Confidence {
        guard diagnosis.class == .authRevoked, findings.rotation == nil, findings.isSuccessor else {
            return diagnosis.confidence
        }
        return min(diagnosis.confidence, .medium)
    }

    var reason: String {
        switch diagnosis.class {
        case .authExpired: expired
        case .authRevoked: revoked
        case .authRejected: rejected
        case .authMissing: "git had no credential to send"
        case .scope: "\(token) lacks the scope that this needs\(scopes)"
        case .forbidden:
            "\(token) may not do this there\(accepted): a role, a branch's rule or the project's settings forbid it"
        case .notFound:
            "there is no such project for \(token): it is not there, or the token's owner is no member of it"
        case .ipBanned: "the forge has banned this machine's address after too many refused logins\(culprit)"
        case .publickey: "the server did not accept the SSH key"
        case .local where isOutOfSpace: "there was no space left on this machine's disk\(line)"
        case .local: "of something on this machine itself\(line)"
        case .unknown: "of a cause that its output does not name\(line)"
        default: plain
        }
    }

    private var plain: String {
        let words =
            switch diagnosis.class {
            case .rateLimited: "the forge asked this machine to slow down"
            case .hostKey: "the server's host key is not the one that is pinned"
            case .tls: "the server's certificate was not accepted, or TLS failed in another way"
            case .proxy: "the proxy did not let it through"
            case .dns: "the forge's name could not be resolved"
            case .network: "the connection to the forge failed"
            case .server: "the forge answered with an error of its own"
            case .size: "what was pushed is larger than the forge takes"
            case .nonFastForward: "the branch had moved on: what was pushed does not contain its newest commit"
            default: "a hook of the forge declined what was pushed"
            }
        return words + line
    }

    private var isOutOfSpace: Bool { diagnosis.line.map(SavingAdvice.namesFullDisk) ?? false }

    /// The deciding line, where it says more than the class.
    private var line: String { diagnosis.line.map { " (\(SafeText.line($0, limit: 200)))" } ?? "" }

    /// git was refused, the forge was asked, and said that the token lives.
    private var accepted: String { findings.place == nil ? "" : ", though its forge accepts it" }

    private var scopes: String {
        guard let scopes = findings.token?.scopes, !scopes.isEmpty else { return "" }
        return " (it has \(SafeText.line(scopes.text(joinedBy: ", "), limit: 120)))"
    }

    private var expired: String {
        guard case .expired(let end)? = findings.death else { return "\(token) had ended\(refusal)" }
        return "\(token) ended at \(clock.text(end))\(skew)\(refusal)"
    }

    /// A clock that is behind the forge's makes a token end before its time.
    private var skew: String {
        guard let skew = findings.token?.clockSkew, skew >= .seconds(60) || skew <= .seconds(-60) else { return "" }
        let distance = skew < .zero ? Duration.zero - skew : skew
        let side = skew > .zero ? "ahead of" : "behind"
        return " by the forge's clock, which is \(distance.readable) \(side) this machine's"
    }

    private var refusal: String {
        guard let refusal = findings.refusal else { return "" }
        let why = refusal.detail.map { ": \(SafeText.line($0, limit: 200))" } ?? ""
        return ", and its renewal at \(clock.text(refusal.at)) came to nothing\(why)"
    }

    private var revoked: String {
        if let rotation = findings.rotation {
            if rotation.state == .lost {
                return
                    "\(token) was used up at \(clock.text(rotation.at)) by a renewal\(of(rotation)) that came to nothing"
                    + (rotation.detail.map { ": \(SafeText.line($0, limit: 200))" } ?? "")
            }
            let isOwn = rotation.jobID == findings.the.job.id
            let meanwhile = rotation.at >= findings.the.job.begunAt ? " while this job ran" : " before this job began"
            return isOwn
                ? "\(token) was replaced at \(clock.text(rotation.at)) by this job itself, and the command was given the old one"
                : "\(token) was replaced at \(clock.text(rotation.at))\(by(rotation))\(meanwhile)"
        }
        let isTold = findings.token?.standing?.isDead ?? false
        let known = isTold ? findings.token?.standingAt : nil
        let since = known.map { " (known since \(clock.text($0)))" } ?? ""
        if findings.isSuccessor {
            return "\(token) was revoked\(since), which no renewal of outlast did: an older token of its family was "
                + "sent to be renewed once more, or somebody revoked it"
        }
        return "\(token) was revoked\(since)"
    }

    private func by(_ rotation: KnownRenewal) -> String {
        rotation.jobID == nil ? ", outside of any job," : " by" + name(rotation)
    }

    private func of(_ rotation: KnownRenewal) -> String {
        rotation.jobID == nil ? " outside of any job" : " of" + name(rotation)
    }

    private func name(_ rotation: KnownRenewal) -> String {
        guard let job = rotation.job else { return " a job that history does not know" }
        let isSameProject = job.series.project == findings.the.job.series.project
        let place = isSameProject ? "" : " of \(SafeText.line(job.series.project, limit: 120))"
        return " job \(job.shown)\(place)"
    }

    private var rejected: String {
        if let token = findings.token, token.facts.wasAlive(at: findings.forgeMoment) {
            return
                "the forge refused what it was sent; \(token.shown) worked then, so something else was sent in its place"
        }
        if case .rejected? = findings.death {
            return "the forge does not accept \(token): it is unknown there, revoked or of another server"
        }
        return "the forge refused \(token) and told no cause"
    }

    /// The last refusal in this job before the ban, which the ban is for.
    private var culprit: String {
        let refused = findings.the.events.last { event in
            event.at < findings.moment && event.diagnosis?.class?.isAboutAuthentication ?? false
        }
        guard let refused else { return "" }
        let count = findings.the.events.filter {
            $0.at < findings.moment && $0.diagnosis?.class?.isAboutAuthentication ?? false
        }.count
        return " (\(count) told by this job, the last at \(clock.text(refused.at)))"
    }
}
