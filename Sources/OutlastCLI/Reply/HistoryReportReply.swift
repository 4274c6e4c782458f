// What was written where: the page's size, and how much of the history it has.

import OutlastModel

enum HistoryReportReply {
    static let empty: [JSONValue.Member] = members(nil, file: nil, bytes: nil)

    static func report(_ report: HistoryReport, file: String, bytes: Int, notes: [String]) -> Report {
        Report(
            notes: notes, json: { members(report, file: file, bytes: bytes) },
            text: { _ in
                let jobs = report.jobs.map(\.count).reduce(0, +)
                let parts = [
                    count(jobs, "job", "jobs"), count(report.lanes.count, "token", "tokens"),
                    count(report.failures.total, "failure", "failures"), "\(report.care.count) to look after",
                ]
                let size = bytes < 10_000 ? "\(bytes) bytes" : "\(bytes / 1000) kB"
                return "\(SafeText.line(file)): \(size); \(parts.joined(separator: ", "))\n"
            })
    }

    private static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    private static func members(_ report: HistoryReport?, file: String?, bytes: Int?) -> [JSONValue.Member] {
        let leftOut = HistoryReport.Part.allCases.flatMap { report?.remarks[$0] ?? [] }
        return [
            .init("file", JSONValue(file)), .init("bytes", JSONValue(bytes)), .init("since", JSONValue(report?.since)),
            .init("until", JSONValue(report?.madeAt)),
            .init("jobs", JSONValue(report.map { $0.jobs.map(\.count).reduce(0, +) })),
            .init("tokens", JSONValue(report?.lanes.count)), .init("failures", JSONValue(report?.failures.total)),
            .init("care", JSONValue(report?.care.count)), .init("left_out", .array(leftOut.map(JSONValue.string))),
        ]
    }
}
