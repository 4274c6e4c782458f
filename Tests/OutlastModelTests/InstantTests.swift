import OutlastModel
import Testing

@Suite struct InstantTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-20T22:10:00Z", 1_795_212_600), ("2026-11-20t22:10:00z", 1_795_212_600),
        ("2026-11-20T22:10:00.999Z", 1_795_212_600), ("2026-11-20 22:10:00+00:00", 1_795_212_600),
        ("2026-11-20 22:10:00 UTC", 1_795_212_600), ("2026-11-20 22:10:00 +0900", 1_795_180_200),
        ("2026-11-20T22:10:00-01:30", 1_795_218_000), ("2026-11-20T22:10Z", 1_795_212_600),
        ("2026-11-20", 1_795_132_800), ("1969-12-31T23:59:59Z", -1), ("2024-02-29", 1_709_164_800),
        ("0000-01-01", -62_167_219_200), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ])
    func readsTheFormsOfForgesAndCIs(text: String, seconds: Int64) {
        #expect(Instant(text: text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "2026", "2026-11", "2026-1-2", "2026-13-01", "2026-02-29", "2026-11-20T", "2026-11-20T22",
        "2026-11-20T22:10",
        "2026-11-20T24:00:00Z", "2026-11-20T22:60:00Z", "2026-11-20T22:10:61Z", "2026-11-20T22:10:00", "1795212600",
        "2026-11-20T22:10:00+25:00", "2026-11-20T22:10:00Zjunk", " 2026-11-20", "2026-11-20\n", "2026-11-20T22:10:00.Z",
        "+026-11-20", "２０２６-11-20", "2026-11-20T22:10:00 GMT",
    ])
    func refusesEverythingElse(text: String) {
        #expect(Instant(text: text) == nil)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (999, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
        (-1000, "1969-12-31T23:59:59Z"), (-1001, "1969-12-31T23:59:58Z"), (1_795_212_600_000, "2026-11-20T22:10:00Z"),
    ])
    func writesWholeSecondsRoundedDown(milliseconds: Int64, text: String) {
        #expect(Instant(milliseconds: milliseconds).text == text)
    }

    @Test func readsBackWhatItWrites() {
        var numbers = SeededNumbers(1)
        for _ in 0..<2000 {
            let instant = Instant(seconds: Int64.random(in: -62_167_219_200...253_402_300_799, using: &numbers))
            #expect(Instant(text: instant.text) == instant)
        }
    }

    @Test func saturatesAtBothEndsOfTime() {
        let first = Instant(milliseconds: .min)
        let last = Instant(milliseconds: .max)
        #expect(first.advanced(by: .seconds(-1)) == first)
        #expect(last.advanced(by: .seconds(1)) == last)
        #expect(first.duration(to: last) == .milliseconds(Int64.max))
        #expect(last.duration(to: first) == .milliseconds(Int64.min))
        #expect(first.seconds == Int64.min / 1000 - 1)
        #expect(first < last)
        #expect(Instant(seconds: .max).milliseconds > 0)
        #expect(Instant(seconds: .min).milliseconds < 0)
        #expect(!first.text.isEmpty && !last.text.isEmpty)
        #expect(first.startOfDay <= Instant(milliseconds: 0))
    }

    @Test(arguments: [
        ("2026-11-20T00:00:00Z", "2026-11-20"), ("2026-11-20T23:59:59Z", "2026-11-20"),
        ("1969-12-31T23:59:59Z", "1969-12-31"), ("1970-01-01T00:00:00Z", "1970-01-01"),
    ])
    func knowsItsDay(text: String, day: String) throws {
        let instant = try #require(Instant(text: text))
        #expect(instant.day.text == day)
        #expect(instant.startOfDay.text == day + "T00:00:00Z")
    }

    @Test func measuresTheWayThere() throws {
        let from = try #require(Instant(text: "2026-11-20T23:30:00Z"))
        let to = try #require(Instant(text: "2026-11-21"))
        #expect(from.duration(to: to) == .seconds(1800))
        #expect(to.duration(to: from) == .seconds(-1800))
        #expect(from.advanced(by: .seconds(1800)) == to)
    }
}
