// One mistake in the file, and the list of them: reading goes on after the first, so that the report can say how many
// more there are.
import OutlastModel

/// A mistake at a line.
struct Finding: Error {
    let line: Int
    let message: String
    let hint: String?

    init(line: Int, _ message: String, hint: String? = nil) {
        self.line = line
        self.message = message
        self.hint = hint
    }

    /// The failure that the user reads: the file, the line, what is wrong, and how many more mistakes there are.
    func failure(in path: String, others: Int = 0) -> Failure {
        let more =
            others == 0 ? "" : others == 1 ? "; 1 more mistake in this file" : "; \(others) more mistakes in this file"
        return .configuration("\(SafeText.line(path, limit: 200)):\(line): \(message)\(more)", hint: hint)
    }
}

/// The mistakes found so far. Used by one reader on one thread.
final class Findings {
    private(set) var all: [Finding] = []
    private var silentLines: Set<Int> = []

    /// Notes a mistake.
    func note(_ line: Int, _ message: String, hint: String? = nil) {
        guard !silentLines.contains(line) else { return }
        all.append(Finding(line: line, message, hint: hint))
    }

    /// Notes a mistake, and nothing else about its line.
    func noteAlone(_ line: Int, _ message: String, hint: String) {
        note(line, message, hint: hint)
        silentLines.insert(line)
    }

    /// The first mistake of the file as a failure; nil when there is none.
    func failure(in path: String) -> Failure? {
        guard let first = all.min(by: { $0.line < $1.line }) else { return nil }
        return first.failure(in: path, others: all.count - 1)
    }
}
