// A forge that answers as a test says, after whatever the test waits for.

public import OutlastModel
internal import Synchronization

/// A forge with one kind of token, `scripted`, of the prefix `scr-`.
public final class ScriptedForge: Forge {
    /// Its kind.
    public static let kind = TokenKind(
        id: "scripted", forge: "scripted", prefixes: ["scr-"], expiry: .moment,
        renewal: TokenKind.Renewal(method: nil, reason: "it is only a test"), source: "section 0")

    /// `scripted`.
    public let id = "scripted"
    /// The one kind.
    public var kinds: [TokenKind] { [Self.kind] }
    /// An address that nothing is ever sent to.
    public let publicAPI: String? = "https://scripted.example.com"

    private let asked = Mutex<[String]>([])
    private let answer: @Sendable (TokenQuestion) async -> Result<TokenReading, Failure>

    /// Answers every question by a function.
    public init(_ answer: @escaping @Sendable (TokenQuestion) async -> Result<TokenReading, Failure>) {
        self.answer = answer
    }

    /// Says of every token that it lives until a moment.
    public convenience init(until end: Instant, at now: Instant, scopes: [String]? = nil) {
        self.init { _ in
            .success(TokenReading(standing: .alive, scopes: scopes, expiry: .at(end), readAt: now, clockSkew: .zero))
        }
    }

    /// How many questions came.
    public var questions: Int { asked.withLock { $0.count } }

    /// Each scope includes itself alone.
    public func missing(of needed: [String], in granted: [String]) -> [String] {
        needed.filter { !granted.contains($0) }
    }

    /// Answers.
    public func inspect(
        _ question: TokenQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> TokenReading {
        asked.withLock { $0.append(question.kind.id) }
        return try await answer(question).get()
    }
}

/// A CI that says what a test says.
public struct ScriptedPipeline: Pipeline {
    /// `scripted`.
    public let id = "scripted"
    private let job: JobContext

    /// Describes the job.
    public init(_ job: JobContext) { self.job = job }

    /// Always.
    public func isRunning(in variables: Variables) -> Bool { true }
    /// The job.
    public func context(from variables: Variables) -> JobContext { job }
    /// Nil.
    public func kind(ofVariable name: String?, value: Secret, in variables: Variables) -> String? { nil }
    /// The sentence, as a line of the log.
    public func announce(_ notice: PreflightNotice, in variables: Variables, delimiter: String) -> [Announcement] {
        [.log(notice.sentence)]
    }
}
