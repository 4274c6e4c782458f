// The calendar underneath everything.
import OutlastSandbox
import Testing

@Suite struct SandboxTimeTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-20T22:10:00Z", 1_795_212_600), ("2028-02-29T23:59:59Z", 1_835_481_599),
        ("2026-11-20T22:10:00.123Z", 1_795_212_600), ("2026-11-20T23:10:00+01:00", 1_795_212_600),
        ("2026-11-21", 1_795_219_200), ("1969-12-31T23:59:59Z", -1),
    ])
    func timesAreRead(text: String, seconds: Int) {
        #expect(SandboxInstant(text)?.seconds == seconds)
    }

    @Test(arguments: ["", "2026-02-29", "2026-13-01", "2026-1-01", "20261120", "2026-11-20T25:00:00Z", "now"])
    func nonsenseIsNoTime(text: String) {
        #expect(SandboxInstant(text) == nil)
    }

    @Test func everyDayOfFourCenturiesComesBackFromItsText() {
        for number in stride(from: -60_000, to: 146_097, by: 1) {
            let day = SandboxDay(number: number)
            guard SandboxDay(day.text) != day else { continue }
            Issue.record("\(number) is printed as \(day.text)")
            return
        }
    }

    @Test func jsonKeepsOrderAndSurvivesItsOwnText() {
        let text = #"{"b":[1,-2,3.5,true,null],"a":{"x":"\"\\\n\u0001é😀"},"a2":""}"#
        let value = SandboxJSON(parsing: text)
        #expect(value?.text == text)
        #expect(SandboxJSON(parsing: #""\ud83d\ude00""#)?.string == "😀")
        for bad in ["", "{", "[1,]", "{\"a\" 1}", "tru", "1 2", "\"\\x\"", "\"a", String(repeating: "[", count: 100)] {
            #expect(SandboxJSON(parsing: bad) == nil)
        }
    }
}
