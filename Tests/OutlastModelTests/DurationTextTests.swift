import OutlastModel
import Testing

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("0", 0), ("0s", 0), ("90s", 90), ("45m", 2700), ("2h", 7200), ("1h30m", 5400), ("1d12h", 129_600),
        ("30d", 2_592_000), ("1d2h3m4s", 93_784), ("3650d", 315_360_000), ("01h", 3600),
    ])
    func readsWhatPeopleWrite(text: String, seconds: Int64) {
        #expect(Duration(text: text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "1", "90", "s", "-1s", "+1s", "1.5h", "1h 30m", "30m1h", "1h1h", "1w", "1H", "1hm", "h1", "3651d",
        "99999999999999999999s", "1s\n", "１s", "1d315360000s", "00",
    ])
    func refusesEverythingElse(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test func readsBackWhatItWrites() {
        var numbers = SeededNumbers(2)
        for _ in 0..<2000 {
            let duration = Duration.seconds(Int64.random(in: 0...315_360_000, using: &numbers))
            #expect(Duration(text: duration.text) == duration)
        }
    }

    @Test(arguments: [
        (0, "0", "0s"), (59, "59s", "59s"), (5400, "1h30m", "1h 30m"), (93_784, "1d2h3m4s", "1d 2h"),
        (86_405, "1d5s", "1d 5s"), (-5400, "-1h30m", "-1h 30m"), (-1, "-1s", "-1s"),
    ])
    func isWrittenExactlyOrForReading(seconds: Int64, exact: String, readable: String) {
        #expect(Duration.seconds(seconds).text == exact)
        #expect(Duration.seconds(seconds).readable == readable)
    }

    @Test func survivesTheLongestDurations() {
        for seconds in [Int64.max, .min, .min + 1] {
            let duration = Duration.seconds(seconds)
            #expect(duration.wholeSeconds == seconds)
            #expect(!duration.text.isEmpty && !duration.readable.isEmpty)
            #expect(duration.wholeMilliseconds == (seconds < 0 ? .min : .max))
        }
        #expect(Duration.milliseconds(1999).wholeSeconds == 1)
        #expect(Duration.milliseconds(-1999).wholeSeconds == -1)
        #expect(Duration.milliseconds(-1999).wholeMilliseconds == -1999)
        #expect(Duration.milliseconds(1500).inSeconds == 1.5)
    }
}
