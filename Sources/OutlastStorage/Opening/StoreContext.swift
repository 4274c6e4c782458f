// What the opening of a store needs to know of the run: handed in, never read from the process.

public import OutlastModel

/// What a store is opened for.
public enum StoreAccess: Hashable, Sendable {
    /// Reads and writes; makes the store when there is none.
    case readWrite
    /// Reads only; a store in a folder that cannot be written is read as it lies there.
    case readOnly
}

/// The surroundings of a run, as far as a store's rules depend on them.
public struct StoreContext: Sendable {
    /// Our own clock, now: the moment of creation or migration.
    public var now: Instant
    /// The absolute working folder, which relative paths start from.
    public var directory: String
    /// The folder that the CI checked the repository out to; a store inside it counts as a copy.
    public var workspace: String?
    /// Whether the location is the default one and this is a CI job; such a store counts as a copy.
    public var isDefaultInJob: Bool
    /// Whether a store that is not there is a failure even for writing.
    public var mustExist: Bool
    /// Finds a token kind by its id; nil for ids that no forge knows.
    public var kinds: @Sendable (String) -> TokenKind?

    /// Describes the surroundings.
    public init(
        now: Instant, directory: String, workspace: String? = nil, isDefaultInJob: Bool = false,
        mustExist: Bool = false, kinds: @escaping @Sendable (String) -> TokenKind? = { _ in nil }
    ) {
        self.now = now
        self.directory = directory
        self.workspace = workspace
        self.isDefaultInJob = isDefaultInJob
        self.mustExist = mustExist
        self.kinds = kinds
    }
}

/// Why a store counts as a copy, so that nothing destructive may rest on its locks (design, section 8).
public enum CopyReason: Hashable, Sendable {
    /// Its file is not the one that the store was made in.
    case moved
    /// It lies in the folder that the CI checks out and caches.
    case insideWorkspace
    /// It is the default store of a CI job, which ends with the job or comes from a cache.
    case defaultInJob
}
