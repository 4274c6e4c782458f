// Figures as table rows and as JSON.

import OutlastModel

enum Table {
    static func row(_ name: String, _ figures: Figures, jump: Double?) -> String {
        let cells = Band.allCases.map { band -> String in
            guard let found = figures.bands[band] else { return "-" }
            return [
                number(found.coverage, 3), number(found.sumRatio, 3), number(found.meanRatio, 2),
                number(found.pinball, 4),
            ]
            .joined(separator: " ")
        }
        let under = number(figures.seriesUnder090 * 100, 1) + " %"
        return "| \(name) | \(cells.joined(separator: " | ")) | \(under) | \(number(jump, 2)) |"
    }

    static func json(_ figures: Figures, jump: Double?, quantile: Double) -> String {
        let bands = Band.allCases.map { band -> JSONValue.Member in
            let found = figures.bands[band]
            return .init(
                band.rawValue,
                [
                    "coverage": value(found?.coverage), "mean_ratio": value(found?.meanRatio),
                    "sum_ratio": value(found?.sumRatio), "pinball": value(found?.pinball),
                    "targets": JSONValue(found?.targets ?? 0),
                ])
        }
        let object: JSONValue = [
            "bands": .object(bands), "series_under_090": value(figures.seriesUnder090), "jump_coverage": value(jump),
            "quantile": .number(quantile),
        ]
        return object.encoded
    }

    private static func value(_ number: Double?) -> JSONValue { number.map(JSONValue.number) ?? .null }

    /// A number with so many digits after the point.
    static func number(_ value: Double?, _ digits: Int) -> String {
        guard let value, value.isFinite else { return "-" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let whole = Int64((value * scale).rounded())
        let text = String(whole.magnitude)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        let sign = whole < 0 ? "-" : ""
        return digits == 0 ? sign + padded : "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
    }
}
