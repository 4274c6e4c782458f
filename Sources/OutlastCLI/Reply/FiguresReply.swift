// How figures and the rows of a statement are shown.

import OutlastFlows
import OutlastModel

enum FiguresReply {
    static let emptyStats: [JSONValue.Member] = [
        .init("since", nil), .init("until", nil), .init("jobs", [:]), .init("decisions", [:]), .init("failures", [:]),
        .init("renewals", [:]), .init("tokens", [:]), .init("events", nil),
    ]
    static let emptyMetrics: [JSONValue.Member] = [.init("metrics", [])]
    static let emptyTable: [JSONValue.Member] = [
        .init("columns", []), .init("rows", []), .init("complete", nil),
    ]

    static func stats(_ counts: HistoryCounts, since: Instant, until: Instant, notes: [String]) -> Report {
        let groups = [
            ("jobs", counts.jobs), ("decisions", counts.decisions), ("failures", counts.failures),
            ("renewals", counts.renewals), ("tokens", counts.tokens),
        ]
        return Report(
            notes: notes,
            json: {
                [.init("since", JSONValue(since)), .init("until", JSONValue(until))]
                    + groups.map { name, words in
                        let members = words.map { JSONValue.Member($0.word, .integer(Int64($0.count))) }
                        return .init(name, .object(members))
                    } + [.init("events", .integer(Int64(counts.events)))]
            },
            text: { style in
                var lines = ["from \(since.text) to \(until.text)"]
                for (name, words) in groups {
                    let total = words.map(\.count).reduce(0, +)
                    let parts = words.map { "\(SafeText.line($0.word, limit: 60)) \($0.count)" }
                    lines.append("  \(name): \(total)" + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"))
                }
                lines.append("  events: \(counts.events)")
                return lines.map { $0 + "\n" }.joined()
            })
    }

    static func metrics(_ metrics: [Metric], isWritten: Bool, notes: [String]) -> Report {
        Report(
            notes: notes,
            json: {
                let figures = metrics.map { metric -> JSONValue in
                    let labels = metric.labels.map { JSONValue.Member($0.name, .string(SafeText.line($0.value))) }
                    return ["name": .string(metric.name), "labels": .object(labels), "value": .integer(metric.value)]
                }
                return [.init("metrics", .array(figures))]
            }, text: { _ in isWritten ? "" : MetricsFlow.text(metrics) })
    }

    static func table(_ table: HistoryTable, isCut: Bool, notes: [String]) -> Report {
        Report(
            notes: notes,
            json: {
                [
                    .init("columns", .array(table.columns.map { .string($0) })),
                    .init("rows", .array(table.rows.map { .array($0) })), .init("complete", .bool(!isCut)),
                ]
            },
            text: { _ in
                let rows = table.rows.map { row in row.map(cell) }
                return TextStyle.table([table.columns] + rows, longest: 100).map { $0 + "\n" }.joined()
            })
    }

    private static func cell(_ value: JSONValue) -> String {
        switch value {
        case .null: "-"
        case .string(let text): text
        default: value.encoded
        }
    }
}
