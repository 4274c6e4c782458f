// What a renewal leaves in the history: the token with its family and generation, and one event.

import OutlastModel

enum RenewalHistory {
    /// A new generation is in hand.
    static func renewed(_ setup: RenewalSetup, _ bundle: TokenBundle, _ row: FamilyRow, at now: Instant) -> RunRecord {
        let detail = "\(setup.request.name): \(setup.method.schema.name), generation \(row.generation)"
        return record(setup.plan, bundle, setup.fingerprint(bundle.access), row, "renew", "renewed", detail, at: now)
    }

    /// A family begins. Where an earlier one has the same credential's name, the event names it: an operator has put in a
    /// token by hand, and the old one's members never lead to the new one.
    static func beginning(
        _ setup: RenewalSetup, _ row: FamilyRow, hasToken: Bool, at now: Instant
    ) throws(Failure) -> RunRecord {
        let name = setup.request.name
        var earlier: FamilyRow?
        for family in try setup.store.families(credential: name, superseded: false) where family != row.id {
            let found = try setup.store.family(family)
            if let found, found.identity == setup.identity, earlier.map({ $0.createdAt < found.createdAt }) ?? true {
                earlier = found
            }
        }
        let detail =
            earlier.map { "\(name): a new family, after family \($0.id.text) with token \($0.fingerprint.text)" }
            ?? "\(name): a new family"
        guard hasToken, let token = setup.presented else {
            return RunRecord(
                job: job(setup.plan, at: now),
                events: [
                    Event(at: now, event: "begin", outcome: "begun", fingerprint: nil, detail: SafeText.line(detail))
                ])
        }
        let bundle = TokenBundle(access: token, expiry: row.expiry, tokenID: row.tokenID)
        return record(setup.plan, bundle, setup.fingerprint(token), row, "begin", "begun", detail, at: now)
    }

    /// A token that is kept nowhere was minted.
    static func minted(_ plan: RenewalPlan, _ bundle: TokenBundle, _ fingerprint: Fingerprint, at now: Instant)
        -> RunRecord
    {
        let detail = "\(plan.request.name): \(plan.method.schema.name), for this job alone"
        return record(plan, bundle, fingerprint, nil, "renew", "renewed", detail, at: now)
    }

    private static func record(
        _ plan: RenewalPlan, _ bundle: TokenBundle, _ fingerprint: Fingerprint, _ row: FamilyRow?, _ event: String,
        _ outcome: String, _ detail: String, at now: Instant
    ) -> RunRecord {
        let kind = TokenIdentification(
            token: bundle.access, chosenForge: plan.forge, kindFromCI: nil, forgeOfCI: nil, forges: plan.world.forges
        ).kind
        let sighting = TokenSighting(
            fingerprint: fingerprint, credential: plan.request.name, kind: kind.id, forge: plan.forge,
            api: plan.context.api?.origin.text, tokenID: bundle.tokenID, name: bundle.name, scopes: bundle.scopes,
            lifetime: Lifetime(expiry: bundle.expiry, source: .forge, checkedAt: now), standing: nil, clockSkew: nil,
            family: row?.id.text, generation: row?.generation)
        let told = Event(
            at: now, event: event, outcome: outcome, fingerprint: fingerprint, detail: SafeText.line(detail))
        return RunRecord(job: job(plan, at: now), sightings: [sighting], events: [told])
    }

    private static func job(_ plan: RenewalPlan, at now: Instant) -> JobUpdate? {
        plan.world.job?.identity.map { JobUpdate(identity: $0, seenAt: now) }
    }
}
