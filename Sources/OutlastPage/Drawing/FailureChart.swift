// Failures by class over time: a row for each class, so that no colour has to tell them apart.

import OutlastModel

enum FailureChart {
    private static let (width, left, right): (Double, Double, Double) = (1040, 170, 980)
    private static let rowHeight: Double = 46

    static func make(_ trend: FailureTrend, now: Instant) -> Chart {
        let bottom = 10 + rowHeight * Double(max(1, trend.rows.count))
        var drawing = Markup()
        let steps = Double(max(1, trend.steps))
        let end = trend.start(of: trend.steps).midnight
        let scale = TimeScale(from: trend.first.midnight, to: end, left: left, right: right)
        drawing.timeAxis(scale, ticks: 9, top: 10, bottom: bottom, labelsAt: bottom + 16)
        let most = Double(max(1, trend.rows.flatMap(\.counts).max() ?? 1))
        let width = (right - left) / steps
        for (place, row) in trend.rows.enumerated() {
            let ground = 10 + rowHeight * Double(place + 1) - 8
            drawing.label(SafeText.line(row.name, limit: 22), left - 12, ground - 12, "t strong", anchor: "end")
            drawing.label(row.blame, left - 12, ground + 1, "t small muted", anchor: "end")
            drawing.line(left, ground, right, ground, "axis")
            for (step, count) in row.counts.enumerated() where count > 0 {
                let height = max(2, 24 * Double(count) / most)
                let x = left + width * Double(step)
                drawing.add(
                    "rect",
                    [
                        "x": (x + min(1.5, width * 0.1)).svg, "y": (ground - height).svg,
                        "width": max(1.5, width - min(3, width * 0.2)).svg, "height": height.svg,
                        "class": row.credentialAtFault == true ? "blamed" : "other",
                    ])
                if width >= 12, count < 1000 {
                    drawing.label("\(count)", x + width / 2, ground - height - 3, "t small", anchor: "middle")
                }
            }
            drawing.label("\(row.total)", right + 12, ground, "t strong")
        }
        return Chart(
            id: "failures", title: "Failures by class over time", description: summary(trend), width: Self.width,
            height: bottom + 24, drawing: drawing, table: table(trend))
    }

    /// What the chart shows, in words.
    static func summary(_ trend: FailureTrend) -> String {
        let step = trend.stepDays == 1 ? "day" : trend.stepDays == 7 ? "week" : "\(trend.stepDays) days"
        let blamed = trend.rows.filter { $0.credentialAtFault == true }.map(\.total).reduce(0, +)
        return
            "\(Words.count(trend.total, "failure", "failures")), \(blamed) of them of classes that a credential is to "
            + "blame for. Each bar is one \(step), from \(trend.first.text) on; the number at the right is the sum."
    }

    private static func table(_ trend: FailureTrend) -> DataTable {
        let steps = (0..<trend.steps).filter { step in trend.rows.contains { $0.counts[step] > 0 } }
        return DataTable(
            caption: "Failures by class", head: ["From"] + trend.rows.map(\.name),
            rows: steps.reversed().map { step in
                [trend.start(of: step).text] + trend.rows.map { $0.counts[step] == 0 ? "–" : "\($0.counts[step])" }
            } + [["all"] + trend.rows.map { "\($0.total)" }],
            note: "Times without a failure are not listed.")
    }
}

extension FailureTrend.Row {
    var name: String { `class` ?? "rarer classes" }

    fileprivate var blame: String {
        if `class` == nil { return "taken together" }
        switch credentialAtFault {
        case true?: return "the credential"
        case false?: return "no credential"
        case nil: return "cannot be told"
        }
    }
}
