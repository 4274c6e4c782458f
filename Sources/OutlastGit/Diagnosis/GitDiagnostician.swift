// From bytes to a diagnosis: the last story whose own words decide, by the first rule that fits them.

public import OutlastModel

/// Reads what git, ssh, git-lfs and curl write on stderr.
public struct GitDiagnostician: Diagnostician {
    private let tokenPrefixes: @Sendable () -> [String]

    /// Masks tokens that begin so in the lines that it shows; asked for when something is to be diagnosed.
    public init(tokenPrefixes: @escaping @Sendable () -> [String]) { self.tokenPrefixes = tokenPrefixes }

    /// How many of the last bytes of stderr are looked at.
    public var window: Int { StderrText.window }

    /// The diagnosis of a text; `unknown` when nothing in it decides.
    public func diagnose(_ stderr: [UInt8]) -> Diagnosis {
        let mask = LineMask(tokenPrefixes: tokenPrefixes())
        let text = StderrText(stderr)
        let operation = GitOperation(of: text.lines)
        guard let finding = Finding(in: text) else {
            return Diagnosis(
                class: .unknown, confidence: .low, line: text.lines.last.map { mask.safe($0.bytes) },
                advice: Advice.of(.unknown), operation: operation)
        }
        return Diagnosis(
            class: finding.rule.class, confidence: finding.confidence, line: mask.safe(finding.line.bytes),
            advice: finding.rule.advice ?? Advice.of(finding.rule.class), operation: operation,
            host: finding.line.host ?? finding.end.host)
    }
}

/// What decided.
struct Finding {
    let rule: FailureRule
    let line: StderrLine
    /// The last line of the story, which may name the server where the deciding one does not.
    let end: StderrLine
    let confidence: Confidence

    /// Looks from the last story back to the first. An end that is known to say nothing is stepped over; one that is not
    /// known at all makes everything before it a guess.
    init?(in text: StderrText) {
        var doubt = 0
        var guess: Finding?
        var after = 0
        for story in text.stories.reversed() {
            guard let end = story.last else { continue }
            if let (rule, line, position) = Self.decide(story) {
                // Words of others behind a story mean that the command went on, or that its words were only quoted.
                let rest = story[(position + 1)...].filter { !$0.isAfterword }.count
                var confidence = rule.confidence
                if rest + after > 0, end.mark != .fatal || after > 0 { confidence = confidence.lowered }
                if doubt > 0 { confidence = .low }
                self.init(rule: rule, line: line, end: end, confidence: confidence)
                return
            }
            guess = guess ?? Self.guess(story)
            if !end.isGenericEnd { doubt += 1 }
            after += story.filter { !$0.isAfterword }.count
        }
        for rule in FailureRules.lastResort {
            guard let line = text.lines.last(where: { rule.fit($0) == .inPlace }) else { continue }
            self.init(rule: rule, line: line, end: line, confidence: rule.confidence)
            return
        }
        guard let guess else { return nil }
        self = guess
    }

    private init(rule: FailureRule, line: StderrLine, end: StderrLine, confidence: Confidence) {
        self.rule = rule
        self.line = line
        self.end = end
        self.confidence = confidence
    }

    /// What a story's own words decide: its last line where that says all, the server's words for a status, else the
    /// most specific of its lines.
    private static func decide(_ story: ArraySlice<StderrLine>) -> (FailureRule, StderrLine, Int)? {
        let last = story.indices.last { story[$0].mark == .fatal }
        if let last, let rule = rule(for: story[last], where: { $0.weight != .part }) {
            let own = (rule, story[last], last)
            guard rule.weight == .status else { return own }
            for candidate in FailureRules.server where candidate.mayExplain(rule.class) {
                if let index = story.indices.last(where: { candidate.fit(story[$0]) == .inPlace }) {
                    // Of two that say no more than 401, git's own line weighs more.
                    let isNoNews = candidate.class == rule.class && rule.class.isAboutAuthentication
                    return isNoNews ? own : (candidate, story[index], index)
                }
            }
            return own
        }
        for rule in FailureRules.all {
            if let index = story.indices.last(where: { rule.fit(story[$0]) == .inPlace }) {
                return (rule, story[index], index)
            }
        }
        return nil
    }

    /// A line that stands where its program would not have put it, such as one that another tool quotes.
    private static func guess(_ story: ArraySlice<StderrLine>) -> Finding? {
        for rule in FailureRules.all {
            if let line = story.last(where: { rule.fit($0) == .elsewhere }) {
                return Finding(rule: rule, line: line, end: line, confidence: .low)
            }
        }
        return nil
    }

    private static func rule(for line: StderrLine, where condition: (FailureRule) -> Bool) -> FailureRule? {
        FailureRules.all.first { condition($0) && $0.fit(line) == .inPlace }
    }
}

extension FailureRule {
    /// Whether a server's words may replace what its status says. A 401 is never a missing project: servers that hide
    /// projects say so to a token that they do not accept.
    func mayExplain(_ status: FailureClass) -> Bool {
        switch status {
        case .authRejected, .authMissing:
            self.class.isAboutAuthentication || [.ipBanned, .rateLimited, .forbidden, .scope].contains(self.class)
        default: true
        }
    }
}

extension StderrLine {
    /// The host of the first `http` or `https` URL, in lower case.
    var host: String? {
        for scheme in ["https://", "http://", "ssh://"] {
            guard let at = ByteSearch.find(Array(scheme.utf8), in: folded, from: 0) else { continue }
            let authority = folded[(at + scheme.utf8.count)...].prefix {
                $0 > 0x20 && !"/?#\"'<>\\".utf8.contains($0)
            }
            var host = authority.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false).last ?? authority
            if host.first != UInt8(ascii: "[") { host = host.prefix { $0 != UInt8(ascii: ":") } }
            let isHost = host.allSatisfy {
                ByteSearch.isLetter($0) || ByteSearch.isDigit($0) || "-._[]:".utf8.contains($0)
            }
            if !host.isEmpty, host.count <= 253, isHost { return String(decoding: host, as: UTF8.self) }
        }
        return nil
    }
}

extension GitOperation {
    /// What the lines say was being done: the last word counts.
    init?(of lines: [StderrLine]) {
        for line in lines.reversed() {
            for (word, operation) in Self.words where line.contains(word) {
                // A clone is a fetch that says so at its beginning.
                let isClone = operation == .fetch && lines.contains { $0.begins(with: "cloning into") }
                self = isClone ? .clone : operation
                return
            }
        }
        return nil
    }

    private static let words: [(String, GitOperation)] = [
        ("git-lfs", .lfs), ("batch response:", .lfs), ("failed to push some refs", .push), ("send-pack", .push),
        ("receive-pack", .push), ("upload code", .push), ("push code", .push), ("everything up-to-date", .push),
        ("[remote rejected]", .push), ("[rejected]", .push), ("cloning into", .clone), ("fetch-pack", .fetch),
        ("upload-pack", .fetch), ("download code", .fetch), ("expected flush after ref listing", .fetch),
    ]
}
