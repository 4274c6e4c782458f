// What the words of git and ssh say about why a command failed (contract, section 7).

/// Why a command failed, by its class.
public enum FailureClass: String, Hashable, CaseIterable, Sendable {
    case authExpired = "auth_expired"
    case authRevoked = "auth_revoked"
    /// A 401 that tells no cause.
    case authRejected = "auth_rejected"
    case authMissing = "auth_missing"
    case scope
    case forbidden
    case rateLimited = "rate_limited"
    case ipBanned = "ip_banned"
    case notFound = "not_found"
    case hostKey = "host_key"
    case publickey
    case tls
    case proxy
    case dns
    case network
    case server
    case size
    case nonFastForward = "non_fast_forward"
    case hookDeclined = "hook_declined"
    /// The machine that git ran on, or its configuration.
    case local
    case unknown

    /// Whether the credential is at fault as far as the class alone tells; nil where it may be.
    public var credentialAtFault: Bool? {
        switch self {
        case .authExpired, .authRevoked, .authRejected, .authMissing, .scope, .publickey: true
        case .forbidden, .notFound, .unknown: nil
        case .rateLimited, .ipBanned, .hostKey, .tls, .proxy, .dns, .network, .server, .size, .nonFastForward,
            .hookDeclined, .local:
            false
        }
    }

    /// Whether the class says that a credential was missing or not accepted.
    public var isAboutAuthentication: Bool {
        switch self {
        case .authExpired, .authRevoked, .authRejected, .authMissing: true
        default: false
        }
    }
}

/// How sure a diagnosis is.
public enum Confidence: String, Hashable, CaseIterable, Comparable, Sendable {
    case low, medium, high

    /// Low before medium before high.
    public static func < (left: Confidence, right: Confidence) -> Bool { left.rank < right.rank }

    /// One step less sure.
    public var lowered: Confidence { self == .high ? .medium : .low }

    private var rank: Int {
        switch self {
        case .low: 0
        case .medium: 1
        case .high: 2
        }
    }
}

/// What git was about to do, as far as its words tell.
public enum GitOperation: String, Hashable, CaseIterable, Sendable { case clone, fetch, push, lfs }

/// Why a command failed, as far as its words tell.
///
/// Anything that a build runs can write these words. A diagnosis is a reason to look closer, to wait or to tell someone;
/// nothing that cannot be undone (a rotation, a revocation) may be decided from it alone.
public struct Diagnosis: Hashable, Sendable {
    /// The class.
    public var `class`: FailureClass
    /// How sure.
    public var confidence: Confidence
    /// The line that decided, safe to show and to store; nil when none did.
    public var line: String?
    /// What a person should do: a sentence without a full stop.
    public var advice: String
    /// Whether the credential is at fault; nil when that cannot be told.
    public var credentialAtFault: Bool?
    /// What was being done, where the words tell.
    public var operation: GitOperation?
    /// The host of the URL in the deciding line, in lower case and without its port; nil when there is none.
    public var host: String?

    /// Makes a diagnosis; who is at fault follows from the class unless said otherwise.
    public init(
        class: FailureClass, confidence: Confidence, line: String?, advice: String, operation: GitOperation? = nil,
        host: String? = nil
    ) {
        self.class = `class`
        self.confidence = confidence
        self.line = line
        self.advice = advice
        self.operation = operation
        self.host = host
        let atFault = `class`.credentialAtFault
        credentialAtFault = atFault == true && confidence == .low ? nil : atFault
    }
}

/// Reads what a command wrote on stderr.
public protocol Diagnostician: Sendable {
    /// How many of the last bytes of stderr are looked at.
    var window: Int { get }
    /// The diagnosis of a text, of which only the last `window` bytes count. Any bytes are taken.
    func diagnose(_ stderr: [UInt8]) -> Diagnosis
}
