// `history sql`: a statement in the asker's own words, on a connection that can only read.

public import OutlastModel

/// Asks.
public struct StatementFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// The rows of a statement, with what to tell.
    ///
    /// - Throws: `state` when there is no store that can be read, `usage` for anything but one statement that reads the
    ///   public views alone, or none of them, and for one that takes too long.
    public func run(
        _ statement: String, rowLimit: Int, timeLimit: Duration
    ) throws(Failure) -> (HistoryTable, isCut: Bool, [String]) {
        let store = try world.openStore(.readOnly).get()
        let clock = world.clock
        let end = clock.now().advanced(by: timeLimit)
        let answer = try store.answer(
            FreeQuestion(statement: statement, rowLimit: rowLimit) { clock.now() >= end })
        var warnings = store.warnings
        if answer.isCut { warnings.append("only the first \(rowLimit) rows are shown: --limit gives more") }
        return (answer.table, answer.isCut, warnings)
    }
}
