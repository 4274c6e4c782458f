// Phrases that several parts of the page use.

import OutlastModel

enum Words {
    /// `1 job`, `2 jobs`.
    static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    /// `95 %`.
    static func percent(_ quantile: Double) -> String {
        let tenths = Int((quantile * 1000).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }

    /// A token's end.
    static func end(_ expiry: Expiry) -> String {
        switch expiry {
        case .at(let end): end.minuteText
        case .never: "never"
        case .unknown: "not known"
        }
    }

    /// `group/app / release`, with its leg.
    static func name(_ series: JobSeries) -> String {
        let leg = series.leg.isEmpty ? "" : " (\(series.leg))"
        return "\(series.project) / \(series.job)\(leg)"
    }

    /// The first users, and how many more there are.
    static func users(_ series: [JobSeries], _ most: Int = 3) -> String {
        let names = series.prefix(most).map(name).joined(separator: ", ")
        return series.count > most ? "\(names) and \(series.count - most) more" : names
    }
}
