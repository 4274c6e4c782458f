// What a forge writes down itself about tokens that it refused.

/// A refusal that a line of a forge's log tells.
public struct LoggedFailure: Hashable, Sendable {
    /// What makes the line the same one in every copy of the log: 16 bytes of its digest.
    public var key: [UInt8]
    /// When it happened.
    public var at: Instant
    /// Why.
    public var `class`: FailureClass
    /// How sure the log is.
    public var confidence: Confidence
    /// What it says, as one safe line.
    public var line: String
    /// The forge's name.
    public var forge: String
    /// The host that was asked, in lower case and without a port; nil when the line does not tell.
    public var host: String?
    /// The forge's id of the token; nil when it is not told.
    public var tokenID: String?
    /// The kinds that a token of that id can be of.
    public var kinds: [String]

    /// Makes a failure.
    public init(
        key: [UInt8], at: Instant, class: FailureClass, confidence: Confidence, line: String, forge: String,
        host: String?, tokenID: String?, kinds: [String]
    ) {
        self.key = key
        self.at = at
        self.class = `class`
        self.confidence = confidence
        self.line = line
        self.forge = forge
        self.host = host
        self.tokenID = tokenID
        self.kinds = kinds
    }

    /// The key of a line: the first half of its SHA-256.
    public static func key(of line: [UInt8]) -> [UInt8] { Array(SHA256Digest(hashing: line).bytes.prefix(16)) }
}

/// What a line of a log comes to.
public enum LogReading: Hashable, Sendable {
    case failure(LoggedFailure)
    /// An object, but of something else.
    case other
    /// No object, or one that lacks what every line has.
    case malformed
}

/// A log of one JSON object per line. Implementations live beside their forge and are pure.
public protocol ForgeLog: Sendable {
    /// Its name on the command line, and the source of what comes from it.
    var id: String { get }
    /// A text that every line has that tells of a failure.
    var marker: String { get }
    /// What to say to somebody who named something else.
    var hint: String { get }
    /// What a line that holds the marker tells.
    func read(_ line: [UInt8]) -> LogReading
}
