// What a preflight leaves in the history: the job's decision, each token as it was seen, and one event for each.

import OutlastModel

/// Builds the one record of a preflight.
struct PreflightRecord: Sendable {
    let run: RunRecord

    init(
        _ judged: [JudgedCredential], weakest: CredentialVerdict, job: JobContext?, startedAt: Instant?, now: Instant
    ) {
        let update = job?.identity.map {
            JobUpdate(
                identity: $0, startedAt: startedAt, decision: weakest.decision, timeout: job?.timeout,
                slot: job?.slot, seenAt: now)
        }
        var sightings: [TokenSighting] = []
        var events: [Event] = []
        for one in judged {
            let verdict = one.verdict
            if let seen = one.seen { sightings.append(Self.sighting(seen.candidate, seen.facts, verdict)) }
            events.append(
                Event(
                    at: now, event: "preflight", outcome: verdict.decision.rawValue, fingerprint: verdict.fingerprint,
                    detail: SafeText.line("\(verdict.name): \(verdict.reason)"), code: verdict.code))
        }
        run = RunRecord(job: update, sightings: sightings, events: events)
    }

    private static func sighting(
        _ candidate: Candidate, _ facts: CredentialFacts, _ verdict: CredentialVerdict
    ) -> TokenSighting {
        TokenSighting(
            fingerprint: candidate.fingerprint, credential: verdict.name, kind: verdict.kind.id,
            forge: verdict.forge, api: candidate.api?.origin.text, tokenID: verdict.tokenID,
            name: facts.answer?.name.map { SafeText.line($0) },
            scopes: verdict.scopes.map { $0.map { SafeText.line($0) } }, lifetime: verdict.lifetime,
            standing: facts.reading?.standing, clockSkew: facts.reading?.clockSkew)
    }
}
