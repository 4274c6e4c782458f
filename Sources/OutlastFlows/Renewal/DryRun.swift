// `--dry-run`: what would happen and why, by harmless questions alone.

import OutlastModel

struct DryRun: Sendable {
    private let setup: RenewalSetup

    init(_ setup: RenewalSetup) { self.setup = setup }

    /// - Parameter home: why a renewal would be refused for want of a home; nil when it would not.
    func result(
        _ found: FoundFamily, _ standing: RenewalResult, isDue: Bool, home: Failure?
    ) async throws(Failure) -> RenewalResult {
        var result = standing
        var notes = standing.notes
        let name = setup.request.name
        if let lost = found.lost {
            notes.append(
                "could not renew \(name): \(lost.detail ?? "its renewal was lost") (at \(lost.changedAt.text))")
        }
        let (now, grace) = (setup.world.clock.now(), setup.method.grace(setup.context))
        for entry in found.open where SettlementRule.step(for: entry, now: now, grace: grace) != .nothing {
            notes.append("would first settle the renewal of \(entry.intendedAt.text), which is \(entry.state.rawValue)")
        }
        let publisher = Publisher(setup)
        let waiting = publisher.waiting(found)
        for row in waiting.queued.compactMap(\.row) {
            notes.append("would publish to \(row.label), queued since \(row.queuedAt.text)")
        }
        publisher.tell(waiting.unnamed, &result.published, &notes)
        if found.lost != nil {
            notes.append("would renew nothing")
        } else if !isDue {
            notes.append("would renew nothing: enough is left")
            notes += waiting.new.map {
                "would publish to \(publisher.name(of: $0.publish)), which was never given the current token"
            }
        } else if let home {
            notes.append("could not renew \(name): \(home.message)")
            if let hint = home.hint { notes += "hint: \(hint)".split(separator: "\n").map(String.init) }
        } else {
            notes += await renewal(found)
        }
        result.notes = notes + holders(found)
        return result
    }

    private func renewal(_ found: FoundFamily) async -> [String] {
        let method = setup.method
        do throws(Failure) { try await method.check(found.bundle, setup.context) } catch {
            return ["could not renew \(setup.request.name): \(error.message)"]
        }
        var notes = [
            "would renew \(setup.request.name) by \(method.schema.name)"
                + (method.isDestructive && found.bundle?.partner == nil ? "; what is renewed dies at once" : "")
        ]
        if let warning = method.warning { notes.append(warning) }
        return notes + setup.request.publish.map { "would publish to \($0.configuration.target)" }
    }

    /// Jobs that have not finished and were seen with the current token: it is theirs that would die.
    private func holders(_ found: FoundFamily) -> [String] {
        guard let token = found.bundle?.access, let jobs = setup.runningJobs(setup.fingerprint(token)) else {
            return []
        }
        return jobs.map { "still running with the old token: \($0)" }
    }
}
