import OutlastModel
import Testing

@Suite struct CivilDateTests {
    @Test(arguments: [
        ("1970-01-01", 0), ("1970-01-02", 1), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2000-03-01", 11_017),
        ("1900-03-01", -25_508), ("2100-02-28", 47_540), ("2100-03-01", 47_541), ("0000-03-01", -719_468),
        ("9999-12-31", 2_932_896),
    ])
    func countsDays(text: String, days: Int64) {
        #expect(CivilDate(text: text)?.daysSinceEpoch == days)
        #expect(CivilDate(daysSinceEpoch: days).text == text)
    }

    @Test(arguments: [
        "", "2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32", "2026-04-31", "2026-02-29", "1900-02-29",
        "2026-1-1",
        "2026/01/01", "2026-01-01 ", "2026-01-01T00:00:00Z", "-001-01-01",
    ])
    func refusesDaysThatAreNoneOrWrittenOtherwise(text: String) {
        #expect(CivilDate(text: text) == nil)
    }

    @Test func goesOnDayByDayThroughFourCenturies() throws {
        var expected = try #require(CivilDate(year: 1600, month: 1, day: 1))
        for year in 1600..<2001 {
            for month in 1...12 {
                for day in 1...31 {
                    guard let date = CivilDate(year: year, month: month, day: day) else { continue }
                    #expect(date == expected)
                    #expect(date.components == (year, month, day))
                    expected = expected.adding(days: 1)
                }
            }
        }
        #expect(expected.text == "2001-01-01")
    }

    @Test func beginsAtMidnight() throws {
        let date = try #require(CivilDate(text: "2026-11-20"))
        #expect(date.midnight.text == "2026-11-20T00:00:00Z")
        #expect(date.adding(days: 11) == CivilDate(text: "2026-12-01"))
        #expect(date < date.adding(days: 1))
    }
}
