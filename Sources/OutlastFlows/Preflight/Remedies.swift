// The remedy of a preflight: what does not outlast the job is renewed, or a newer token of its family found, and judged
// again.

import OutlastModel

/// What a remedy is for, and what becomes of the verdict when it fails.
enum RemedyRule {
    /// Whether a renewal could help: no scope is ever added by one.
    static func isWanted(after verdict: ExitCode) -> Bool { [.willExpire, .expired, .rejected].contains(verdict) }

    /// Whether one that has no token is made one: whatever was concluded about it, only that proves it.
    static func isMinted(after verdict: ExitCode) -> Bool { verdict != .rejected && verdict != .insufficientScope }

    /// Whether a renewal that failed is what the program ends with. A token that is lost is worse news than any verdict: the
    /// next run cannot find that out again. A state or key that cannot be used is a failure where the operator says so.
    /// Anything else has changed nothing, and the verdict says more than it.
    static func replacesVerdict(_ renewal: ExitCode, strict: Bool) -> Bool {
        switch renewal {
        case .renewalInDoubt: true
        case .stateUnusable, .cacheLocked: strict
        default: false
        }
    }

    /// Whether a newer token counts. One that was renewed just now has been proved; one that somebody else renewed has to
    /// be accepted now, where its forge can be asked.
    static func isProved(wasRenewedNow: Bool, questionFailed: Bool) -> Bool { wasRenewedNow || !questionFailed }
}

/// Carries remedies out, one after the other.
struct Remedies: Sendable {
    private let world: World
    private let judging: Judging
    /// What the program ends with instead of the verdict's code.
    private(set) var failure: Failure?
    /// Why the state or its key could not be used.
    private(set) var unusable: Failure?
    /// The credentials that have another token now.
    private(set) var treated: [JudgedCredential] = []
    /// Whether a credential suffices now that did not.
    private(set) var isCarriedOut = false

    /// - Parameter world: the ports as they are; what is renewed counts its failed authentications itself.
    init(_ world: World, _ judging: Judging) {
        self.world = world
        self.judging = judging
    }

    /// Treats what does not suffice, in place.
    ///
    /// - Throws: with `isStrict` for a store that breaks.
    mutating func run(_ judged: inout [JudgedCredential], _ state: inout State) async throws(Failure) {
        for (index, renewal) in zip(judged.indices, judging.request.renewals) {
            guard let renewal, isWanted(for: judged[index]) else { continue }
            guard world.stopSignal() == nil else { return }
            try await treat(&judged[index], by: renewal, &state)
        }
    }

    private func isWanted(for patient: JudgedCredential) -> Bool {
        let code = patient.verdict.code
        return patient.seen == nil
            ? patient.isKept && RemedyRule.isMinted(after: code) : RemedyRule.isWanted(after: code)
    }

    private mutating func treat(
        _ patient: inout JudgedCredential, by renewal: RenewalRequest, _ state: inout State
    ) async throws(Failure) {
        guard let store = state.store else {
            patient.verdict.warnings.append("not renewed: there is no state store")
            return
        }
        let result: RenewalResult
        do throws(Failure) {
            result = try await RenewalFlow(world(of: patient)).run(request(renewal, for: patient), history: store)
        } catch {
            note(error)
            patient.verdict.warnings += ["not renewed: \(error.message)"] + (error.hint.map { ["hint: \($0)"] } ?? [])
            if patient.seen == nil { patient.verdict.notMade(because: error) }
            return
        }
        if result.code == .stateUnusable { note(.state(result.notes.last ?? result.code.meaning)) }
        guard let token = result.token,
            Fingerprint(of: token, salt: store.salt) != patient.verdict.fingerprint
        else {
            patient.verdict.warnings += [unchanged(renewal)] + result.notes.map { SafeText.line($0) }
            return
        }
        try await judgeAgain(&patient, token, result, salt: store.salt, &state)
    }

    /// The world in which the token that was judged is the one that is renewed: stdin can be read once.
    private func world(of patient: JudgedCredential) -> World {
        guard case .stdin? = patient.request.source, let seen = patient.seen else { return world }
        var copy = world
        let token = seen.candidate.token
        copy.readInput = { () throws(Failure) in token.withBytes { Array($0) } }
        return copy
    }

    private func request(_ renewal: RenewalRequest, for patient: JudgedCredential) -> RenewalRequest {
        var request = renewal
        // The verdict is by the forge's clock, the state's moments are by ours.
        request.limit = judging.needed.needed + max(.zero, patient.verdict.clockSkew ?? .zero)
        let isDead = [.expired, .rejected].contains(patient.verdict.code)
        request.dead = isDead ? patient.verdict.fingerprint : nil
        // What is dead is worth replacing in any case, a living token only by one that lasts.
        request.leastLife = isDead ? nil : request.limit
        request.hasToBeKept = true
        return request
    }

    private func unchanged(_ renewal: RenewalRequest) -> String {
        renewal.mayRenew
            ? "not renewed: by what the state knows, nothing would be gained"
            : "not renewed: the state has no newer token, and this run may not make one"
    }

    private mutating func note(_ failure: Failure) {
        if failure.isStateUnavailable { unusable = unusable ?? failure }
        let isStrict = judging.request.isStrict
        let isKeyWanted = failure.isAboutKey && isStrict
        guard isKeyWanted || RemedyRule.replacesVerdict(failure.code, strict: isStrict) else { return }
        if self.failure == nil || failure.code == .renewalInDoubt { self.failure = failure }
    }

    private mutating func judgeAgain(
        _ patient: inout JudgedCredential, _ token: Secret, _ result: RenewalResult, salt: [UInt8], _ state: inout State
    ) async throws(Failure) {
        var candidate = judging.observer.candidate(
            for: patient.request.withoutGivenEnd, holding: token, salt: salt)
        try Judging.remember(
            &candidate, in: &state, startedAt: judging.startedAt, job: judging.job, strict: judging.request.isStrict)
        candidate.learn(result.expiry, at: world.clock.now())
        guard var judged = await judging.judge([candidate], isFresh: true).first else { return }
        let isProved = RemedyRule.isProved(
            wasRenewedNow: result.verdict == .renewed, questionFailed: judged.seen?.facts.failure != nil)
        guard isProved || judged.verdict.code != .done else {
            patient.verdict.warnings.append(
                "the state has a newer token, which could not be proved: \(judged.seen?.facts.failure?.message ?? "")")
            return
        }
        let what = result.verdict == .renewed ? "renewed for this job" : "renewed before"
        let generation = result.generation.map { ", generation \($0)" } ?? ""
        let start = patient.seen == nil ? "without a token" : "with an older token"
        judged.verdict.warnings.append(
            "\(what)\(generation): the job was started \(start); `outlast refresh --export` hands on this one")
        judged.verdict.warnings += result.notes.map { SafeText.line($0) }
        for publication in result.published where publication.isMissing {
            let error = publication.error.map { ": \($0)" } ?? ""
            judged.verdict.warnings.append(SafeText.line("\(publication.target) is still waiting for it\(error)"))
        }
        if judged.verdict.code == .done { isCarriedOut = true }
        patient = judged
        treated.append(judged)
    }
}

extension CredentialVerdict {
    /// What is concluded when no token could be made, where one was expected.
    fileprivate mutating func notMade(because failure: Failure) {
        guard code == .done, ![.stateUnusable, .cacheLocked, .configuration].contains(failure.code) else { return }
        let isPassing = [.unreachable, .slowDown, .leaseHeld].contains(failure.code)
        (decision, code) = isPassing ? (.unknown, failure.code) : (.rejected, .rejected)
        (reason, nextStep) = ("no token could be made: \(failure.message)", failure.hint)
    }
}

extension CredentialRequest {
    /// The same for another token: an end that was given is that of the first.
    fileprivate var withoutGivenEnd: CredentialRequest {
        var copy = self
        (copy.flagExpiry, copy.configExpiry) = (nil, nil)
        return copy
    }
}
