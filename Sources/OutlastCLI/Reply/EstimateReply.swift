// How an estimate is shown: contract keys, or a sentence with the last runs as bars against the bound.

import OutlastFlows
import OutlastModel

struct EstimateReply: Sendable {
    private let outcome: EstimateOutcome

    init(_ outcome: EstimateOutcome) { self.outcome = outcome }

    static let empty: [JSONValue.Member] = [
        .init("estimate_s", nil), .init("quantile", nil), .init("samples", nil), .init("source", nil),
        .init("unsettled", nil), .init("reason", nil),
    ]

    var report: Report {
        let copy = self
        return Report(notes: outcome.warnings, json: { copy.json }, text: { copy.text($0) })
    }

    private var json: [JSONValue.Member] {
        [
            .init("estimate_s", JSONValue(seconds: outcome.estimate)), .init("quantile", .number(outcome.quantile)),
            .init("samples", JSONValue(outcome.samples)), .init("source", .string(outcome.source)),
            .init("unsettled", .bool(outcome.isUnsettled)), .init("reason", .string(outcome.reason)),
        ]
    }

    /// The most runs that are drawn, and the width of their bars.
    private static let (rows, width) = (15, 40)

    private func text(_ style: TextStyle) -> String {
        let name = SafeText.line("\(outcome.project) / \(outcome.job)", limit: 120)
        var lines = ["\(name): up to \(style.tone(outcome.estimate.readable, outcome.isUnsettled ? .doubtful : .good))"]
        lines.append("  \(outcome.source): \(outcome.reason)")
        let shown = outcome.attempts.prefix(Self.rows)
        if !shown.isEmpty {
            let longest = max(outcome.estimate, shown.map(\.duration).max() ?? .zero)
            lines += shown.reversed().map { "  " + bar($0, longest) }
            lines.append("  " + String(repeating: " ", count: 18) + scale(longest))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A run: its start, its length in `=` (`x` where it did not succeed), the bound as `|`.
    private func bar(_ run: PastAttempt, _ longest: Duration) -> String {
        let length = column(run.duration, longest)
        let edge = column(outcome.estimate, longest)
        let mark: Character = run.status == .success ? "=" : "x"
        let cells = (0...Self.width).map { cell -> Character in
            if cell < length { return mark }
            return cell == edge ? "|" : " "
        }
        let status = run.status == .success ? "" : " \(run.status.rawValue)"
        let start = run.startedAt.text.prefix(16).replacing("T", with: " ")
        return "\(start)  \(String(cells)) \(run.duration.readable)\(status)"
    }

    private func scale(_ longest: Duration) -> String {
        let edge = column(outcome.estimate, longest)
        return String(repeating: " ", count: edge) + "| \(outcome.estimate.readable)"
    }

    private func column(_ duration: Duration, _ longest: Duration) -> Int {
        let share = duration.inSeconds / Swift.max(longest.inSeconds, 0.001)
        return Swift.min(Self.width, Swift.max(0, Int((share * Double(Self.width)).rounded())))
    }
}
