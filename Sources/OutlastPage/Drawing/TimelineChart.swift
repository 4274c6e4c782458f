// Tokens through their generations, with the jobs that used them below, on one axis of time that runs on a little past the
// present, to where the next ends are.

import OutlastModel

enum TimelineChart {
    private static let (width, left, right): (Double, Double, Double) = (1040, 10, 1020)

    static func make(_ report: HistoryReport) -> Chart {
        let span = Double(report.madeAt.milliseconds) - Double(report.since.milliseconds)
        let ahead = Duration.milliseconds(Int64(max(0, min(span / 6, 1e15))))
        let scale = TimeScale(from: report.since, to: report.madeAt.advanced(by: ahead), left: left, right: right)
        var drawing = Markup()
        var y: Double = 30
        var lanes = Markup()
        for lane in report.lanes { y = draw(lane, from: y, scale, now: report.madeAt, into: &lanes) }
        let bottom = y
        drawing.timeAxis(scale, ticks: 10, top: 20, bottom: bottom, labelsAt: 13)
        let now = scale.place(report.madeAt)
        drawing.line(now, 20, now, bottom, "now")
        drawing.label("now", now + 4, bottom + 12, "t now-word")
        drawing.take(lanes)
        let uses = report.lanes.map(\.uses.count).reduce(0, +)
        let generations = report.lanes.map(\.generations.count).reduce(0, +)
        return Chart(
            id: "tokens", title: "Generations of tokens and the jobs that used them",
            description: """
                \(Words.count(report.lanes.count, "token", "tokens")) with \
                \(Words.count(generations, "generation", "generations")) and \
                \(Words.count(uses, "use by a job", "uses by jobs")) from \(report.since.day.text) to \
                \(report.madeAt.day.text). The table below has the same figures.
                """, width: width, height: bottom + 18, drawing: drawing, table: table(report))
    }

    /// One lane; gives back where the next begins.
    private static func draw(
        _ lane: TokenLane, from top: Double, _ scale: TimeScale, now: Instant, into markup: inout Markup
    ) -> Double {
        let name = SafeText.line(lane.name, limit: 70)
        markup.group("text", ["x": left.svg, "y": (top + 13).svg, "class": "t"]) {
            $0.add("tspan", ["class": "strong"], text: name)
            $0.add("tspan", ["class": "muted", "dx": "8"], text: SafeText.line(lane.kind, limit: 40))
        }
        var rows: [Double] = []
        for (place, generation) in lane.generations.enumerated() {
            // Those that overlap a little at a renewal would hide each other in one row.
            let row = place % 2 == 1 ? 1.0 : 0.0
            rows.append(row)
            bar(generation, place, at: top + 21 + row * 17, scale, now: now, into: &markup)
        }
        let strip = top + 21 + (rows.contains(1) ? 34 : 17) + 8
        markup.line(scale.left, strip, scale.place(now), strip, "grid")
        var drawn: Set<String> = []
        for use in lane.uses where scale.holds(use.job.begunAt) {
            let x = scale.place(use.job.begunAt)
            let glyph = Glyph(use.job.status)
            // Uses at the same place look like one.
            guard drawn.insert("\(x.rounded().svg) \(glyph.rawValue)").inserted else { continue }
            guard glyph != .success else {
                markup.line(x, strip - 5, x, strip + 5, "use")
                continue
            }
            markup.group("g") {
                $0.add(
                    "title",
                    text: SafeText.line(
                        "\(use.job.shown) \(use.job.status.rawValue) \(use.job.begunAt.minuteText)", limit: 200))
                glyph.draw(at: x, strip, into: &$0)
            }
        }
        return strip + 20
    }

    private static func bar(
        _ generation: TokenGeneration, _ place: Int, at y: Double, _ scale: TimeScale, now: Instant,
        into markup: inout Markup
    ) {
        guard generation.to >= scale.from else { return }
        let (x, end) = (scale.place(generation.from), scale.place(generation.to))
        let side = place % 2 == 0 ? "even" : "odd"
        markup.group("g") { markup in
            markup.add("title", text: "\(generation.name): \(generation.words)")
            markup.add(
                "rect",
                [
                    "x": x.svg, "y": y.svg, "width": max(3, end - x).svg, "height": "14", "rx": "3", "class": side,
                ])
            if end - x >= 34 {
                markup.label(generation.shortName, x + 6, y + 11, "t small on-\(side)")
            }
            switch generation.ending {
            case .replaced: Glyph.replaced.draw(at: end + 4, y + 7, into: &markup)
            case .ended: Glyph.ended.draw(at: end, y + 7, into: &markup)
            case .refused: Glyph.refused.draw(at: end + 6, y + 7, into: &markup)
            case .current: ahead(of: generation, from: end, at: y + 7, scale, into: &markup)
            }
        }
    }

    /// What is left of a generation, and where it ends.
    private static func ahead(
        of generation: TokenGeneration, from now: Double, at y: Double, _ scale: TimeScale, into markup: inout Markup
    ) {
        let coming = generation.endsAt ?? scale.to
        let x = scale.place(coming)
        markup.line(now, y, x, y, "ahead")
        guard generation.endsAt != nil, scale.holds(coming) else {
            let words = generation.endsAt.map { "ends \($0.day.text)" }
            let unknown = generation.expiry == .never ? "no end" : "end not known"
            markup.label(words ?? unknown, scale.right, y - 5, "t small muted", anchor: "end")
            return
        }
        Glyph.coming.draw(at: x, y, into: &markup)
        // Beside the mark where there is room, else before it.
        let isLast = x > scale.right - 50
        markup.label(
            coming.day.shortText, isLast ? x - 9 : x + 9, isLast ? y - 5 : y + 4, "t small muted",
            anchor: isLast ? "end" : "start")
    }

    private static func table(_ report: HistoryReport) -> DataTable {
        var rows: [[String]] = []
        for lane in report.lanes {
            for generation in lane.generations {
                rows.append([
                    lane.name, generation.number.map { "\($0)" } ?? "–", generation.mark, generation.from.minuteText,
                    generation.ending == .current
                        ? "counts" : "\(generation.ending.rawValue) \(generation.to.minuteText)",
                    Words.end(generation.expiry), "\(generation.jobs)", "\(generation.failed)",
                ])
            }
        }
        return DataTable(
            caption: "Generations of tokens",
            head: [
                "Token", "Generation", "Fingerprint", "First met", "State", "Ends", "Jobs", "Failed jobs",
            ], rows: rows)
    }
}

extension TokenGeneration {
    fileprivate var name: String { number.map { "generation \($0)" } ?? "never renewed" }

    /// For the bar: its number, or the beginning of its fingerprint.
    fileprivate var shortName: String { number.map { "gen \($0)" } ?? String(mark.prefix(4)) }

    fileprivate var words: String {
        let state = ending == .current ? "counts" : "\(ending.rawValue) \(to.minuteText)"
        return "from \(from.minuteText), \(state), \(Words.count(jobs, "job", "jobs")), \(failed) failed"
    }
}

extension Glyph {
    init(_ status: JobStatus) {
        switch status {
        case .success: self = .success
        case .failed: self = .failed
        case .running: self = .running
        case .canceled, .abandoned: self = .unfinished
        }
    }
}
