// What was asked of `init`, and what came of it.

public import OutlastModel

/// A beginning.
public struct InitRequest: Sendable {
    /// The folder to begin in, or below whose repository's root.
    public var folder: String
    /// The CI's name; nil: find out.
    public var ci: String?
    /// The forge's name; nil: find out.
    public var forge: String?
    /// Whether files that are there already are overwritten.
    public var isForced: Bool
    /// Whether nothing is written.
    public var isDryRun: Bool

    /// Makes a request.
    public init(folder: String, ci: String? = nil, forge: String? = nil, isForced: Bool = false, isDryRun: Bool = false)
    {
        self.folder = folder
        self.ci = ci
        self.forge = forge
        self.isForced = isForced
        self.isDryRun = isDryRun
    }
}

/// A file and what became of it.
public struct BegunFile: Sendable {
    /// What became of a file.
    public enum Status: String, Sendable {
        /// It was written.
        case written
        /// It was there with the same text.
        case unchanged
        /// It would be written.
        case planned
    }

    /// The file.
    public let file: StarterFile
    /// What became of it.
    public let status: Status
}

/// What came of it.
public struct InitOutcome: Sendable {
    /// The CI's name.
    public let ci: String
    /// How it was found.
    public let ciReason: String
    /// What is known of the repository.
    public let facts: StarterFacts
    /// The repository's root.
    public let root: String
    /// The files, in order.
    public let files: [BegunFile]
    /// What is left to do.
    public let next: [String]
}
