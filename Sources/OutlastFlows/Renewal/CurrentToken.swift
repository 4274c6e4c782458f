// The living token of another credential: a managing one, or one that may write to a publish target. The job may have been
// started with a value that has been renewed since; the state then knows the current one.

import OutlastModel

struct CurrentToken: Sendable {
    private let world: World
    private let history: any HistoryStore

    init(_ world: World, _ history: any HistoryStore) {
        self.world = world
        self.history = history
    }

    /// What the credential's token is now. Nothing is renewed and no forge is asked.
    ///
    /// - Throws: what reading the token throws, and `cacheLocked` (41) for rows that were tampered with.
    func find(_ credential: CredentialRequest) async throws(Failure) -> Secret {
        let given = try await TokenReader(world).read(credential)
        if let current = try await bundle(credential) { return current.access }
        return given
    }

    /// All secrets of the credential's current generation; nil where the state has none.
    ///
    /// - Throws: as `find`.
    func bundle(_ credential: CredentialRequest) async throws(Failure) -> TokenBundle? {
        let request = RenewalRequest(
            name: credential.name, forge: credential.forge, apiURL: credential.apiURL, source: credential.source,
            origin: credential.origin, renew: credential.renew)
        let plan: RenewalPlan
        do throws(Failure) { plan = try await RenewalPlan(world, request) } catch {
            // It is not renewed at all.
            if error.code == .renewalFailed { return nil }
            throw error
        }
        guard !plan.isUnshared, plan.anchor != nil else { return nil }
        let found = try FamilyFinder(try await RenewalSetup(plan, history: history)).find()
        guard found.row != nil, found.lost == nil, let bundle = found.bundle else { return nil }
        return bundle
    }
}
