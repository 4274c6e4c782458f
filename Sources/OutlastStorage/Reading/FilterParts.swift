// The conditions of a filter as SQL with named arguments; texts from outside are arguments only.

internal import GRDB
internal import OutlastModel

/// What a filter asks for, in pieces that the statements put together.
struct FilterParts {
    private let filter: HistoryFilter

    init(_ filter: HistoryFilter) { self.filter = filter }

    var hasToken: Bool { filter.token != nil }
    var hasSeries: Bool { filter.project != nil || filter.job != nil }
    var hasStatus: Bool { filter.status != nil }

    /// What is asked of a series.
    func series(_ table: String) -> String {
        var conditions: [String] = []
        if filter.project != nil { conditions.append("\(table).project = :project") }
        if filter.job != nil { conditions.append("\(table).job = :job") }
        return conditions.isEmpty ? "1" : conditions.joined(separator: " AND ")
    }

    /// All conditions on a row, by the names of its columns; nil for one that is not asked here.
    func conditions(_ first: [String], time: String, status: String?, series: String?) -> String {
        var conditions = first
        // Always bounded: an index is then entered by a range even where nothing else is asked.
        conditions.append("\(time) >= :since AND \(time) < :until")
        if hasStatus, let status { conditions.append("\(status) = :status") }
        if hasSeries, let series {
            conditions.append("\(series) IN (SELECT id FROM series s WHERE \(self.series("s")))")
        }
        return conditions.joined(separator: " AND ")
    }

    /// The arguments that the pieces name.
    var arguments: StatementArguments {
        var arguments: [String: (any DatabaseValueConvertible)?] = [
            "since": filter.since?.milliseconds ?? .min, "until": filter.until?.milliseconds ?? .max,
            "limit": max(1, filter.limit),
        ]
        if let project = filter.project { arguments["project"] = project }
        if let job = filter.job { arguments["job"] = job }
        if let status = filter.status { arguments["status"] = status }
        if let token = filter.token {
            // `g` comes after every hex digit. What is no hex number is no beginning of a fingerprint.
            let digits = token.lowercased()
            let isHex = !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
            let beginning = isHex ? String(digits.prefix(16)) : "g"
            arguments["token"] = token
            arguments["from"] = beginning
            arguments["to"] = beginning + "g"
            arguments["from_digest"] = Self.digest(isHex ? beginning : "f", filledWith: isHex ? "0" : "f")
            arguments["to_digest"] = Self.digest(isHex ? beginning : "", filledWith: isHex ? "f" : "0")
        }
        return StatementArguments(arguments)
    }

    /// The first or last digest that begins with these hex digits.
    private static func digest(_ digits: String, filledWith digit: Character) -> DatabaseValue {
        let whole = Array(digits + String(repeating: digit, count: max(0, 64 - digits.count)))
        let bytes = stride(from: 0, to: 64, by: 2).map { place in
            UInt8(String(whole[place...place + 1]), radix: 16) ?? 0
        }
        return bytes.databaseBlob
    }
}
