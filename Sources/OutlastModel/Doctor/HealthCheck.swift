// One line of `doctor`: what was looked at, how it is, and what to do about it (contract, section 10).

/// A check with its outcome.
public struct HealthCheck: Hashable, Sendable {
    /// How it is.
    public enum Status: String, CaseIterable, Sendable {
        case pass
        /// Works, but not as somebody may expect.
        case warn
        /// Something will not work.
        case fail
    }

    /// What was looked at: a word of a fixed list, followed by the thing's own name where there are several.
    public let name: String
    /// How it is.
    public let status: Status
    /// What was found, in one safe line.
    public let detail: String
    /// What to do; nil where nothing is to be done.
    public let remedy: String?

    /// Makes a check; texts pass the gate for text from elsewhere.
    public init(_ name: String, _ status: Status, _ detail: String, remedy: String? = nil) {
        self.name = SafeText.line(name)
        self.status = status
        self.detail = SafeText.line(detail)
        self.remedy = remedy.map { SafeText.line($0) }
    }

    /// A failure as a check.
    public init(_ name: String, _ failure: Failure, _ status: Status = .fail, remedy: String? = nil) {
        self.init(name, status, failure.message, remedy: failure.hint ?? remedy)
    }
}

extension Sequence<HealthCheck> {
    /// Whether anything will not work.
    public var hasFailure: Bool { contains { $0.status == .fail } }
}
