// `history jobs|tokens|events|rotations`: rows of the public views.

public import OutlastModel

/// Lists.
public struct ListFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// The rows of a list, newest first, with what to tell about the store.
    ///
    /// - Throws: `state` when there is no store that can be read: a list needs one.
    public func run(_ list: HistoryList, _ filter: HistoryFilter) throws(Failure) -> (HistoryTable, [String]) {
        switch world.openStore(.readOnly) {
        case .failure(let failure): throw failure
        case .success(let store): return (try store.rows(of: list, filter: filter), store.warnings)
        }
    }
}
