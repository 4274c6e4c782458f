// Diagnoses beside their events, and what a later diagnosis asks of the tokens that a job had.

import GRDB
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastStorage

@Suite struct DiagnosisTests {
    private let diagnosis = Diagnosis(
        class: .authExpired, confidence: .medium, line: "fatal: no", advice: "renew", operation: .push)

    private func record(_ detail: String, at second: Int64, job: JobIdentity?) -> RunRecord {
        let moment = Scene.now.advanced(by: .seconds(second))
        let event = Event(
            at: moment, event: "failure", outcome: "auth_expired", fingerprint: HistoryRecords.token, detail: detail,
            isOnce: true, diagnosis: diagnosis, source: .exec)
        return RunRecord(job: job.map { JobUpdate(identity: $0, seenAt: moment) }, events: [event])
    }

    @Test func aDiagnosisIsStoredOnceWithItsEvent() throws {
        let store = try Scene().open()
        for job in [HistoryRecords.job, nil] {
            for (second, detail) in [(1, "a"), (2, "a"), (3, "b")] {
                try store.write(record(detail, at: Int64(second), job: job))
            }
        }
        let rows = try store.perform { try Row.fetchAll($0, sql: "SELECT * FROM v_auth_failures ORDER BY at") }
        #expect(rows.count == 4)
        let row = try #require(rows.first)
        let columns = ["class", "confidence", "line", "source", "operation", "credential_at_fault", "fingerprint"]
        let values = columns.map { (row[$0] as DatabaseValue).description }
        #expect(
            values == [
                "\"auth_expired\"", "\"medium\"", "\"fatal: no\"", "\"exec\"", "\"push\"", "1",
                "\"\(HistoryRecords.token.text)\"",
            ])
        let jobs = rows.map { $0["job_id"] as String? }
        #expect(Set(jobs) == [HistoryRecords.job.id, nil])
    }

    @Test func aDiagnosisGoesWithItsEvent() throws {
        let store = try Scene().open()
        try store.write(record("a", at: 1, job: HistoryRecords.job))
        try store.perform { try $0.execute(sql: "DELETE FROM events") }
        #expect(try store.perform { try Int64.fetchOne($0, sql: "SELECT count(*) FROM diagnoses") } == 0)
    }

    @Test func whatWasReplacedIsKnownFromTheJournal() throws {
        let store = try Scene().open()
        try store.write(HistoryRecords.full)
        let family = FamilyID(text: String(repeating: "a", count: 32))
        let entry = JournalEntry(
            family: family, generation: 1, method: "gitlab-rotate", credential: "release", state: .retired,
            intendedAt: Scene.now, requestTimeout: .seconds(60), changedAt: Scene.now,
            oldFingerprint: HistoryRecords.token, jobID: HistoryRecords.job.id)
        _ = try #require(store.renewals).apply(
            RenewalChange(journal: JournalRow(entry: entry, seal: [1])), to: family)
        let tokens = try store.tokensOfLastPreflight(HistoryRecords.job)
        #expect(tokens.map(\.fingerprint) == [HistoryRecords.token])
        #expect(tokens.first?.facts.rotatedAt == Scene.now)
    }

    @Test func theQuestionEntersLargeTablesByAnIndex() throws {
        let store = try Scene().open()
        let plan = try store.perform {
            try Row.fetchAll($0, sql: "EXPLAIN QUERY PLAN " + SQLiteStore.judged, arguments: ["x"]).map {
                $0[3] as String
            }
        }
        #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.contains("event_kinds") }, "\(plan)")
    }
}
