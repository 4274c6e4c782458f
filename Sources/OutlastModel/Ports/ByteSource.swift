// Bytes from outside that may be more than memory holds: files and stdin, compressed or not, in pieces.

/// Where bytes come from.
public enum ByteOrigin: Hashable, Sendable {
    /// A file, by its path.
    case file(String)
    case standardInput

    /// What the command line calls it: `-` is stdin.
    public init(_ argument: String) { self = argument == "-" ? .standardInput : .file(argument) }

    /// Its name as a message shows it.
    public var shown: String {
        switch self {
        case .file(let path): SafeText.line(path, limit: 200)
        case .standardInput: "stdin"
        }
    }
}

/// Bytes in pieces. Used from one task.
public protocol ByteSource: AnyObject {
    /// How many bytes of the file, as it lies there, were read so far.
    var position: Int64 { get }
    /// How many bytes the file has; nil where nobody knows beforehand.
    var size: Int64? { get }
    /// The next piece, never an empty one; nil at the end.
    ///
    /// - Throws: `malformedInput` where compressed bytes are damaged or end early; all that came before was handed out.
    func next() throws(Failure) -> [UInt8]?
}

/// Opens sources.
public protocol ByteSources: Sendable {
    /// Begins to read. What is compressed by gzip is told by its first bytes, whatever its name, and handed out as it was
    /// before.
    ///
    /// - Throws: `usage` for what is not there or cannot be read.
    func open(_ origin: ByteOrigin) throws(Failure) -> any ByteSource
}

/// Shows how far a long piece of work has come; there is one only where a person watches.
public protocol ProgressDisplay: Sendable {
    /// Shows a share from 0 to 1, or nil where the end is not known, with a few words.
    func show(_ share: Double?, _ words: String)
    /// Takes away what was shown.
    func clear()
}
