// What a page about the history is made of: lanes of tokens, durations beside their bounds, failures in steps of time.

import OutlastModel
import Testing

@Suite("Contents of the page")
struct ReportTests {
    static let now = Instant(text: "2026-11-21T20:15:00Z") ?? Instant(seconds: 0)

    static func ago(_ days: Int64) -> Instant { now.advanced(by: .seconds(-days * 86_400)) }

    static func token(
        _ mark: String, family: String? = nil, generation: Int? = nil, ends: Expiry = .never, met: Int64 = 50,
        standing: TokenStanding? = nil, told: Int64 = 0, replaced: Int64? = nil, skew: Duration? = nil
    ) -> KnownToken {
        KnownToken(
            mark: mark, fingerprint: nil, credential: "release", kind: "k", forge: "f",
            lifetime: Lifetime(expiry: ends, source: .forge, checkedAt: nil), standing: standing, standingAt: ago(told),
            clockSkew: skew, family: family, generation: generation, firstSeenAt: ago(met), lastSeenAt: now,
            replacedAt: replaced.map(ago))
    }

    static func job(_ days: Int64, _ status: JobStatus = .success, _ id: String = "") -> KnownJob {
        KnownJob(
            id: "\(days)\(id)", series: JobSeries(forge: "f", server: "s", project: "p", job: "j"), run: "1",
            status: status,
            begunAt: ago(days), startedAt: ago(days), finishedAt: ago(days), lastSeenAt: ago(days))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let token: KnownToken
        let ending: TokenGeneration.Ending
        let to: Instant
    }

    static let endings = [
        Case(testDescription: "one that lives", token: token("a"), ending: .current, to: now),
        Case(testDescription: "one that ends later", token: token("a", ends: .at(ago(-9))), ending: .current, to: now),
        Case(testDescription: "one that has ended", token: token("a", ends: .at(ago(9))), ending: .ended, to: ago(9)),
        Case(
            testDescription: "one whose forge's clock runs a day ahead",
            token: token("a", ends: .at(ago(8)), skew: .seconds(86_400)), ending: .ended, to: ago(9)),
        Case(
            testDescription: "one that was replaced before its end", token: token("a", ends: .at(ago(2)), replaced: 20),
            ending: .replaced, to: ago(20)),
        Case(
            testDescription: "one that was revoked", token: token("a", standing: .revoked, told: 4), ending: .refused,
            to: ago(4)),
        Case(
            testDescription: "one that its forge calls expired, with an end in the past",
            token: token("a", ends: .at(ago(9)), standing: .expired, told: 4), ending: .ended, to: ago(9)),
        Case(
            testDescription: "one that its forge calls expired, whose end nobody told",
            token: token("a", ends: .unknown, standing: .expired, told: 4), ending: .ended, to: ago(4)),
        Case(
            testDescription: "one that was over before it was met", token: token("a", ends: .at(ago(90))),
            ending: .ended,
            to: ago(50)),
    ]

    @Test("a generation stops to count where the first of its ends is", arguments: endings)
    func ending(_ one: Case) {
        let lanes = TokenTimeline.lanes(tokens: [one.token], uses: [], now: Self.now).lanes
        let generation = lanes.first?.generations.first
        #expect(generation?.ending == one.ending)
        #expect(generation?.to == one.to)
    }

    @Test("tokens of a family are one lane in order of their generations; others have their own, the last used first")
    func lanes() {
        let tokens = [
            Self.token("b", family: "f", generation: 2), Self.token("a", family: "f", generation: 1, replaced: 20),
            Self.token("c"), Self.token("c"),
        ]
        let uses = [
            TokenUse(job: Self.job(30), mark: "a"), TokenUse(job: Self.job(10, .failed), mark: "b"),
            TokenUse(job: Self.job(10, .failed), mark: "b"), TokenUse(job: Self.job(1), mark: "c"),
            TokenUse(job: Self.job(2), mark: "nobody's"),
        ]
        let lanes = TokenTimeline.lanes(tokens: tokens, uses: uses, now: Self.now).lanes
        #expect(lanes.map { $0.generations.map(\.mark) } == [["c"], ["a", "b"]])
        #expect(lanes.last?.uses.map(\.mark) == ["a", "b"])
        #expect(lanes.last?.generations.map(\.jobs) == [1, 1] && lanes.last?.generations.map(\.failed) == [0, 1])
    }

    @Test("beyond the bounds the newest stay, and the rest is counted")
    func laneBounds() {
        let tokens =
            (1...9).map { (number: Int) in Self.token("m\(number)", family: "f", generation: number) }
            + [Self.token("x"), Self.token("y")]
        let uses = (1...9).flatMap { (number: Int) -> [TokenUse] in
            (1...4).map { (day: Int64) in TokenUse(job: Self.job(day, .success, "\(number)"), mark: "m\(number)") }
        }
        let made = TokenTimeline.lanes(
            tokens: tokens, uses: uses, now: Self.now, bounds: .init(lanes: 1, generations: 3, uses: 5))
        #expect(made.lanes.map { $0.generations.map(\.mark) } == [["m7", "m8", "m9"]])
        #expect(made.lanesLeftOut == 2 && made.generationsLeftOut == 6 && made.usesLeftOut == 7)
        #expect(made.lanes.first?.uses.count == 5 && made.lanes.first?.uses.last?.job.begunAt == Self.ago(1))
    }

    /// A hundred days; one run that takes far too long, one that failed.
    static let attempts: [PastAttempt] = (0..<100).map { (number: Int) -> PastAttempt in
        let seconds: Int64 = number == 70 ? 9000 : Int64(600 + number % 7 * 10)
        return PastAttempt(
            startedAt: ago(Int64(100 - number)), duration: .seconds(seconds), status: number == 50 ? .failed : .success)
    }

    @Test("each run stands beside what the estimator said when it began, and the next one beside what it says now")
    func bounds() {
        let track = DurationTrack(
            of: Self.job(1).series, attempts: Self.attempts.shuffled(), since: Self.ago(60), limit: 40, now: Self.now,
            quantile: 0.95)
        #expect(track.runs.count == 40 && track.leftOut == 20)
        #expect(track.runs.map(\.at) == Self.attempts.suffix(40).map(\.startedAt))
        for run in track.runs {
            let past = Self.attempts.filter { $0.startedAt < run.at }
            let said = DurationEstimator.bound(attempts: past, now: run.at, elapsed: .zero, quantile: 0.95)
            #expect(run.bound == said?.bound)
        }
        #expect(
            track.next
                == DurationEstimator.bound(attempts: Self.attempts, now: Self.now, elapsed: .zero, quantile: 0.95))
        #expect(track.runs.filter(\.isMiss).map(\.at) == [Self.attempts[70].startedAt])
        #expect(track.misses == 1 && track.judged == 40)
    }

    @Test("the first run has no bound and misses none; a job that never succeeded has no next one either")
    func firstRuns() {
        func track(_ attempts: [PastAttempt]) -> DurationTrack {
            DurationTrack(
                of: Self.job(1).series, attempts: attempts, since: Self.ago(400), limit: 9, now: Self.now,
                quantile: 0.95)
        }
        let one = track(Array(Self.attempts.prefix(1)))
        #expect(one.runs.map(\.bound) == [nil] && one.misses == 0 && one.judged == 0 && one.next != nil)
        let failed = track([PastAttempt(startedAt: Self.ago(1), duration: .seconds(9), status: .failed)])
        #expect(failed.runs.count == 1 && failed.next == nil)
        #expect(track([]).runs.isEmpty)
    }

    @Test(
        "failures are summed in days, weeks or longer steps, as the span has room for",
        arguments: [
            (10, 1, 11), (48, 1, 49), (49, 7, 8), (90, 7, 13), (419, 7, 60), (420, 28, 16), (3650, 44, 83),
        ] as [(Int64, Int, Int)])
    func steps(_ days: Int64, _ step: Int, _ count: Int) {
        let all = (0...days).map { FailureDay(day: Self.ago($0).day, class: "dns", count: 1) }
        let trend = FailureTrend(all, since: Self.ago(days), now: Self.now)
        #expect(trend.stepDays == step && trend.steps == count)
        #expect(trend.total == Int(days) + 1 && trend.rows.first?.counts.first == step)
        #expect(trend.start(of: 0) == Self.ago(days).day && trend.start(of: count) > Self.now.day)
    }

    @Test("classes come by their number, the rarer ones together, and what lies outside is not counted")
    func classes() {
        var days = (1...20).map { FailureDay(day: Self.ago(1).day, class: "c\($0)", count: $0) }
        days += [
            FailureDay(day: Self.ago(99).day, class: "old", count: 9),
            FailureDay(day: Self.ago(-1).day, class: "new", count: 9),
        ]
        let trend = FailureTrend(days, since: Self.ago(10), now: Self.now, classes: 4)
        #expect(trend.rows.map(\.class) == ["c20", "c19", "c18", nil])
        #expect(trend.rows.map(\.total) == [20, 19, 18, 17 * 18 / 2] && trend.total == 210)
        #expect(FailureTrend([], since: Self.ago(9), now: Self.now).rows.isEmpty)
        #expect(FailureTrend([], since: Instant(milliseconds: .min), now: Instant(milliseconds: .max)).steps < 100_000)
        #expect(
            FailureTrend(
                [FailureDay(day: Self.now.day, class: "auth_expired", count: 1)], since: Self.ago(1), now: Self.now
            ).rows.first?.credentialAtFault == true)
    }

    @Test("what to look after comes by urgency, then by when it hurts, then by name")
    func order() {
        func item(_ reason: CareItem.Reason, _ name: String, at: Int64? = nil, failing: Int64? = nil) -> CareItem {
            CareItem(
                reason: reason, name: name, mark: "", kind: "", at: at.map(Self.ago), failingAt: failing.map(Self.ago))
        }
        let ordered = [
            item(.lost, "z"), item(.inDoubt, "y", at: 3), item(.inDoubt, "x", at: 2), item(.refused, "w"),
            item(.willFail, "late", at: -1, failing: -9), item(.willFail, "later", at: -1, failing: -10),
            item(.endsSoon, "v", at: -2), item(.noEnd, "a"), item(.noEnd, "b"),
        ]
        #expect(CareItem.inOrder(ordered.reversed()) == ordered)
        #expect(CareItem.inOrder(ordered.shuffled()).map(\.name) == ordered.map(\.name))
    }
}
