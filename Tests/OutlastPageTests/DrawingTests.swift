// Scales, axes and drawings: of nothing, of one thing, of thousands, of moments out of all bounds.

import OutlastModel
import Testing

@testable import OutlastPage

@Suite("Drawings")
struct DrawingTests {
    static let far = [
        Instant(milliseconds: .min), Instant(milliseconds: 0), PageTests.now,
        Instant(text: "9999-12-31T23:59:59Z") ?? PageTests.now,
        Instant(milliseconds: .max),
    ]

    @Test("a moment lies between the edges, in order, and outside ones at the edge")
    func places() {
        let scale = TimeScale(from: PageTests.ago(10), to: PageTests.now, left: 10, right: 110)
        #expect(
            scale.place(PageTests.ago(10)) == 10 && scale.place(PageTests.ago(5)) == 60
                && scale.place(PageTests.now) == 110)
        #expect(scale.place(PageTests.ago(99)) == 10 && scale.place(PageTests.ago(-9)) == 110)
        for from in Self.far {
            for to in Self.far {
                let scale = TimeScale(from: from, to: to, left: 10, right: 110)
                for moment in Self.far { #expect((10...110).contains(scale.place(moment))) }
            }
        }
    }

    @Test(
        "an axis names round moments, never more than asked for",
        arguments: [
            (0.5, "12:00"), (1, "21 Nov"), (6, "21 Nov"), (30, "16 Nov"), (90, "9 Nov"), (200, "Nov"), (365, "Sep"),
            (3000, "2026"),
            (30_000, "2000"),
        ])
    func ticks(_ days: Double, _ label: String) {
        let ticks = TimeTick.ticks(from: PageTests.ago(days), to: PageTests.now, atMost: 8)
        #expect(ticks.contains { $0.label == label }, "\(ticks.map(\.label))")
        #expect((2...10).contains(ticks.count) && ticks.map(\.at) == ticks.map(\.at).sorted())
        #expect(ticks.allSatisfy { $0.at >= PageTests.ago(days) && $0.at <= PageTests.now })
    }

    @Test("an axis of any two moments ends")
    func oddTicks() {
        for from in Self.far {
            for to in Self.far { #expect(TimeTick.ticks(from: from, to: to, atMost: 8).count <= 12) }
        }
    }

    @Test(
        "an axis of durations reaches the longest by round steps",
        arguments: [0, 1, 59, 60, 61, 3599, 3600, 86_400, 1_000_000, 4_000_000_000, Int64.max / 1000])
    func durations(_ seconds: Int64) {
        let scale = DurationScale(longest: .seconds(seconds), top: 10, bottom: 110)
        #expect(scale.ticks.first == .zero && (2...6).contains(scale.ticks.count))
        #expect(scale.place(.zero) == 110)
        #expect((10...110).contains(scale.place(.seconds(seconds))))
        if seconds < 3_000_000_000 { #expect(scale.ticks.last.map { $0 >= .seconds(seconds) } == true) }
    }

    @Test("coordinates are short, and numbers that are none do no harm")
    func coordinates() {
        #expect([1, 1.04, 1.06, -0.5, 0].map(\.svg) == ["1", "1", "1.1", "-0.5", "0"])
        #expect([Double.nan, .infinity, -.infinity].map(\.svg) == ["0", "0", "0"] && 1e300.svg == "10000000")
    }

    @Test("a drawing of one run, one use, one failure and one end is a drawing")
    func one() throws {
        var report = PageTests.full("x")
        report.durations = [
            DurationTrack(
                of: PageTests.series("x"),
                attempts: [PastAttempt(startedAt: PageTests.now, duration: .zero, status: .failed)],
                since: PageTests.ago(1), limit: 9, now: PageTests.now, quantile: 0.95)
        ]
        try PageTests.expectDrawings(in: try PageTests.text(report), 4)
    }

    @Test("thousands of runs, uses, classes and days stay within a page")
    func many() throws {
        var report = PageTests.full("x")
        let jobs = (0..<3000).map {
            PageTests.job("j", at: PageTests.ago(Double($0) / 40), $0 % 9 == 0 ? .failed : .success)
        }
        let tokens = (0..<300).map { number in
            KnownToken(
                mark: "m\(number)", fingerprint: nil, kind: "k", forge: "f", family: number < 150 ? "one" : nil,
                generation: number < 150 ? number + 1 : nil, firstSeenAt: PageTests.ago(Double(number)),
                lastSeenAt: PageTests.now)
        }
        let uses = jobs.enumerated().map { TokenUse(job: $0.element, mark: "m\($0.offset % 300)") }
        report.lanes = TokenTimeline.lanes(tokens: tokens, uses: uses, now: PageTests.now).lanes
        report.failures = FailureTrend(
            (0..<4000).map { FailureDay(day: PageTests.ago(Double($0 % 90)).day, class: "c\($0 % 50)", count: $0) },
            since: PageTests.ago(90), now: PageTests.now)
        report.calendar = (0..<366).map { DayOfEnds(day: PageTests.ago(Double(-$0)).day, kinds: [("k", $0 * 7)]) }
        let text = try PageTests.text(report)
        #expect(text.utf8.count < 1_000_000)
        try PageTests.expectDrawings(in: text, 4)
    }

    @Test("moments out of all bounds are drawn at the edges")
    func bounds() throws {
        for at in Self.far {
            var report = PageTests.full("x")
            let token = KnownToken(
                mark: "m", fingerprint: nil, kind: "k", forge: "f",
                lifetime: Lifetime(expiry: .at(at), source: .forge, checkedAt: at), standing: .revoked, standingAt: at,
                clockSkew: .milliseconds(Int64.min), firstSeenAt: at, lastSeenAt: at)
            report.lanes =
                TokenTimeline.lanes(
                    tokens: [token], uses: [TokenUse(job: PageTests.job("j", at: at), mark: "m")], now: PageTests.now
                ).lanes
            report.calendar = [DayOfEnds(day: at.day, kinds: [("k", .max)])]
            report.care = [
                CareItem(reason: .refused, name: "n", mark: "m", kind: "k", at: at, remaining: .milliseconds(Int64.min))
            ]
            try PageTests.expectDrawings(in: try PageTests.text(report), 4)
        }
    }

    @Test("texts and shapes can be told from what lies below them, in both schemes")
    func contrast() {
        #expect(abs(Colour("#ffffff").contrast(with: Colour("#000000")) - 21) < 0.001)
        #expect(abs(Colour("#777777").contrast(with: Colour("#ffffff")) - 4.478) < 0.001)
        for palette in [Palette.light, .dark] {
            #expect(palette.colours.count == Tone.allCases.count)
            for (tone, below) in Palette.texts {
                let contrast = palette[tone].contrast(with: palette[below])
                #expect(contrast >= 4.5, "\(tone) on \(below): \(contrast)")
            }
            for (tone, below) in Palette.shapes {
                let contrast = palette[tone].contrast(with: palette[below])
                #expect(contrast >= 3, "\(tone) on \(below): \(contrast)")
            }
        }
        #expect(
            StyleSheet.text.matches(of: /var\(--([a-z-]+)\)/).allSatisfy { Tone(rawValue: String($0.output.1)) != nil })
    }
}
