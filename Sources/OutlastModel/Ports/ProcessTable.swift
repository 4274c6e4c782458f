// Who called this process, told in a way that a later run can check: whether a file left for a caller is still wanted.

/// The processes above this one.
public struct ProcessAncestry: Hashable, Sendable {
    /// What tells this machine since its start, and its space of process numbers, apart from all others.
    public let place: String
    /// The process that started this one.
    public let parent: Int32
    /// The process that started that one.
    public let grandparent: Int32

    /// Describes them.
    public init(place: String, parent: Int32, grandparent: Int32) {
        self.place = place
        self.parent = parent
        self.grandparent = grandparent
    }
}

/// The machine's processes.
public protocol ProcessTable: Sendable {
    /// The processes above this one; nil where the system does not tell.
    func ancestry() -> ProcessAncestry?
    /// Whether a process of this number exists here.
    func isAlive(_ process: Int32) -> Bool
}
