// Whatever is told in whatever order: telling it again changes nothing, and the store agrees with the double.

import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastStorage

@Suite struct PropertyTests {
    @Test(arguments: [1, 2, 3, 5, 8, 13] as [UInt64])
    func aRecordWrittenAgainAtOnceChangesNothing(_ seed: UInt64) throws {
        var random = Random(state: seed)
        let store = try Scene().open()
        for _ in 0..<40 {
            let record = random.record()
            try store.write(record)
            let before = try dump(store)
            try store.write(record)
            #expect(try dump(store) == before)
        }
    }

    @Test(arguments: [21, 34, 55, 89] as [UInt64])
    func theStoreAndTheDoubleTellTheSame(_ seed: UInt64) throws {
        var random = Random(state: seed)
        let store = try Scene().open()
        let double = RememberingHistory()
        for _ in 0..<60 {
            let record = random.record()
            try store.write(record)
            try double.write(record)
        }
        for list in [HistoryList.jobs, .tokens] {
            let theirs = try double.rows(of: list, filter: HistoryFilter(limit: 500))
            let ours = try store.rows(of: list, filter: HistoryFilter(limit: 500))
            let width = theirs.columns.count
            #expect(Set(ours.rows.map { Array($0.prefix(width)) }) == Set(theirs.rows))
        }
        for name in ["a", "b"] {
            let series = Random.job(name, run: "0").series
            let now = Scene.now.advanced(by: .seconds(5000))
            #expect(
                try Set(store.attempts(of: series, endedBefore: now, limit: 500))
                    == Set(double.attempts(of: series, endedBefore: now, limit: 500)))
        }
    }

    private func dump(_ store: SQLiteStore) throws -> [HistoryTable] {
        try HistoryList.allCases.map { try store.rows(of: $0, filter: HistoryFilter(limit: 1000)) }
    }
}

/// A repeatable source of records (SplitMix64).
private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    static func job(_ name: String, run: String) -> JobIdentity {
        JobIdentity(forge: "gitlab", server: "ci", project: "group/app", job: name, run: run)
    }

    private mutating func moment() -> Instant {
        Scene.now.advanced(by: .seconds(Int64.random(in: 0...4000, using: &self)))
    }

    private mutating func maybe<Value>(_ value: @autoclosure () -> Value) -> Value? {
        Bool.random(using: &self) ? value() : nil
    }

    mutating func record() -> RunRecord {
        let identity = Self.job(Bool.random(using: &self) ? "a" : "b", run: "\(Int.random(in: 0...9, using: &self))")
        let times = [moment(), moment(), moment()]
        let status = JobStatus.allCases.randomElement(using: &self)
        let update = JobUpdate(
            identity: identity, startedAt: maybe(times[0]), finishedAt: maybe(times[1]), status: maybe(status) ?? nil,
            decision: maybe(.sufficient), timeout: maybe(.seconds(900)),
            slot: maybe("\(times[0].seconds % 3)"), seenAt: times[2])
        let text = "glpat-" + String(repeating: "abc".randomElement(using: &self) ?? "a", count: 24)
        let token = Fingerprint(of: Secret(text), salt: [])
        let source = LifetimeSource.allCases.randomElement(using: &self) ?? .forge
        let expiry = [Expiry.at(times[1]), .never, .unknown].randomElement(using: &self) ?? .unknown
        let sighting = TokenSighting(
            fingerprint: token, credential: maybe("release"), kind: maybe("gitlab-project") ?? "opaque",
            forge: maybe("gitlab") ?? "generic", api: maybe("https://gitlab.example.com"), tokenID: maybe("12"),
            name: maybe("deploy"), scopes: maybe(["api"]),
            lifetime: Lifetime(expiry: expiry, source: source, checkedAt: maybe(times[2])),
            standing: maybe(.alive), clockSkew: nil)
        let events = [Event(at: times[2], event: "preflight", outcome: "ok", fingerprint: maybe(token))]
        return RunRecord(job: maybe(update), sightings: maybe([sighting]) ?? [], events: events)
    }
}
