// What the templates are given: texts, numbers and drawings. Keys that are not set anywhere are absent: a template looks for
// them in what lies around, too, so that no two levels share a name.

import OutlastModel

struct PageContent {
    let report: HistoryReport
    /// How many things to look after are shown before the rest is folded.
    private static let open = 8

    init(_ report: HistoryReport) { self.report = report }

    var values: [String: Any] {
        var values: [String: Any] = [
            "heading": heading, "made": report.madeAt.minuteText, "madeExactly": report.madeAt.text,
            "since": report.since.day.text, "until": report.madeAt.day.text, "figures": figures,
            "care": care, "tokens": tokens, "durations": durations, "failures": failures, "calendar": calendar,
        ]
        if report.project != nil || report.job != nil {
            values["scope"] = [report.project, report.job].compactMap { $0 }.joined(separator: " / ")
        }
        return values
    }

    private var heading: String { "Tokens and jobs" }

    private func number(_ words: [HistoryCounts.Count], _ word: String? = nil) -> Int {
        words.filter { word == nil || $0.word == word }.map(\.count).reduce(0, +)
    }

    private var figures: [[String: Any]] {
        let judged = report.durations.map(\.judged).reduce(0, +)
        let misses = report.durations.map(\.misses).reduce(0, +)
        let urgent = report.care.filter { $0.reason < .endsSoon }.count
        var figures: [[String: Any]] = [
            ["value": "\(report.care.count)", "name": "to look after", "more": "\(urgent) urgent"],
            [
                "value": "\(number(report.jobs))", "name": "jobs",
                "more": "\(number(report.jobs, "failed")) failed",
            ],
            [
                "value": "\(report.failures.total)", "name": "failures told",
                "more": Words.count(report.failures.rows.count, "class", "classes"),
            ],
            [
                "value": judged == 0 ? "–" : "\(misses)", "name": "missed bounds",
                "more": judged == 0
                    ? "no run had a bound"
                    : "\(Words.percent(Double(misses) / Double(judged))) of \(Words.count(judged, "run", "runs"))",
            ],
        ]
        if report.project == nil, report.job == nil {
            figures.append([
                "value": "\(number(report.renewals))", "name": "renewals",
                "more": "\(number(report.renewals, RenewalState.retired.rawValue)) complete",
            ])
            figures.append([
                "value": "\(report.calendar.map(\.count).reduce(0, +))", "name": "tokens end",
                "more": "up to \(report.horizon.day.text)",
            ])
        }
        return figures
    }

    private func remarks(_ part: HistoryReport.Part) -> [[String: Any]] {
        (report.remarks[part] ?? []).map { ["remark": $0] }
    }

    private var care: [String: Any] {
        let items = report.care.map { CareText($0).values }
        let more = Array(items.dropFirst(Self.open))
        var values: [String: Any] = [
            "items": Array(items.prefix(Self.open)), "nothing": items.isEmpty, "remarks": remarks(.care),
        ]
        if !more.isEmpty { values["more"] = ["count": "\(more.count)", "items": more] as [String: Any] }
        return values
    }

    private var tokens: [String: Any] {
        var values: [String: Any] = ["nothing": report.lanes.isEmpty, "remarks": remarks(.tokens)]
        if !report.lanes.isEmpty {
            let keys: [(Glyph, String)] = [
                (.replaced, "replaced by the next generation"), (.ended, "its time was over"),
                (.refused, "its forge said no"), (.coming, "its end, to come"), (.failed, "a job failed"),
                (.running, "a job runs"), (.unfinished, "a job was cancelled or given up"),
            ]
            values["chart"] = chart(TimelineChart.make(report), keys: keys, isWide: true)
        }
        return values
    }

    private var durations: [String: Any] {
        let tracks = report.durations.enumerated().map { place, track -> [String: Any] in
            [
                "job": SafeText.line(track.series.job, limit: 120)
                    + (track.series.leg.isEmpty ? "" : " (\(track.series.leg))"),
                "project": track.series.project, "summary": DurationChart.summary(track),
                "chart": chart(
                    DurationChart.make(track, number: place + 1, now: report.madeAt), keys: [], isWide: false),
            ]
        }
        let keys: [(Glyph, String)] = [
            (.success, "ended well"), (.failed, "failed"), (.unfinished, "cancelled or given up"),
            (.miss, "a miss: longer than the bound"),
        ]
        let percent = report.durations.first.map { Words.percent($0.quantile) }
        return [
            "tracks": tracks, "nothing": tracks.isEmpty, "remarks": remarks(.durations), "keys": legend(keys),
            "percent": percent ?? "",
        ]
    }

    private var failures: [String: Any] {
        var values: [String: Any] = ["nothing": report.failures.total == 0, "remarks": remarks(.failures)]
        if report.failures.total > 0 {
            values["summary"] = FailureChart.summary(report.failures)
            values["chart"] = chart(FailureChart.make(report.failures, now: report.madeAt), keys: [], isWide: true)
        }
        return values
    }

    private var calendar: [String: Any] {
        let isOfOne = report.project != nil || report.job != nil
        var values: [String: Any] = [
            "isLeftOut": isOfOne, "nothing": !isOfOne && report.calendar.isEmpty, "remarks": remarks(.calendar),
            "horizon": report.horizon.day.text,
        ]
        if !report.calendar.isEmpty {
            values["summary"] = CalendarChart.summary(report.calendar, report.horizon)
            values["chart"] = chart(
                CalendarChart.make(report.calendar, from: report.madeAt, to: report.horizon), keys: [], isWide: true)
        }
        return values
    }

    private func legend(_ keys: [(Glyph, String)]) -> [[String: Any]] {
        keys.map { ["shape": $0.0.svg, "meaning": $0.1] }
    }

    private func chart(_ chart: Chart, keys: [(Glyph, String)], isWide: Bool) -> [String: Any] {
        var values: [String: Any] = [
            "id": chart.id, "svg": chart.svg, "label": chart.title, "isWide": isWide, "legend": legend(keys),
            "hasLegend": !keys.isEmpty, "table": table(chart.table, id: chart.id),
        ]
        // Paper has no room for long ones, nor for one of every job.
        values["isLong"] = !isWide || chart.table.rows.count > 60
        values["rows"] = Words.count(chart.table.rows.count, "row", "rows")
        return values
    }

    private func table(_ table: DataTable, id: String) -> [String: Any] {
        [
            "tableID": "\(id)-table", "caption": table.caption,
            "head": table.head.map { ["title": $0] as [String: Any] },
            "body": table.rows.map { row -> [String: Any] in
                ["first": row.first ?? "", "cells": row.dropFirst().map { ["cell": $0] as [String: Any] }]
            }, "notes": table.note.map { [["note": $0] as [String: Any]] } ?? [],
        ]
    }
}
