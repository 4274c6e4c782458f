// What in a case decides: the failure, the token that it was about, how that had died, and what was known before.

/// What was found in a case.
struct CaseFindings: Sendable {
    let the: JobCase
    /// The failure that decides; nil when nothing told of one.
    let failure: KnownEvent?
    /// The token that it was about, where that can be told.
    let token: KnownToken?
    /// What the credential helper had to refuse, where that is what stopped git.
    let refused: KnownEvent?
    /// The moment that everything is measured from: the failure's, else the job's end.
    let moment: Instant

    init(_ the: JobCase) {
        self.the = the
        let told = Self.deciding(the.events.filter { $0.diagnosis != nil }) ?? Self.deciding(the.heard)
        let failure = told.map { Self.settled($0, in: the) } ?? Self.doubted(in: the)
        self.failure = failure
        moment = failure?.at ?? the.job.finishedAt ?? the.job.lastSeenAt
        let refused = failure.flatMap { Self.refused(before: $0, in: the) }
        self.refused = refused
        token = Self.token(of: refused ?? failure, in: the, at: moment)
    }

    /// git says no more than that its helper told it to stop. Where that was ours, which had just refused a credential, it is
    /// that credential that was at fault, and not this machine.
    private static func refused(before failure: KnownEvent, in the: JobCase) -> KnownEvent? {
        guard failure.diagnosis?.class == .local, failure.diagnosis?.line?.contains("told us to quit") ?? false
        else { return nil }
        return the.events.last { $0.event == "credential" && $0.outcome == "refused" && $0.at <= failure.at }
    }

    /// The last failure told; one that says nothing gives way to an earlier one that does.
    private static func deciding(_ failures: [KnownEvent]) -> KnownEvent? {
        failures.last { $0.diagnosis?.class.map { $0 != .unknown } ?? false } ?? failures.last
    }

    /// A 401 tells no cause. Where git's credential helper had given the token that was refused, and the forge then said
    /// that it lives, nothing else was sent in its place.
    private static func settled(_ told: KnownEvent, in the: JobCase) -> KnownEvent {
        guard var diagnosis = told.diagnosis, diagnosis.class == .authRejected else { return told }
        let known = the.events.last { event in
            event.diagnosis?.source == DiagnosisSource.git.rawValue
                && [.scope, .forbidden].contains(event.diagnosis?.class) && event.at <= told.at
                && (told.token == nil || event.token == told.token)
        }
        guard let known, let found = known.diagnosis,
            let token = the.tokens.first(where: { $0.mark == known.token }),
            token.facts.death(by: told.at.advanced(by: token.clockSkew ?? .zero)) == nil
        else { return told }
        diagnosis.class = found.class
        diagnosis.confidence = found.confidence
        diagnosis.line = found.line
        diagnosis.source = found.source
        diagnosis.credentialAtFault = found.credentialAtFault
        diagnosis.operation = operation(of: told)
        var event = known
        event.at = told.at
        event.diagnosis = diagnosis
        return event
    }

    /// The last refusal that git's credential helper heard of, where nothing else tells of a failure: after it git did not
    /// come back for that credential, or was told to stop.
    private static func doubted(in the: JobCase) -> KnownEvent? {
        let ofHelper = the.events.filter { $0.event == KnownEvent.credential }
        guard let place = ofHelper.lastIndex(where: { $0.outcome == KnownEvent.doubted }) else { return nil }
        var event = ofHelper[place]
        guard !ofHelper[place...].contains(where: { $0.outcome == "given" && $0.detail == event.detail }) else {
            return nil
        }
        let token = the.tokens.first { $0.mark == event.token }
        let isAlive = token.map { $0.facts.wasAlive(at: event.at.advanced(by: $0.clockSkew ?? .zero)) } ?? false
        let kind: FailureClass = isAlive ? .forbidden : .authRejected
        event.diagnosis = KnownDiagnosis(
            class: kind, confidence: .medium, source: DiagnosisSource.git.rawValue,
            credentialAtFault: kind.credentialAtFault)
        return event
    }

    /// Where git saw the token refused, if it was the helper that heard of it.
    var place: String? {
        guard let failure, failure.diagnosis?.source == DiagnosisSource.git.rawValue, let detail = failure.detail
        else { return nil }
        let words = detail.split(separator: " ")
        // The helper's own line is `credential: place`, that of what came of it `place: words`.
        let isHelpers = failure.event == KnownEvent.credential
        let mark = isHelpers ? words.lastIndex { $0.hasSuffix(":") } : words.firstIndex { $0.hasSuffix(":") }
        guard let mark else { return nil }
        let place = Array(isHelpers ? words[(mark + 1)...] : words[...mark]).text(joinedBy: " ")
        return place.isEmpty ? nil : SafeText.line(isHelpers ? place : String(place.dropLast()), limit: 200)
    }

    /// The token that the failure names, else the job's only one, else the only one that was dead by then.
    private static func token(of failure: KnownEvent?, in the: JobCase, at moment: Instant) -> KnownToken? {
        if let mark = failure?.token { return the.tokens.first { $0.mark == mark } }
        let isAbout = failure?.diagnosis?.class.map { $0.credentialAtFault != false } ?? (failure == nil)
        guard isAbout else { return nil }
        if the.tokens.count == 1 { return the.tokens[0] }
        let dead = the.tokens.filter { token in
            token.facts.death(by: moment.advanced(by: token.clockSkew ?? .zero)) != nil
        }
        return dead.count == 1 ? dead[0] : nil
    }

    /// What was being done.
    var operation: String? { failure.flatMap(Self.operation) }

    /// By the output's own words, else as a use of a token was told (`push: …`).
    private static func operation(of failure: KnownEvent) -> String? {
        if let told = failure.diagnosis?.operation { return told }
        guard failure.event == "usage", let detail = failure.detail else { return nil }
        let word = detail.prefix { $0 != ":" }
        // Of a command that it ran, `exec` tells which: `exec: git push, run 1 of 2`.
        if word == "exec" {
            let command = detail.dropFirst(word.count + 1).prefix { $0 != "," }.drop { $0 == " " }
            return command.isEmpty ? nil : String(command)
        }
        return word.isEmpty ? nil : String(word)
    }

    /// The moment on the clock of the token's forge.
    var forgeMoment: Instant { moment.advanced(by: token?.clockSkew ?? .zero) }

    /// How the token had died by then.
    var death: TokenFacts.Death? { token?.facts.death(by: forgeMoment) }

    /// The diagnosis with what history knows by now.
    var diagnosis: Diagnosis? {
        guard let told = failure?.diagnosis else { return nil }
        var plain = Diagnosis(
            class: told.class ?? .unknown, confidence: told.confidence, line: told.line, advice: "",
            operation: told.operation.flatMap(GitOperation.init(rawValue:)))
        plain.credentialAtFault = told.credentialAtFault
        if refused != nil {
            plain.class = .authRejected
            plain.credentialAtFault = true
        }
        guard let token else { return plain }
        var facts = token.facts
        // A renewal whose answer was lost has ended the old token as well, unless that had its own end.
        let hasEnded = facts.endsAt.map { $0 <= forgeMoment } ?? false
        if let rotation, rotation.state != .lost || !hasEnded {
            let ended = rotation.at.advanced(by: token.clockSkew ?? .zero)
            facts.rotatedAt = [facts.rotatedAt, ended].compactMap { $0 }.min()
        }
        return plain.sharpened(by: facts, failedAt: forgeMoment)
    }

    /// The renewal that ended the token before the failure: both moments are of our clock.
    var rotation: KnownRenewal? {
        guard let token else { return nil }
        return the.renewals.last { $0.old == token.mark && $0.isDone && $0.at <= moment }
    }

    /// A renewal of the token that came to nothing before the failure.
    var refusal: KnownRenewal? {
        guard let token else { return nil }
        return the.renewals.last {
            $0.old == token.mark && [.refused, .lost, .inDoubt].contains($0.state) && $0.at <= moment
        }
    }

    /// Whether the token itself came out of a renewal, so that an older one of its family is about.
    var isSuccessor: Bool {
        guard let token else { return false }
        return (token.generation ?? 1) > 1 || the.renewals.contains { $0.new == token.mark && $0.isDone }
    }

    /// The last preflight that judged the token before the failure; of any token where that is not known.
    var preflight: KnownEvent? {
        let judged = the.events.filter { $0.event == "preflight" && $0.at <= moment }
        guard let token else { return judged.last }
        return judged.last { $0.token == token.mark }
    }

    /// Whether this job has renewed anything between its preflight and the failure.
    var hasRenewed: Bool {
        guard let preflight else { return false }
        return the.events.contains { $0.event == "renew" && $0.at >= preflight.at && $0.at <= moment }
    }

    /// The last that was told of the SSH fallback before the failure.
    var fallback: KnownEvent? { the.events.last { $0.event == KnownEvent.sshFallback && $0.at <= moment } }

    /// The name of the credential in question, as it was told; nil when there is none.
    var credential: String? { token?.credential ?? failure?.credential }
}
