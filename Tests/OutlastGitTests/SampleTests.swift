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

    @Test("the second collection, in two halves", arguments: Sample.Half.allCases)
    func recorded(_ half: Sample.Half) {
        let samples = Sample.recorded.filter { $0.half == half }
        #expect(samples.count > 40)
        let table = ConfusionTable(samples)
        print("The \(half.rawValue) half of the second collection: \(table)")
        #expect(table.mistakes == [])
    }

    @Test("no failure that is not about credentials is called one that is, and the other way round")
    func blame() {
        for sample in Sample.all {
            let wanted = sample.classes.compactMap(\.credentialAtFault)
            guard wanted.count == sample.classes.count, Set(wanted).count == 1 else { continue }
            #expect(sample.diagnosis.credentialAtFault == wanted.first, "\(sample.testDescription)")
        }
    }

    @Test(
        "what is said of a sample fits its command",
        arguments: [
            ("forge-dying-push.txt", GitOperation.push), ("forge-dying-clone.txt", .clone), ("fetch-first.txt", .push),
            ("20.txt", .clone), ("31.txt", .push),
        ])
    func operations(_ name: String, _ operation: GitOperation) throws {
        let sample = try #require(Sample.all.first { $0.name == name })
        #expect(sample.diagnosis.operation == operation)
    }
}
