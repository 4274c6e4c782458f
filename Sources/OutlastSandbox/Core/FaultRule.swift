// Faults are rules: which requests, how often, and what goes wrong. "Before" means that nothing has happened on
// the server, "after" that all of it has: only the answer is lost or spoilt.

/// One rule of what goes wrong.
public struct FaultRule: Sendable {
    /// How `path` is compared with the request's path.
    public enum Match: String, Sendable, CaseIterable {
        /// The path begins with it.
        case prefix
        /// The path is it.
        case exact
        /// The path contains it.
        case contains
        /// It is a regular expression found somewhere in the path.
        case regex
    }

    /// Whether the request took effect.
    public enum Phase: String, Sendable, CaseIterable {
        /// The request had no effect.
        case before
        /// The request had its full effect.
        case after
    }

    /// The method to match; `nil` for all.
    public var method: String?
    /// The path to match, without the query.
    public var path: String
    /// How `path` is compared.
    public var match: Match
    /// How many matching requests are let through untouched first.
    public var skip: Int
    /// For how many requests the fault holds; `nil` for ever.
    public var times: Int?
    /// What goes wrong.
    public var kind: FaultKind

    /// A rule for requests whose path begins with `path`, once by default.
    public init(
        _ kind: FaultKind, method: String? = nil, path: String, match: Match = .prefix, skip: Int = 0, times: Int? = 1
    ) {
        self.method = method
        self.path = path
        self.match = match
        self.skip = skip
        self.times = times
        self.kind = kind
    }

    /// Whether this request is meant.
    func matches(method: String, path: String) -> Bool {
        if let wanted = self.method, wanted.uppercased() != method { return false }
        switch match {
        case .prefix: return path.hasPrefix(self.path)
        case .exact: return path == self.path
        case .contains: return path.contains(self.path)
        case .regex: return (try? Regex(self.path).firstMatch(in: path)) != nil
        }
    }
}

/// What goes wrong with a request.
public enum FaultKind: Sendable, Equatable {
    /// The answer comes late; the wait is before or after the effect. Milliseconds.
    case delay(milliseconds: Int, FaultRule.Phase)
    /// The connection is closed without an answer.
    case drop(FaultRule.Phase)
    /// Another status, with the plain page that such an answer usually has.
    case status(Int, FaultRule.Phase, retryAfter: String?)
    /// The true answer, cut after so many bytes of its body although `Content-Length` promised all.
    case truncate(bytes: Int)
    /// A page of HTML with status 200 (a captive portal, a sign-in page) in place of the answer.
    case html(FaultRule.Phase)
    /// The true status with no body.
    case empty(FaultRule.Phase)
    /// A text of the tester's choice with status 200.
    case body(String, contentType: String, FaultRule.Phase)
    /// The answer that a fact of the book describes, with its placeholders filled.
    case fact(String, [String: SandboxJSON], FaultRule.Phase)
    /// A body of so many bytes of spaces before the true answer.
    case oversize(bytes: Int)
    /// The true answer, one byte at a time with a pause after each. Milliseconds.
    case drip(milliseconds: Int)
    /// 302 (or another status) to this location, without effect.
    case redirect(String, status: Int)
    /// The request counts as having passed its check before a rival's commit: two rotations both succeed.
    case overlap

    /// Whether the request is to have its effect.
    var commits: Bool {
        switch self {
        case .delay, .truncate, .oversize, .drip, .overlap: true
        case .drop(let phase), .status(_, let phase, _), .html(let phase), .empty(let phase), .body(_, _, let phase),
            .fact(_, _, let phase):
            phase == .after
        case .redirect: false
        }
    }
}
