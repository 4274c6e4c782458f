// How every token of a preflight is judged, the first one and what a remedy puts in its place.

import OutlastModel

/// A credential with all that was concluded about it.
struct JudgedCredential: Sendable {
    let request: CredentialRequest
    /// Its token with what was observed; nil for one that is only made when it is wanted.
    var seen: (candidate: Candidate, facts: CredentialFacts)?
    var verdict: CredentialVerdict
    /// Whether a token that is made for it is kept where the job finds it again.
    var isKept = true
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
        candidate.replacedAt =
            try state.attempt(strict: strict) { store throws(Failure) in try store.replaced(looked.fingerprint) } ?? nil
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
            return JudgedCredential(request: candidate.request, seen: (candidate, facts), verdict: verdict)
        }
    }

    /// Judges one that has no token.
    func judge(_ credential: CredentialRequest, _ sight: MintedToken.Sight) -> JudgedCredential {
        let verdict = CredentialVerdict.judge(
            sight.facts, needed: needed, now: clock.now(), requireKnown: request.requireKnown)
        return JudgedCredential(request: credential, verdict: verdict, isKept: sight.isKept)
    }

    /// What is written of some credentials, beside the verdict of the job.
    func record(_ judged: [JudgedCredential], weakest: CredentialVerdict) -> RunRecord {
        PreflightRecord(
            judged, weakest: weakest, job: job, startedAt: startedAt, now: clock.now()
        ).run
    }
}
