// Recorded output of real programs gets the class that its situation has.

import OutlastGit
import OutlastModel
import Testing

@Suite("Diagnosis of recorded output")
struct SampleTests {
    @Test("the first collection, in two halves", arguments: Sample.Half.allCases)
    func halves(_ half: Sample.Half) {
        let samples = Sample.given.filter { $0.half == half }
        #expect(samples.count > 15)
        let table = ConfusionTable(samples)
        print("The \(half.rawValue) half of the first collection: \(table)")
        #expect(table.mistakes == [])
    }
}
