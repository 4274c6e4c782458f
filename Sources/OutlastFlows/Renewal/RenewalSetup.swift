// Everything a renewal that is shared between jobs needs before its first step: the plan, the store, the key.

import OutlastModel

/// One credential's renewal, ready to begin.
struct RenewalSetup: Sendable {
    private(set) var plan: RenewalPlan
    let store: any RenewalStore
    let history: any HistoryStore
    private(set) var vault: Vault
    let salt: [UInt8]
    /// The token that the job was started with, where another was found in its place.
    private(set) var replaced: Secret?

    var request: RenewalRequest { plan.request }
    var method: any RenewalMethod { plan.method }
    var context: RenewalContext { plan.context }
    var presented: Secret? { plan.presented }
    var identity: FamilyIdentity { plan.identity }
    var world: World { plan.world }

    /// - Throws: `stateUnusable` (40) for stores without renewals, `cacheLocked` (41) without the right key, `configuration`
    ///   (78) for what is none.
    init(_ plan: RenewalPlan, history: any HistoryStore) async throws(Failure) {
        self.plan = plan
        guard let renewals = history.renewals else {
            throw .state("this state store cannot hold renewals", hint: "use the default store or sqlite:PATH")
        }
        store = renewals
        self.history = history
        salt = history.salt
        let key: OperatorKey?
        do throws(Failure) { key = try await OperatorKey.read(.current, in: plan.world) } catch { throw error.ofKey }
        vault = try Vault.open(renewals, key: key, cryptography: plan.world.cryptography)
    }

    /// The full digest by which a secret is found.
    func digest(_ secret: Secret) -> SHA256Digest { fingerprint(secret).digest }

    /// A secret's fingerprint in this store.
    func fingerprint(_ secret: Secret) -> Fingerprint { Fingerprint(of: secret, salt: salt) }

    /// Jobs that have not finished and were seen with a token, newest first: `project, job, run`; nil when that can't be told.
    func runningJobs(_ token: Fingerprint) -> [String]? {
        let filter = HistoryFilter(status: JobStatus.running.rawValue, token: token.text, limit: 20)
        guard let table = try? history.rows(of: .jobs, filter: filter) else { return nil }
        let wanted = ["project", "job", "run"].compactMap { table.columns.firstIndex(of: $0) }
        return table.rows.map { row in
            SafeText.line(wanted.compactMap { row[$0].text }.joined(separator: ", "))
        }
    }

    /// The same renewal with a state that can be sealed to: before the first durable step of a family.
    func sealing() throws(Failure) -> RenewalSetup {
        var copy = self
        copy.vault = try vault.kept(in: store)
        return copy
    }

    /// The same renewal with the managing credential's living token.
    func managed(by token: Secret) -> RenewalSetup {
        var copy = self
        copy.plan = plan.managed(by: token)
        return copy
    }

    /// The same renewal with a token that was found where jobs read theirs.
    func presenting(_ token: Secret) -> RenewalSetup {
        var copy = self
        copy.replaced = replaced ?? presented
        copy.plan = plan.presenting(token)
        return copy
    }
}
