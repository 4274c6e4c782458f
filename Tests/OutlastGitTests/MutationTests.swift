// Whatever is done to an output, its diagnosis comes, in time, as safe text; and bytes that get lost blame nobody.

import OutlastGit
import OutlastModel
import OutlastTestKit
import Testing

@Suite("Diagnosis of damaged output")
struct MutationTests {
    @Test("10,000 mutations of samples end with a diagnosis that may be shown")
    func mutations() throws {
        var random = SeededRandom(seed: 4)
        let samples = Sample.all.map(\.bytes).filter { !$0.isEmpty }
        for _ in 0..<10_000 {
            var bytes = try #require(samples.randomElement(using: &random))
            for _ in 0...Int.random(in: 0...5, using: &random) { Self.mutate(&bytes, &random, others: samples) }
            let diagnosis = Sample.diagnostician.diagnose(bytes)
            if let line = diagnosis.line {
                #expect(line.utf8.count <= 500 && !line.unicodeScalars.contains(where: SafeText.isUnsafe))
            }
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom, others: [[UInt8]]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
        case 1 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...30, using: &random)))
        case 3: bytes += others.randomElement(using: &random) ?? []
        case 4: bytes.insert(contentsOf: [0x1B, 0x5B, 0x33], at: place)
        default: bytes.insert(contentsOf: bytes[place...].prefix(200), at: 0)
        }
    }

    @Test("an output that blames no credential blames none when bytes of it are lost")
    func deletions() throws {
        var random = SeededRandom(seed: 5)
        let samples = Sample.all.filter { $0.diagnosis.credentialAtFault == false }
        #expect(samples.count > 40)
        for _ in 0..<5_000 {
            let sample = try #require(samples.randomElement(using: &random))
            var bytes = sample.bytes
            for _ in 0...Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
            }
            let diagnosis = Sample.diagnostician.diagnose(bytes)
            #expect(diagnosis.credentialAtFault != true, "\(sample.testDescription) \(diagnosis)")
        }
    }

    @Test("the work is bounded by the end that is looked at", .timeLimit(.minutes(2)))
    func bounded() {
        for line in ["\n", "a\n", "fatal: \n", "remote: x\n", "error: \u{1B}[", "\u{1B}]", "! [\n", "@ \r"] {
            let bytes = [UInt8](repeating: 0, count: 0) + Array(String(repeating: line, count: 100_000).utf8)
            _ = Sample.diagnostician.diagnose(bytes)
        }
    }
}
