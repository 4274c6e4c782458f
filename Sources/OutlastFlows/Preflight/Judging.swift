// How every token of a preflight is judged, the first one and what a remedy puts in its place.

import OutlastModel

/// A credential with all that was concluded about it.
struct JudgedCredential: Sendable {
    var candidate: Candidate
    var facts: CredentialFacts
    var verdict: CredentialVerdict
}

/// What holds for all credentials of a run.
struct Judging: Sendable {
    let observer: CredentialObserver
    let request: PreflightRequest
    let needed: NeededTime
    let job: JobContext?
    let startedAt: Instant?
    let clock: any WallClock

    /// Takes in what the store remembers of a token.
    static func remember(
        _ candidate: inout Candidate, in state: inout State, startedAt: Instant?, job: JobContext?, strict: Bool
    ) throws(Failure) {
        let looked = candidate
        let memory = try state.attempt(strict: strict) { store throws(Failure) in
            try store.remembered(looked.fingerprint, api: looked.api?.origin.text)
        }
        candidate.remember(memory ?? nil, jobStart: startedAt, job: job)
    }

    /// Asks and judges.
    ///
    /// - Parameter isFresh: whether the forge is asked whatever is remembered.
    func judge(_ candidates: [Candidate], isFresh: Bool = false) async -> [JudgedCredential] {
        var request = request
        request.isFresh = request.isFresh || isFresh
        let facts = await observer.observe(candidates, for: request)
        let now = clock.now()
        return zip(candidates, facts).map { candidate, facts in
            let verdict = CredentialVerdict.judge(
                facts, needed: needed, now: now, requireKnown: request.requireKnown)
            return JudgedCredential(candidate: candidate, facts: facts, verdict: verdict)
        }
    }

    /// What is written of some credentials, beside the verdict of the job.
    func record(_ judged: [JudgedCredential], weakest: CredentialVerdict) -> RunRecord {
        PreflightRecord(
            verdicts: judged.map(\.verdict), facts: judged.map(\.facts), candidates: judged.map(\.candidate),
            weakest: weakest, job: job, startedAt: startedAt, now: clock.now()
        ).run
    }
}
