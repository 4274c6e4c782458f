// What a page about the history asks of a store: jobs as values, which tokens they used, failures by day.

import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastStorage

@Suite("Questions of the page")
struct ReportQueryTests {
    private static func at(_ second: Int64) -> Instant { Instant(seconds: 1_700_000_000 + second) }

    private static func identity(_ job: String, _ run: Int) -> JobIdentity {
        JobIdentity(forge: "f", server: "s", project: "p", job: job, run: "\(run)")
    }

    private static func fingerprint(_ name: String) -> Fingerprint {
        Fingerprint(of: Secret("token-\(name)-0123456789012345678901"), salt: [])
    }

    private static func sighting(_ name: String, kind: String = "k") -> TokenSighting {
        TokenSighting(
            fingerprint: fingerprint(name), credential: name, kind: kind, forge: "f", api: nil, tokenID: nil, name: nil,
            scopes: nil, lifetime: .unknown, standing: nil, clockSkew: nil)
    }

    private static func write(
        _ store: any HistoryStore, _ job: String, _ run: Int, tokens: [TokenSighting], failing: FailureClass? = nil
    ) throws {
        let start = at(Int64(run) * 3600)
        let diagnosis = failing.map { Diagnosis(class: $0, confidence: .high, line: "", advice: "", operation: .push) }
        let events = diagnosis.map {
            [Event(at: start, event: "failure", outcome: "x", detail: "\(run)", diagnosis: $0)]
        }
        try store.write(
            RunRecord(
                job: JobUpdate(
                    identity: identity(job, run), startedAt: start, finishedAt: start.advanced(by: .seconds(60)),
                    status: failing == nil ? .success : .failed, seenAt: start),
                sightings: tokens, events: events ?? []))
    }

    private static func filled() throws -> any HistoryStore {
        let store = try Scene().open()
        for run in 0..<450 {
            try write(
                store, run % 2 == 0 ? "even" : "odd", run,
                tokens: [sighting("t\(run % 3)"), sighting("own \(run)", kind: "job")])
        }
        try write(store, "odd", 451, tokens: [sighting("t0")], failing: .dns)
        try write(store, "even", 452, tokens: [], failing: .dns)
        try write(store, "even", 500, tokens: [], failing: .authExpired)
        return store
    }

    @Test("jobs come newest first, of all or of one name, and no more than asked for")
    func jobs() throws {
        let store = try Self.filled()
        let newest = try store.jobs(HistoryFilter(limit: 3))
        #expect(newest.map(\.run) == ["500", "452", "451"] && newest.first?.status == .failed)
        #expect(try store.jobs(HistoryFilter(job: "odd", limit: 2)).map(\.run) == ["451", "449"])
        #expect(
            try store.jobs(HistoryFilter(since: Self.at(449 * 3600), until: Self.at(452 * 3600), limit: 9)).count == 2)
        #expect(try store.jobs(HistoryFilter(project: "other", limit: 9)).isEmpty)
    }

    @Test("many jobs' tokens come once each, without the kinds that are left out, with every use")
    func uses() throws {
        let store = try Self.filled()
        let jobs = try store.jobs(HistoryFilter(limit: 1000))
        let (tokens, uses) = try store.uses(by: jobs, withoutKinds: ["job", "none"])
        #expect(Set(tokens.map(\.credential)) == ["t0", "t1", "t2"] && tokens.count == 3)
        #expect(uses.count == 451 && uses.filter { $0.mark == Self.fingerprint("t0").text }.count == 151)
        let all = try store.uses(by: jobs, withoutKinds: [])
        #expect(all.tokens.count == 453 && all.uses.count == 901)
        let none = try store.uses(by: [], withoutKinds: [])
        #expect(none.tokens.isEmpty && none.uses.isEmpty)
    }

    @Test("failures are counted by day and class, of all or of one job")
    func failures() throws {
        let store = try Self.filled()
        let (from, to) = (Self.at(0), Self.at(1000 * 3600))
        let all = try store.failuresByDay(from: from, to: to, project: nil, job: nil)
        let day = Self.at(451 * 3600).day
        #expect(Self.at(452 * 3600).day == day)
        #expect(
            all == [
                FailureDay(day: day, class: "dns", count: 2),
                FailureDay(day: Self.at(500 * 3600).day, class: "auth_expired", count: 1),
            ])
        let odd = try store.failuresByDay(from: from, to: to, project: "p", job: "odd")
        #expect(odd == [FailureDay(day: day, class: "dns", count: 1)])
        #expect(try store.failuresByDay(from: from, to: Self.at(9), project: nil, job: nil).isEmpty)
        #expect(try store.failuresByDay(from: from, to: to, project: "other", job: nil).isEmpty)
    }
}
