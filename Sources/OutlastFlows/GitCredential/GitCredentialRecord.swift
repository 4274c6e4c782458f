// What a call of the helper leaves in the history: the token as it was met, that it was given, and what became of doubts.

import OutlastModel

struct GitCredentialRecord {
    /// The outcome of an event that says that git saw a token of ours refused.
    static let doubted = KnownEvent.doubted

    private let call: GitCall
    private let job: JobUpdate?
    private let now: Instant

    init(_ world: World, _ call: GitCall) {
        self.call = call
        let now = world.clock.now()
        self.now = now
        let context = world.job
        job = context?.identity.map {
            JobUpdate(
                identity: $0, startedAt: context?.startedAt, timeout: context?.timeout, slot: context?.slot, seenAt: now
            )
        }
    }

    private var place: String { call.address?.text ?? "exec" }

    /// An answer.
    func given(_ hand: TokenInHand.Result, _ answer: GitAnswer) -> RunRecord {
        var events: [Event] = []
        let fingerprint = hand.candidate?.fingerprint
        if let doubt = hand.settled, let failure = failure(doubt, hand) { events.append(failure) }
        var outcome = "given"
        if case .quit = answer { outcome = "refused" }
        if case .nothing = answer { outcome = "nothing" }
        events.append(
            Event(
                at: now, event: "credential", outcome: outcome, fingerprint: fingerprint,
                detail: SafeText.line("\(call.credential.name): \(place)")))
        return RunRecord(
            job: job, sightings: sighting(hand).map { [$0] } ?? [], events: events,
            settledDoubts: hand.settled.map { [$0.fingerprint] } ?? [],
            // git waits for the answer, often many times in a job.
            mayBeLost: outcome == "given" && hand.reading == nil && hand.settled == nil)
    }

    /// git saw a token of ours refused.
    func doubted(_ fingerprint: Fingerprint) -> RunRecord {
        RunRecord(
            job: job,
            events: [
                Event(
                    at: now, event: "credential", outcome: Self.doubted, fingerprint: fingerprint,
                    detail: SafeText.line("\(call.credential.name): \(place)"))
            ],
            doubts: [TokenDoubt(fingerprint: fingerprint, at: now, place: place)])
    }

    /// What a refusal was, now that its forge has been asked about the token; nil where another took the token's place.
    private func failure(_ doubt: TokenDoubt, _ hand: TokenInHand.Result) -> Event? {
        let kind: FailureClass
        let words: String
        if let died = hand.died {
            guard hand.isDead else { return nil }
            switch died.death(by: now) {
            case .expired?: kind = .authExpired
            case .revoked?: kind = .authRevoked
            case .rejected?, nil: kind = .authRejected
            }
            words = "refused there, and its forge does not accept the token any more"
        } else if let reading = hand.reading {
            if case .insufficientScope = reading.standing { kind = .scope } else { kind = .forbidden }
            words = "refused there, but its forge accepts the token: it may not do this there"
        } else {
            return nil
        }
        let line = SafeText.line("\(doubt.place): \(words)")
        return Event(
            at: now, event: "auth_failure", outcome: kind.rawValue, fingerprint: doubt.fingerprint, detail: line,
            diagnosis: Diagnosis(class: kind, confidence: .medium, line: line, advice: ""), source: .git)
    }

    private func sighting(_ hand: TokenInHand.Result) -> TokenSighting? {
        guard let candidate = hand.candidate else { return nil }
        let verdict = hand.verdict
        return TokenSighting(
            fingerprint: candidate.fingerprint, credential: call.credential.name,
            kind: verdict?.kind.id ?? candidate.kind.id,
            forge: verdict?.forge ?? candidate.forge?.id ?? candidate.kind.forge ?? "generic",
            api: candidate.api?.origin.text, tokenID: verdict?.tokenID,
            name: hand.reading?.name.map { SafeText.line($0) },
            scopes: verdict?.scopes.map { $0.map { SafeText.line($0) } }, lifetime: verdict?.lifetime ?? .unknown,
            standing: hand.reading?.standing, clockSkew: hand.reading?.clockSkew)
    }
}
