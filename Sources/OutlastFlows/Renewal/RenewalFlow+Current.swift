// The current token for somebody who needs one now: renewed first where that is due, and as it is where that fails.

public import OutlastModel

extension RenewalFlow {
    /// How long a target that did not take a token is left alone by those who only need the token.
    private static let queueRest = Duration.seconds(300)

    /// A supply of current tokens, each renewed as `request` says for its credential.
    public func supply(
        _ request: @escaping @Sendable (CredentialConfiguration) throws(Failure) -> RenewalRequest
    ) -> CurrentTokenSupply {
        { credential, wish, store throws(Failure) in
            var wanted = try request(credential)
            wanted.mayRenew = wish.mayRenew
            wanted.limit = wish.limit
            wanted.dead = wish.dead
            wanted.presentedEnd = wish.presentedEnd
            wanted.queueRest = Self.queueRest
            return try await current(wanted, history: store)
        }
    }

    /// The current token. Where nothing is due, or nothing may be renewed, the state alone is looked at.
    ///
    /// - Throws: what `run` throws, where no token is in hand that may still work.
    func current(_ request: RenewalRequest, history: any HistoryStore) async throws(Failure) -> SuppliedToken {
        let plan = try await plan(request, history)
        if plan.isUnshared { return try SuppliedToken(try await LoneMint(plan, history).run()) }
        let setup = try await RenewalSetup(plan, history: history)
        let family = FamilyRenewal(setup)
        let seen = try family.look()
        guard request.mayRenew, seen.hasWork else { return try SuppliedToken(seen.result) }
        do throws(Failure) {
            if let refusal = request.refusal { throw refusal }
            try Publisher(plan).requireKnown()
            return try SuppliedToken(try await run(setup))
        } catch {
            // Whoever was waited for may have got so far nevertheless.
            let now = (try? family.look())?.result ?? seen.result
            guard now.token != nil else { throw error }
            var supplied = try SuppliedToken(now)
            supplied.failure = error
            return supplied
        }
    }
}

extension SuppliedToken {
    fileprivate init(_ result: RenewalResult) throws(Failure) {
        guard let token = result.token else {
            throw Failure(
                .renewalFailed, "\(result.credential) has no token yet, and none may be made here",
                hint: "`outlast refresh --credential \(SafeText.line(result.credential))` makes the first one")
        }
        let waiting = result.published.filter(\.isMissing).map { publication in
            "\(result.credential): \(publication.target) has not taken the current token\(publication.error.map { ": \($0)" } ?? "")"
        }
        self.init(token: token, expiry: result.expiry, reading: result.reading, notes: result.notes + waiting)
    }
}
