// The schema that is frozen, and the plans that it must give.

import Foundation
import GRDB
import OutlastModel
import Testing

@testable import OutlastStorage

@Suite struct SchemaTests {
    @Test func migrationsMakeExactlyTheObjectsThatOpeningsCompareWith() throws {
        let store = try Scene().open()
        let found = try store.perform { db in
            try Row.fetchAll(
                db, sql: "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            ).map { SchemaObject(type: $0[0], name: $0[1], table: $0[2], sql: $0[3]) }
        }
        #expect(Set(found) == Set(Schema.objects))
        #expect(
            try store.perform { try String.fetchAll($0, sql: "SELECT name FROM migrations ORDER BY version") }
                == Schema.migrations.map(\.name))
    }

    /// A migration that was released is never edited: stores made by it are compared letter by letter. This changes
    /// only when one is added.
    @Test func releasedMigrationsAreFrozen() {
        let digests = Schema.migrations.map { migration in
            SHA256Digest(hashing: migration.statements.joined(separator: ";\n").utf8).hex.prefix(16)
        }
        #expect(
            digests == [
                "8bc45cdc4bba678c", "5382f6870fc89c8a", "7490113e2a0a0c8d", "6be5f855718dbd2d", "7b214aa07f5362e5",
                "c710dcbf259721c3",
            ])
    }

    @Test func viewsHaveTheContractsColumnsFirst() throws {
        let expected = [
            "v_jobs": "job_id forge project job run attempt status started_at finished_at duration_s decision",
            "v_tokens":
                "fingerprint family generation credential kind forge token_id name scopes expires_at first_seen_at "
                + "last_seen_at",
            "v_token_events": "at fingerprint job_id event outcome detail",
            "v_rotations": "at credential method state old_fingerprint new_fingerprint job_id",
            "v_auth_failures": "at job_id fingerprint class line confidence source",
        ]
        let store = try Scene().open()
        for (view, columns) in expected {
            let found = try store.perform {
                try Row.fetchAll($0, sql: "PRAGMA table_info(\(view))").map { $0[1] as String }
            }
            let names = columns.split(separator: " ").map(String.init)
            #expect(Array(found.prefix(names.count)) == names)
        }
    }

    @Test func listsSayWhatTheViewsSay() throws {
        let store = try Scene().open()
        try store.write(HistoryRecords.full)
        let family = FamilyID(text: String(repeating: "a", count: 32))
        let entry = JournalEntry(
            family: family, generation: 1, method: "gitlab-rotate", credential: "release", state: .received,
            intendedAt: Scene.now, requestTimeout: .seconds(60), changedAt: Scene.now,
            oldFingerprint: HistoryRecords.token, jobID: HistoryRecords.job.id)
        _ = try #require(store.renewals).apply(
            RenewalChange(journal: JournalRow(entry: entry, seal: [1])), to: family)
        for (list, view) in [
            (HistoryList.jobs, "v_jobs"), (.tokens, "v_tokens"), (.events, "v_token_events"),
            (.rotations, "v_rotations"),
        ] {
            let table = try store.rows(of: list, filter: .init())
            let order = list == .events ? "ORDER BY at DESC, event DESC" : ""
            let rows = try store.perform { try Row.fetchAll($0, sql: "SELECT * FROM \(view) \(order)") }
            #expect(rows.first.map { Array($0.columnNames) } == table.columns)
            let texts = rows.map { row in table.columns.indices.map { text(row[$0] as DatabaseValue) } }
            #expect(texts == table.rows.map { $0.map(text) })
        }
    }

    private static let filters: [HistoryFilter] = {
        var filters = [HistoryFilter()]
        for project in [nil, "p"] {
            for job in [nil, "j"] {
                for status in [nil, "s"] {
                    for token in [nil, "t"] {
                        filters.append(
                            HistoryFilter(project: project, job: job, status: status, token: token, limit: 50))
                        filters.append(
                            HistoryFilter(
                                since: Scene.now, project: project, job: job, status: status, token: token, limit: 50))
                    }
                }
            }
        }
        return filters
    }()

    @Test(arguments: HistoryList.allCases, filters)
    func everyListEntersLargeTablesByAnIndex(_ list: HistoryList, _ filter: HistoryFilter) throws {
        let store = try Scene().open()
        let query = ListQuery(list, filter)
        let plan = try plan(store, query.sql, query.arguments)
        let isNarrow = (filter.project ?? filter.job ?? filter.status ?? filter.token) != nil
        // `p` is what was picked already.
        for step in plan where step.hasPrefix("SCAN") && !step.hasPrefix("SCAN (subquery") && step != "SCAN p" {
            // An ordered walk with a limit is what an unfiltered list wants; any other scan is a mistake.
            #expect(!isNarrow && step.contains("USING INDEX"), "\(plan)")
        }
        if isNarrow { return }
        #expect(!plan.contains { $0.contains("TEMP B-TREE FOR ORDER BY") }, "\(plan)")
    }

    @Test func attemptsAreReadFromTheIndexInItsOrder() throws {
        let store = try Scene().open()
        let entry = "SEARCH x USING COVERING INDEX jobs_attempts (series_id=? AND started_at<?)"
        for sql in [AttemptQuery.endedOfSeries, AttemptQuery.endedOfOthers] {
            let plan = try plan(store, sql, ["p", "j", "f", "s", "", 1, 9])
            #expect(plan.contains { $0.contains(entry) } && !plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
            // Of one series nothing is sorted.
            #expect(sql != AttemptQuery.endedOfSeries || !plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        }
        for sql in [AttemptQuery.overdueOfSeries, AttemptQuery.overdueOfOthers] {
            let plan = try plan(store, sql, ["p", "j", "f", "s", "", 1, 9])
            #expect(plan.contains { $0.contains("jobs_running (series_id=? AND deadline_at<?)") }, "\(plan)")
            #expect(!plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
        }
    }

    @Test(arguments: ExportList.all.map(\.sql))
    func exportsWalkOneTableInItsOrder(_ sql: String) throws {
        let plan = try plan(Scene().open(), sql, [])
        #expect(plan.count { $0.hasPrefix("SCAN") } == 1 && plan.first?.hasPrefix("SCAN") == true, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") || $0.contains("AUTOMATIC") }, "\(plan)")
    }

    @Test(arguments: [
        "SELECT * FROM jobs WHERE job_key = 'x'", "SELECT * FROM tokens WHERE digest = x''",
        "SELECT * FROM events WHERE job_id = 1 ORDER BY at", "SELECT * FROM tokens WHERE expires_at BETWEEN 1 AND 2",
        "SELECT * FROM tokens WHERE expiry = 'never' ORDER BY last_seen_at DESC",
        "SELECT series_id FROM token_series WHERE token_id = 1", "SELECT token_id FROM uses WHERE job_id = 1",
        "SELECT * FROM jobs WHERE status = 'failed' ORDER BY begun_at DESC LIMIT 1",
    ])
    func laterQuestionsHaveTheirIndex(_ sql: String) throws {
        let plan = try plan(Scene().open(), sql, [])
        #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") || $0.hasSuffix("tokens_without_end") }, "\(plan)")
    }

    private func plan(_ store: SQLiteStore, _ sql: String, _ arguments: StatementArguments) throws -> [String] {
        try store.perform { try Row.fetchAll($0, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0[3] } }
    }

    private func text(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: "null"
        case .int64(let number): "\(number)"
        case .string(let text): text
        default: "?"
        }
    }

    private func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .array(let elements): elements.compactMap(\.text).joined(separator: " ")
        default: value.encoded
        }
    }
}
