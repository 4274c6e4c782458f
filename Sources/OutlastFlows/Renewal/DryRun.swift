// `--dry-run`: what would happen and why, by harmless questions alone.

import OutlastModel

struct DryRun: Sendable {
    private let setup: RenewalSetup

    init(_ setup: RenewalSetup) { self.setup = setup }

    func result(_ found: FoundFamily, _ standing: Standing, isDue: Bool) async throws(Failure) -> RenewalResult {
        var notes: [String] = []
        for entry in found.open {
            notes.append("would first settle the renewal of \(entry.intendedAt.text), which is \(entry.state.rawValue)")
        }
        for row in found.queue { notes.append("would publish to \(row.label), queued since \(row.queuedAt.text)") }
        if isDue {
            do throws(Failure) {
                try await setup.method.check(found.bundle, setup.context)
                notes.append(
                    "would renew \(setup.request.name) by \(setup.method.schema.name)"
                        + (setup.method.isDestructive ? "; the old token would die at once" : ""))
                for request in setup.request.publish {
                    notes.append("would publish to \(request.configuration.target)")
                }
            } catch { notes.append("could not renew \(setup.request.name): \(error.message)") }
        } else {
            notes.append("would renew nothing: enough is left")
        }
        let presented = setup.presented.map { Fingerprint(of: $0, salt: setup.salt) }
        let current = found.bundle.map { Fingerprint(of: $0.access, salt: setup.salt) }
        return RenewalResult(
            verdict: .unchanged, credential: setup.request.name, fingerprint: current,
            previous: presented == current ? nil : presented, generation: found.generation, expiry: standing.expiry,
            remaining: standing.expiry.instant.map { standing.now.duration(to: $0) }, notes: notes)
    }
}
