// The questions to a store: their plans, renewals around a job, and statements in the asker's own words.

import Foundation
import GRDB
import GRDBSQLite
import OutlastModel
import OutlastTestKit
import Synchronization
import Testing

@testable import OutlastStorage

@Suite struct AnswerTests {
    private static let scope = TokenScope(withoutKinds: ["a", "b"], limit: 9)

    /// Every statement with as many arguments as it takes.
    static let statements: [(name: String, sql: String)] = [
        ("a job by its id", CaseQuery.jobByID), ("the last job", CaseQuery.lastJob),
        ("the last job that failed", CaseQuery.lastFailedJob), ("the last failure", CaseQuery.lastJobWithFailure),
        ("events of a job", CaseQuery.events), ("tokens of a job", CaseQuery.tokens), ("users", CaseQuery.users),
        ("renewals", CaseQuery.renewals(2)), ("renewals without tokens", CaseQuery.renewals(0)),
        ("failures outside jobs", CaseQuery.heard(2)), ("failures like one", CaseQuery.failures),
        ("ends", EndQuery.ending(scope)), ("listed ends", EndQuery.listedEnding(scope)),
        ("no ends", EndQuery.endless(scope)), ("listed without end", EndQuery.listedEndless(scope)),
        ("days", EndQuery.days(scope)), ("jobs by status", CountQuery.jobs), ("decisions", CountQuery.decisions),
        ("failures by class", CountQuery.failures), ("renewals by state", CountQuery.renewals),
        ("tokens by kind", CountQuery.tokens), ("events", CountQuery.events),
        ("all failures", CountQuery.allFailures), ("all events", CountQuery.allEvents),
        ("listed tokens", ListQuery.listed(FilterParts(HistoryFilter()))),
        ("uses of jobs", ReportQuery.uses(2, withoutKinds: 2)), ("tokens by number", ReportQuery.tokens(2)),
        ("failures by day", ReportQuery.failures(of: nil)),
        ("failures of a series by day", ReportQuery.failures(of: "s.project = :project AND s.job = :job")),
    ]

    @Test("every question enters large tables by an index", arguments: statements.map(\.name))
    func plans(_ name: String) throws {
        let sql = try #require(Self.statements.first { $0.name == name }).sql
        let store = try Scene().open()
        // Nothing is bound: a plan does not depend on values.
        let plan = try store.perform { db in
            var statement: OpaquePointer?
            let code = sqlite3_prepare_v2(db.sqliteConnection, "EXPLAIN QUERY PLAN " + sql, -1, &statement, nil)
            #expect(code == SQLITE_OK)
            defer { sqlite3_finalize(statement) }
            var steps: [String] = []
            while sqlite3_step(statement) == SQLITE_ROW {
                steps.append(sqlite3_column_text(statement, 3).map { String(cString: $0) } ?? "")
            }
            return steps
        }
        #expect(!plan.isEmpty)
        let small = ["event_kinds", "SCAN k", "SCAN w", "SCAN (subquery", "SCAN p", "SCAN d", "CONSTANT ROW"]
        for step in plan where step.hasPrefix("SCAN") {
            // Walks of a whole index are those in its order, which a limit ends, and those of figures.
            let isOrdered = step.contains("USING INDEX") || step.contains("USING COVERING INDEX")
            #expect(isOrdered || small.contains { step.contains($0) }, "\(plan)")
        }
        let isLast = name.hasPrefix("the last job") || name.hasSuffix("ends")
        if isLast { #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)") }
    }

    @Test func renewalsAreThoseThatAJobBeganAndThoseOfItsTokens() throws {
        let store = try Scene().open()
        let double = RememberingRenewals()
        let history = RememberingHistory(renewals: double)
        let family = FamilyID(text: String(repeating: "a", count: 32))
        let tokens = (0..<4).map { Fingerprint(of: Secret("glpat-\($0)-0123456789012345678"), salt: []) }
        func entry(_ old: Int, _ new: Int?, job: String?, at second: Int64) -> JournalEntry {
            JournalEntry(
                family: family, generation: 1, method: "scripted", credential: "release",
                state: new == nil ? .refused : .retired, intendedAt: Scene.now,
                sentAt: Scene.now.advanced(by: .seconds(second)), requestTimeout: .seconds(60),
                changedAt: Scene.now.advanced(by: .seconds(second + 1)), oldFingerprint: tokens[old],
                newFingerprint: new.map { tokens[$0] }, jobID: job, detail: "told")
        }
        let entries = [
            entry(0, 1, job: HistoryRecords.job.id, at: 30), entry(1, 2, job: nil, at: 10),
            entry(3, nil, job: "elsewhere", at: 20), entry(2, nil, job: "elsewhere", at: 5),
        ]
        for one in [store as any HistoryStore, history] {
            try one.write(HistoryRecords.full)
            for entry in entries {
                _ = try #require(one.renewals).apply(
                    RenewalChange(journal: JournalRow(entry: entry, seal: [1])), to: family)
            }
            let found = try one.renewals(ofJob: HistoryRecords.job.id, tokens: [tokens[1], tokens[3]], limit: 9)
            #expect(found.map(\.old) == [tokens[1], tokens[3], tokens[0]].map(\.text))
            #expect(found.map(\.state) == [.retired, .refused, .retired])
            #expect(found.last?.job?.id == HistoryRecords.job.id && found.last?.new == tokens[1].text)
            #expect(found[1].jobID == "elsewhere" && found[1].job == nil && found[1].detail == "told")
            #expect(try one.renewals(ofJob: HistoryRecords.job.id, tokens: [], limit: 9).count == 1)
        }
    }

    private func question(_ statement: String, rows: Int = 10) -> FreeQuestion {
        FreeQuestion(statement: statement, rowLimit: rows) { false }
    }

    @Test(arguments: [
        "SELECT * FROM jobs", "SELECT count(*) FROM secrets", "SELECT 1 FROM sqlite_master", "SELECT * FROM members",
        "WITH v_jobs AS (SELECT * FROM secrets) SELECT * FROM v_jobs", "SELECT * FROM v_jobs, secrets",
        "SELECT * FROM v_jobs WHERE run IN (SELECT sealed FROM secrets)", "SELECT * FROM main.secrets",
        "SELECT * FROM temp.sqlite_master", "SELECT * FROM sqlite_schema", "SELECT * FROM pragma_table_info('jobs')",
        "SELECT * FROM pragma_database_list", "PRAGMA user_version", "PRAGMA writable_schema = 1",
        "SELECT count(*) FROM sqlite_master", "SELECT count(*) FROM main.sqlite_schema",
        "SELECT count(*) FROM pragma_table_list", "SELECT count(*) FROM PRAGMA_module_list",
        "SELECT count(*) FROM dbstat", "SELECT count(*) FROM sqlite_stmt", "SELECT count(*) FROM jobs",
        "PRAGMA query_only = 0", "PRAGMA journal_mode = DELETE", "ATTACH '/tmp/other.db' AS other", "DETACH main",
        "DELETE FROM v_jobs", "DELETE FROM jobs", "INSERT INTO jobs DEFAULT VALUES", "UPDATE jobs SET run = 1",
        "DROP VIEW v_jobs", "CREATE TABLE x(a)", "CREATE TEMP TABLE x(a)", "CREATE TEMP VIEW x AS SELECT 1",
        "VACUUM", "VACUUM INTO '/tmp/copy.db'", "BEGIN", "COMMIT", "SAVEPOINT x", "REINDEX", "ANALYZE",
        "SELECT 1; SELECT 2", "SELECT 1; DELETE FROM jobs", "SELECT 1;;PRAGMA user_version", "", " ", ";", "-- nothing",
        "SELECT load_extension('/tmp/x.so')", "EXPLAIN SELECT 1", "EXPLAIN QUERY PLAN SELECT 1",
        "SELECT nope FROM v_jobs",
        "SELECT", "nonsense", "SELECT 1\u{0}; DELETE FROM jobs", "SELECT randomblob(100000000)",
        "SELECT * FROM v_jobs UNION SELECT * FROM v_tokens", "SELECT ?", "SELECT edit('x')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/x', 'y')", "SELECT fts3_tokenizer('x')",
    ])
    func anythingButOneReadingStatementIsRefused(_ statement: String) throws {
        let scene = try Scene()
        let store = try scene.open()
        try store.write(HistoryRecords.full)
        for access in [StoreAccess.readOnly, .readWrite] {
            let opened = try scene.open(access: access)
            // A parameter that nobody binds is NULL, and reads nothing.
            if statement == "SELECT ?" {
                #expect(try opened.answer(question(statement)).table.rows == [[.null]])
            } else {
                #expect(failure { try opened.answer(question(statement)) }?.code == .usage, "\(statement)")
            }
            #expect(try opened.rows(of: .jobs, filter: .init()).rows.count == 1)
        }
    }

    @Test func theViewsAreReadWithValuesOfEverySort() throws {
        let scene = try Scene()
        let store = try scene.open()
        try store.write(HistoryRecords.full)
        let reader = try scene.open(access: .readOnly)
        for view in ["v_jobs", "v_tokens", "v_token_events", "v_rotations", "v_auth_failures"] {
            let all = try reader.answer(question("SELECT * FROM \(view)")).table
            let names = try store.perform {
                try Row.fetchAll($0, sql: "PRAGMA table_info(\(view))").map { $0[1] as String }
            }
            #expect(all.columns == names, "\(view)")
            let count = try reader.answer(question("SELECT count(*) FROM \(view) -- all")).table.rows
            #expect(count == [[.integer(Int64(all.rows.count))]])
        }
        let sorts = try reader.answer(question("SELECT 1 AS a, 1.5, 'x', NULL, x'00ff', '' ;")).table
        #expect(sorts.columns.first == "a" && sorts.rows == [[1, .number(1.5), "x", nil, "00ff", ""]])
        let join = "SELECT j.run, e.event FROM v_jobs j JOIN v_token_events e USING (job_id) WHERE e.outcome <> 'x'"
        #expect(try !reader.answer(question(join)).table.rows.isEmpty)
        for (statement, row) in [
            ("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 9) SELECT count(*) FROM c", 9),
            ("WITH c AS (SELECT 1) SELECT count(*) FROM c", 1), ("SELECT count(*) FROM V_JOBS", 1),
            ("SELECT count(*) FROM (SELECT 1) AS odd", 1), ("SELECT 7 FROM v_jobs", 7),
        ] as [(String, Int64)] {
            #expect(try reader.answer(question(statement)).table.rows == [[.integer(row)]], "\(statement)")
        }
        let nested = "WITH a AS (SELECT run FROM v_jobs), v_jobs AS (SELECT 7 AS run) SELECT * FROM v_jobs"
        #expect(try reader.answer(question(nested)).table.rows == [[7]])
    }

    @Test func rowsBeyondTheLimitAreLeftOutAndSaidSo() throws {
        let store = try Scene().open()
        let endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c"
        let cut = try store.answer(question(endless, rows: 3))
        #expect(cut.isCut && cut.table.rows == [[1], [2], [3]])
        let whole = try store.answer(question("VALUES (1), (2), (3)", rows: 3))
        #expect(!whole.isCut && whole.table.rows.count == 3)
    }

    @Test(arguments: ["max(n)", "count(*)"]) func aStatementThatTakesTooLongIsStopped(_ what: String) throws {
        let store = try Scene().open()
        let asked = Mutex(0)
        let endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT \(what) FROM c"
        let question = FreeQuestion(statement: endless, rowLimit: 9) {
            asked.withLock { count in
                count += 1
                return count > 5
            }
        }
        let refusal = try #require(failure { try store.answer(question) })
        #expect(refusal.code == .usage && refusal.message.contains("too long") && asked.withLock { $0 } == 6)
        // The connection goes on working.
        #expect(try store.rows(of: .jobs, filter: .init()).rows.isEmpty)
        try store.write(HistoryRecords.full)
    }
}
