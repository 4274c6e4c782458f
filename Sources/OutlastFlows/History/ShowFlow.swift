// `history show`: all that history keeps of one job.

public import OutlastModel

/// Shows.
public struct ShowFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// What is known around a job, with what to tell about the store.
    ///
    /// - Throws: `state` when there is no store that can be read, `usage` for a job that it does not know.
    public func run(_ id: String) throws(Failure) -> (JobCase, [String]) {
        let store = try world.openStore(.readOnly).get()
        guard let job = try store.job(.id(id)) else { throw JobReader.unknown }
        return (try JobReader(world, store).read(job), store.warnings)
    }
}
