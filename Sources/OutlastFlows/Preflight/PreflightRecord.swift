// What a preflight leaves in the history: the job's decision, each token as it was seen, and one event for each.

import OutlastModel

/// Builds the one record of a preflight.
struct PreflightRecord: Sendable {
    let run: RunRecord

    init(
        verdicts: [CredentialVerdict], facts: [CredentialFacts], candidates: [Candidate], weakest: CredentialVerdict,
        job: JobContext?, startedAt: Instant?, now: Instant
    ) {
        let update = job?.identity.map {
            JobUpdate(
                identity: $0, startedAt: startedAt, decision: weakest.decision, timeout: job?.timeout,
                slot: job?.slot, seenAt: now)
        }
        var sightings: [TokenSighting] = []
        var events: [Event] = []
        for (verdict, (fact, candidate)) in zip(verdicts, zip(facts, candidates)) {
            sightings.append(
                TokenSighting(
                    fingerprint: verdict.fingerprint, credential: verdict.name, kind: verdict.kind.id,
                    forge: verdict.forge, api: candidate.api?.origin.text, tokenID: verdict.tokenID,
                    name: fact.answer?.name.map { SafeText.line($0) },
                    scopes: verdict.scopes.map { $0.map { SafeText.line($0) } }, lifetime: verdict.lifetime,
                    standing: fact.reading?.standing, clockSkew: fact.reading?.clockSkew))
            events.append(
                Event(
                    at: now, event: "preflight", outcome: verdict.decision.rawValue, fingerprint: verdict.fingerprint,
                    detail: SafeText.line("\(verdict.name): \(verdict.reason)"), code: verdict.code))
        }
        run = RunRecord(job: update, sightings: sightings, events: events)
    }
}
