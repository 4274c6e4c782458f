// A dead token has perhaps a living successor where jobs read theirs: somebody else renewed it, or an operator put a new one
// there. It is taken over as a family of its own, by the right of the credential that could read it (design, section 8).

import OutlastModel

struct Adoption: Sendable {
    private let setup: RenewalSetup

    init(_ setup: RenewalSetup) { self.setup = setup }

    /// The living token in a publish target; nil when there is none, or when the failure is not that of a dead token.
    func find(because failure: Failure) async throws(Failure) -> (token: Secret, target: String)? {
        // A grant's successor can't be had from an access token alone.
        guard [.expired, .rejected, .renewalInDoubt].contains(failure.code), setup.plan.root == nil,
            !setup.request.isDryRun
        else { return nil }
        let family = try FamilyFinder(setup).find().ledger.family
        for (token, target) in await Publisher(setup).readAll() {
            if let presented = setup.presented, token.matches(presented) { continue }
            // An older token of the same family leads to where we are.
            if try setup.store.member(setup.digest(token), identity: setup.identity)?.family == family { continue }
            guard case .alive = await setup.method.probe(TokenBundle(access: token), setup.context) else { continue }
            return (token, target)
        }
        return nil
    }
}
