// Durations of one job's runs, with the line that the estimate had drawn before each of them.

import OutlastModel

enum DurationChart {
    private static let (width, height): (Double, Double) = (504, 224)
    private static let (left, right, top, bottom): (Double, Double, Double, Double) = (58, 470, 12, 192)

    static func make(_ track: DurationTrack, number: Int, now: Instant) -> Chart {
        let begin = min(track.runs.first?.at ?? now, now.advanced(by: .seconds(-3600)))
        let scale = TimeScale(from: begin, to: now, left: left, right: right)
        let all = track.runs.flatMap { [$0.duration, $0.bound ?? .zero] } + [track.next?.bound ?? .zero]
        let heights = DurationScale(longest: longest(all, runs: track.runs), top: top, bottom: bottom)
        var drawing = Markup()
        for tick in heights.ticks {
            let y = heights.place(tick)
            drawing.line(left, y, right + 24, y, tick == .zero ? "axis" : "grid")
            drawing.label(tick == .zero ? "0" : tick.readable, left - 6, y + 4, "t muted", anchor: "end")
        }
        drawing.timeAxis(scale, ticks: 5, top: bottom, bottom: bottom + 4, labelsAt: bottom + 18)
        drawBound(track, scale, heights, into: &drawing)
        for run in track.runs {
            let (x, y) = (scale.place(run.at), heights.place(run.duration))
            drawing.group("g") { markup in
                if run.isMiss || run.status != .success {
                    markup.add("title", text: "\(run.at.minuteText): \(run.duration.readable), \(run.words)")
                }
                if run.isMiss { Glyph.miss.draw(at: x, y, into: &markup) }
                Glyph(run.status).draw(at: x, y, into: &markup)
            }
        }
        return Chart(
            id: "job-\(number)", title: "Durations of \(SafeText.line(track.series.job, limit: 120))",
            description: summary(track) + " The table below has the same figures.", width: width, height: height,
            drawing: drawing, table: table(track))
    }

    /// What the chart shows, in words.
    static func summary(_ track: DurationTrack) -> String {
        var text = "\(Words.count(track.runs.count, "run", "runs"))"
        if track.judged > 0 {
            text += ", \(Words.count(track.misses, "miss", "misses")) of \(track.judged) that had a bound"
        }
        guard let next = track.next else { return text + "; no run has succeeded yet, so there is no bound." }
        return text + ". The next run is bounded by \(next.bound.readable): \(next.reason)."
    }

    /// Bounds far above every run would press the runs to the ground: the axis ends at four times the longest of these.
    private static func longest(_ all: [Duration], runs: [DurationRun]) -> Duration {
        let run = runs.map(\.duration).max() ?? .zero
        return min(all.max() ?? .zero, max(run, .seconds(1)) * 4)
    }

    private static func drawBound(
        _ track: DurationTrack, _ scale: TimeScale, _ heights: DurationScale, into markup: inout Markup
    ) {
        var path = ""
        for run in track.runs {
            guard let bound = run.bound else { continue }
            let (x, y) = (scale.place(run.at).svg, heights.place(bound).svg)
            path += path.isEmpty ? "M\(x) \(y)" : "H\(x)V\(y)"
        }
        if let next = track.next {
            let (now, y) = (scale.place(scale.to), heights.place(next.bound))
            path += path.isEmpty ? "M\(now.svg) \(y.svg)" : "H\(now.svg)V\(y.svg)"
            markup.line(now, y, now + 24, y, "bound next")
        }
        guard !path.isEmpty else { return }
        markup.add("path", ["d": path, "class": "bound"])
    }

    private static func table(_ track: DurationTrack) -> DataTable {
        DataTable(
            caption: "Runs of \(SafeText.line(track.series.job, limit: 120))",
            head: ["Began", "Took", "Bound", "Ended", "Against the bound"],
            rows: track.runs.reversed().map { run in
                [
                    run.at.minuteText, run.duration.readable, run.bound?.readable ?? "–", run.status.rawValue,
                    run.bound == nil ? "no bound yet" : run.isMiss ? "miss" : "within",
                ]
            },
            note: track.leftOut > 0
                ? "Left out: \(Words.count(track.leftOut, "older run", "older runs")) since the page's first day." : nil
        )
    }
}

extension DurationRun {
    fileprivate var words: String {
        guard isMiss, let bound else { return status.rawValue }
        return "\(status.rawValue), longer than the bound of \(bound.readable)"
    }
}
