// Days on which tokens end: a column for each week, a square for each day, the number of ends in it.

import OutlastModel

enum CalendarChart {
    private static let (cell, left, top): (Double, Double, Double) = (18, 40, 24)

    static func make(_ days: [DayOfEnds], from now: Instant, to horizon: Instant) -> Chart {
        let today = now.day
        let monday = today.adding(days: -Int64(today.weekday))
        let last = max(today, horizon.day)
        let weeks = min(60, Int((last.daysSinceEpoch - monday.daysSinceEpoch) / 7) + 1)
        var counts: [Int64: Int] = [:]
        for day in days { counts[day.day.daysSinceEpoch, default: 0] += day.count }
        let most = counts.values.max() ?? 0
        var drawing = Markup()
        for (row, name) in ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].enumerated() where row % 2 == 0 {
            drawing.label(name, left - 8, top + cell * Double(row) + 13, "t small muted", anchor: "end")
        }
        for week in 0..<weeks {
            let x = left + cell * Double(week)
            for row in 0..<7 {
                let day = monday.adding(days: Int64(week * 7 + row))
                guard day >= today, day <= last else { continue }
                draw(
                    day, count: counts[day.daysSinceEpoch] ?? 0, most, at: x, top + cell * Double(row), today,
                    into: &drawing)
            }
            let first = (0..<7).map { monday.adding(days: Int64(week * 7 + $0)) }.first { $0.components.day == 1 }
            guard let first, first <= last else { continue }
            let parts = first.components
            let name = CivilDate.monthNames[(parts.month - 1) % 12]
            drawing.label(parts.month == 1 ? "\(name) \(parts.year)" : name, x, top - 8, "t small muted")
        }
        return Chart(
            id: "calendar", title: "Days on which tokens end", description: summary(days, horizon), width: 1040,
            height: top + cell * 7 + 8, drawing: drawing, table: table(days))
    }

    /// What the chart shows, in words.
    static func summary(_ days: [DayOfEnds], _ horizon: Instant) -> String {
        let all = days.map(\.count).reduce(0, +)
        guard let most = days.max(by: { ($0.count, $1.day) < ($1.count, $0.day) }) else {
            return "No token is known to end up to \(horizon.day.text)."
        }
        let verb = all == 1 ? "ends" : "end"
        return "\(Words.count(all, "token", "tokens")) \(verb) on \(Words.count(days.count, "day", "days")) up to "
            + "\(horizon.day.text). The day with most ends is \(most.day.text), with \(most.count)."
    }

    private static func draw(
        _ day: CivilDate, count: Int, _ most: Int, at x: Double, _ y: Double, _ today: CivilDate,
        into markup: inout Markup
    ) {
        let style = count == 0 ? "none" : count == 1 ? "low" : count <= most / 2 || count < 4 ? "middle" : "high"
        markup.group("g") { markup in
            if count > 0 { markup.add("title", text: "\(day.text): \(Words.count(count, "token", "tokens"))") }
            markup.add(
                "rect",
                [
                    "x": (x + 1).svg, "y": (y + 1).svg, "width": "16", "height": "16", "rx": "3",
                    "class": "day \(style)\(day == today ? " today" : "")",
                ])
            if count > 0 {
                markup.label(
                    count > 99 ? "99+" : "\(count)", x + 9, y + 13, "t \(count > 99 ? "tiny" : "small") on-\(style)",
                    anchor: "middle")
            }
        }
    }

    private static func table(_ days: [DayOfEnds]) -> DataTable {
        let listed = days.prefix(400)
        return DataTable(
            caption: "Days on which tokens end", head: ["Day", "Tokens", "Kinds"],
            rows: listed.map { day in
                [day.day.text, "\(day.count)", day.kinds.map { "\($0.kind) \($0.count)" }.joined(separator: ", ")]
            }, note: days.count > listed.count ? "Left out: \(days.count - listed.count) later days." : nil)
    }
}
