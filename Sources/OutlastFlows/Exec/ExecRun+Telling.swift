// What a run says on stderr, what it keeps in the history, and what it asks the CI to hide.

import OutlastModel

extension ExecRun {
    /// Makes the CI's runner hide tokens that it does not know of.
    func mask() {
        guard let pipeline = world.pipeline else { return }
        let users = ["git"] + world.forges.flatMap(\.kinds).compactMap(\.username)
        for token in held where !token.isPresented {
            guard let value = token.token else { continue }
            let own = [token.credential.username].compactMap { $0 }
            var names: [String] = []
            for user in users + own where !names.contains(user) { names.append(user) }
            for line in pipeline.masks(MaskForms.forms(of: value, users: names)) { children.tell(line) }
        }
    }

    /// Says why it failed, as far as anything is known, and why it is not run again.
    func tell(end: ExecEnd, _ attempt: ExecAttempt, of run: ChildRun) {
        guard let diagnosis = attempt.diagnosis, diagnosis.class != .unknown else { return }
        if end == .arrived {
            tell("\(command.name): what was to be pushed has arrived: it is not sent again")
            return
        }
        tell("\(command.name) failed: \(diagnosis.class.rawValue): \(diagnosis.advice)")
        if let reason = end.reason(attempt) { tell("not run again: \(reason)") }
    }

    /// git that was told by our helper to give up says no more than that, as of any machine whose helper is broken. Ours says
    /// so of tokens that their forge does not accept, and of nothing else.
    func withOwnSilence(_ diagnosis: Diagnosis, at endedAt: Instant) -> Diagnosis {
        guard diagnosis.class == .local, isOwnSilence(diagnosis) else { return diagnosis }
        let told = Diagnosis(
            class: .authRejected, confidence: diagnosis.confidence, line: diagnosis.line,
            advice: "git was given no token, for the one that is there is not accepted: give the job a current one",
            operation: diagnosis.operation)
        let deaths = held.compactMap(\.death)
        guard deaths.count == 1, let death = deaths.first else { return told }
        // Both moments are of our clock: the forge's answer as well as the failure.
        let skew = death.clockSkew ?? .zero
        var facts = death.facts
        facts.standingAt = facts.standingAt?.advanced(by: skew)
        return told.sharpened(by: facts, failedAt: endedAt.advanced(by: skew))
    }

    /// Whether a diagnosis is about our own helper's refusal to answer.
    func isOwnSilence(_ diagnosis: Diagnosis) -> Bool {
        guard !environment.git.isEmpty, let line = diagnosis.line else { return false }
        return line.contains("told us to quit") && line.contains("--socket")
    }

    /// Keeps a run in the history.
    mutating func keep(_ attempt: ExecAttempt, at moment: Instant, fingerprint: Fingerprint?) async throws(Failure) {
        let isStrict = isStrict
        let job = world.job
        let update = job?.identity.map {
            JobUpdate(
                identity: $0, startedAt: job?.startedAt, timeout: job?.timeout, slot: job?.slot, seenAt: moment)
        }
        let record = RunRecord(job: update, events: [event(attempt, at: moment, fingerprint: fingerprint)])
        await desk.enter()
        let result: Result<Void, Failure>
        do throws(Failure) {
            try state.attempt(strict: isStrict) { store throws(Failure) in try store.write(record) }
            result = .success(())
        } catch { result = .failure(error) }
        await desk.leave()
        attempts.append(attempt)
        // The command has run: what it did is not undone by a store that cannot be written.
        if case .failure(let failure) = result { tell(failure.message) }
    }

    private func event(_ attempt: ExecAttempt, at moment: Instant, fingerprint: Fingerprint?) -> Event {
        var outcome = FailureRequest.Outcome.ok
        if attempt.code != 0, attempt.end != .arrived {
            outcome = .error
            if let diagnosis = attempt.diagnosis, diagnosis.confidence > .low {
                let isDenied =
                    diagnosis.class.isAboutAuthentication
                    || [.scope, .forbidden, .publickey, .ipBanned].contains(diagnosis.class)
                if isDenied { outcome = .denied }
            }
        }
        var detail = "exec: \(command.name), run \(attempt.number) of \(allowed)"
        if attempt.code != 0 { detail += ", exit \(attempt.code)" }
        if attempt.end == .arrived { detail += ", arrived" }
        return Event(
            at: moment, event: "usage", outcome: outcome.rawValue, fingerprint: fingerprint,
            detail: SafeText.line(detail), diagnosis: attempt.code == 0 ? nil : attempt.diagnosis, source: .exec)
    }
}

extension ExecEnd {
    /// In words; nil where there is nothing to explain.
    func reason(_ attempt: ExecAttempt) -> String? {
        switch self {
        case .notOurs, .notRun, .arrived: nil
        case .spent: "there is no run left (--attempts)"
        case .inputTaken: "it may have read from stdin, which cannot be read twice"
        case .asked: "it was asked to end"
        case .partial: "it may have done a part of its work; --attempts says that it may be run twice"
        case .mayOverwrite: "it may overwrite what somebody else has pushed meanwhile"
        case .alive: "the forge accepts the token, so another one would change nothing"
        case .dead: "the token is dead, and there is no other"
        case .unconfirmed: "nobody could say whether the token is dead"
        case .remoteUnknown: "what has arrived of the push cannot be told"
        case .waitTooLong: "the server wants to be left alone for longer than \(ExecRule.longestWait.wholeSeconds) s"
        }
    }
}
