// What history keeps of a job's fallback, so that a failure can be explained with it: when it became active, was taken
// back, or could not be proved. Outside of a job there is nothing to explain, and nothing is kept.

import OutlastModel

struct FallbackRecord: Sendable {
    /// How it went.
    enum Outcome: String, Sendable { case active, off, refused }

    private let world: World
    private let history: (any HistoryStore)?

    /// - Parameter history: the store that is open already; nil opens the run's own.
    init(_ world: World, _ history: (any HistoryStore)?) {
        self.world = world
        self.history = history
    }

    /// Keeps what became of these ways.
    ///
    /// - Returns: what kept it from being kept, to be told.
    func write(_ outcome: Outcome, of ways: [FallbackManifest.Way]) -> [String] {
        let texts = ways.map { way in
            let proved = way.proved.isEmpty ? "" : ", \(way.proved.text(joinedBy: " and ")) proved"
            return
                "\(way.name): \(way.patterns.text(joinedBy: ", ")) over ssh://\(way.user)@\(way.server.text)\(proved)"
        }
        return write(outcome, texts.text(joinedBy: "; "))
    }

    /// Keeps why there is none.
    func write(_ failure: Failure) -> [String] {
        // A command line that asks for nothing sensible says nothing about the job.
        guard failure.code != .usage, world.stopSignal() == nil else { return [] }
        return write(.refused, failure.message, code: failure.code)
    }

    private func write(_ outcome: Outcome, _ detail: String, code: ExitCode = .done) -> [String] {
        guard let identity = world.job?.identity else { return [] }
        let now = world.clock.now()
        let record = RunRecord(
            job: JobUpdate(identity: identity, seenAt: now),
            events: [
                Event(
                    at: now, event: KnownEvent.sshFallback, outcome: outcome.rawValue, detail: SafeText.line(detail),
                    code: code)
            ])
        do throws(Failure) {
            let store = if let history { history } else { try world.openStore(.readWrite).get() }
            try store.write(record)
            return []
        } catch { return ["the history was not written: \(error.message)"] }
    }
}
