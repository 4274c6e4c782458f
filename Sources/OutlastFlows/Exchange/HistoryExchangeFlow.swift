// `history pack|merge|export|prune`: the history as a whole, taken elsewhere, brought together, written out, cut short.

public import OutlastModel

/// Moves history.
public struct HistoryExchangeFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Writes the history alone into a file, with what to tell about the store.
    ///
    /// - Throws: `usage` where something else lies in that place, `state` without a store.
    public func pack(to path: String) throws(Failure) -> (HistoryCount, [String]) {
        let store = try open(.readOnly)
        return (try store.pack(to: path, now: world.clock.now()), store.warnings)
    }

    /// Takes in the history of other stores, one after another.
    ///
    /// - Throws: `usage` for what is not there, `malformedInput` for what is no store (those before it are taken in),
    ///   `state` without a store of our own.
    public func merge(_ paths: [String]) throws(Failure) -> (MergeCount, [String]) {
        // A name that is mistyped must not make a store.
        for path in paths {
            let status: FileStatus?
            do throws(Failure) { status = try world.files.statusFollowingLinks(of: path) } catch {
                throw .usage(error.message, hint: error.hint)
            }
            if status == nil { throw .usage("there is no file \(SafeText.line(path))", hint: "check the path") }
        }
        let store = try open(.readWrite)
        var count = MergeCount()
        for path in paths { count += try store.merge(path, now: world.clock.now()) }
        return (count, store.warnings)
    }

    /// Removes what was over before a span of time.
    ///
    /// - Throws: `usage` for a span that reaches back before time was counted, `state` without a store.
    public func prune(olderThan span: Duration) throws(Failure) -> (HistoryCount, [String]) {
        let now = world.clock.now()
        let store = try open(.existing)
        return (try store.prune(before: now.advanced(by: .zero - span), now: now), store.warnings)
    }

    /// Writes all of it to stdout, an object on each line, until nobody reads any more.
    ///
    /// - Throws: `state` without a store.
    public func export() throws(Failure) -> [String] {
        guard let stream = world.stream else { throw Failure(.unexpected, "there is no stdout to write to") }
        let store = try open(.readOnly)
        var lines: [UInt8] = []
        var isRead = true
        try store.export { list, members throws(Failure) in
            lines += JSONValue.object([.init("list", .string(list))] + members).encoded.utf8
            lines.append(UInt8(ascii: "\n"))
            if lines.count >= Self.piece {
                isRead = try stream(lines)
                lines.removeAll(keepingCapacity: true)
            }
            return isRead
        }
        if isRead, !lines.isEmpty { _ = try stream(lines) }
        return store.warnings
    }

    /// Bytes that are written at once.
    private static let piece = 1 << 16

    private func open(_ access: World.Access) throws(Failure) -> any HistoryStore {
        switch world.openStore(access) {
        case .failure(let failure): throw failure
        case .success(let store): return store
        }
    }
}
