// Stores what forges' logs tell: an event with its diagnosis for each line that is new.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Stores refusals that a log tells, in one transaction; see `HistoryExchange`.
    public func write(_ failures: [LoggedFailure], from source: String) throws(Failure) -> ImportCount {
        try requireWriting()
        let count = try perform { db in
            var count = ImportCount()
            try db.inTransaction(.immediate) {
                let writer = try LogFailureWriter(db, source: source)
                for failure in failures { try writer.write(failure, &count) }
                return .commit
            }
            return count
        }
        settleLongLog()
        return count
    }

    /// Refuses to write to a store that was opened for reading.
    func requireWriting() throws(Failure) {
        guard access == .readWrite else {
            throw .state("the state store \(place.shown) was opened for reading only", hint: "open it for writing")
        }
    }
}

/// Writes within one transaction, and remembers what it has looked up.
final class LogFailureWriter {
    private struct Place: Hashable {
        let at: Int64
        let kind: Int64
        let token: Int64?
    }

    private struct TokenName: Hashable {
        let forge: String
        let host: String?
        let id: String
        let kinds: [String]
    }

    private let db: Database
    private let source: String
    private let findLine: Statement
    private let insertEvent: Statement
    private let insertDiagnosis: Statement
    private let insertLine: Statement
    private var kinds: [String: Int64] = [:]
    private var tokens: [TokenName: Int64?] = [:]
    private var taken: [Place: Int64] = [:]

    init(_ db: Database, source: String) throws {
        self.db = db
        self.source = source
        findLine = try db.cachedStatement(
            sql: """
                SELECT l.event_id, e.token_id FROM log_lines l JOIN events e ON e.id = l.event_id
                WHERE l.line_key = ?
                """)
        insertEvent = try db.cachedStatement(
            sql: """
                INSERT INTO events(at, kind_id, job_id, series_id, token_id, code, detail)
                VALUES (?, ?, NULL, NULL, ?, 0, ?) ON CONFLICT DO NOTHING
                """)
        insertDiagnosis = try db.cachedStatement(
            sql: """
                INSERT INTO diagnoses(event_id, class, confidence, line, source, operation, credential_at_fault)
                VALUES (?, ?, ?, ?, ?, NULL, ?)
                """)
        insertLine = try db.cachedStatement(
            sql: "INSERT INTO log_lines(line_key, event_id, forge, host, forge_id) VALUES (?, ?, ?, ?, ?)")
    }

    /// Stores one line, unless it is stored, and finds its token.
    func write(_ failure: LoggedFailure, _ count: inout ImportCount) throws {
        try write(failure, token: try token(of: failure), &count)
    }

    /// Stores one line, unless it is stored.
    func write(_ failure: LoggedFailure, token: Int64?, _ count: inout ImportCount) throws {
        if token != nil { count.joined += 1 }
        if let row = try findLine.firstRow([failure.key.databaseBlob]) {
            count.known += 1
            guard let token, let event = row.integer(0), row.integer(1) == nil else { return }
            try db.cachedStatement(sql: "UPDATE OR IGNORE events SET token_id = ? WHERE id = ?")
                .execute(arguments: [token, event])
            return
        }
        let event = try insert(failure, kind: try kind(of: failure), token: token)
        let atFault = failure.class.credentialAtFault.flatMap { $0 && failure.confidence == .low ? nil : $0 }
        try insertDiagnosis.execute(arguments: [
            event, failure.class.rawValue, failure.confidence.rawValue, failure.line, source,
            atFault.map { $0 ? 1 : 0 },
        ])
        try insertLine.execute(arguments: [
            failure.key.databaseBlob, event, failure.forge, failure.host, failure.tokenID,
        ])
        count.added += 1
    }

    /// Two refusals of one token within one millisecond are two all the same: the later one is kept at the next
    /// millisecond that is free. Where very many share one moment, steps double, so that finding a place stays cheap.
    private func insert(_ failure: LoggedFailure, kind: Int64, token: Int64?) throws -> Int64 {
        let place = Place(at: failure.at.milliseconds, kind: kind, token: token)
        var offset = taken[place] ?? 0
        var step: Int64 = 1
        while true {
            try insertEvent.execute(arguments: [place.at &+ offset, kind, token, failure.line])
            if db.changesCount > 0 { break }
            offset += step
            step *= 2
        }
        if offset > 0 { taken[place] = offset + 1 }
        return db.lastInsertedRowID
    }

    private func kind(of failure: LoggedFailure) throws -> Int64 {
        if let known = kinds[failure.class.rawValue] { return known }
        let number = try db.number(
            "SELECT id FROM event_kinds WHERE outcome = ? AND event = ?",
            orInsert: "INSERT INTO event_kinds(outcome, event) VALUES (?, ?)", [failure.class.rawValue, "failure"])
        kinds[failure.class.rawValue] = number
        return number
    }

    /// The token that the line is about: of several with the same number the one last seen.
    private func token(of failure: LoggedFailure) throws -> Int64? {
        guard let id = failure.tokenID, let host = failure.host else { return nil }
        let name = TokenName(forge: failure.forge, host: host, id: id, kinds: failure.kinds)
        if let known = tokens[name] { return known }
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT id, kind, api FROM tokens INDEXED BY tokens_by_number
                    WHERE forge_id = ? AND forge = ? ORDER BY last_seen_at DESC LIMIT 100
                    """), arguments: [id, failure.forge])
        let found = rows.first { row in
            failure.kinds.contains(row.text(1) ?? "")
                && row.text(2).flatMap { ServerURL($0) }?.origin.host.lowercased() == host
        }
        // A hostile log names very many tokens that nobody knows.
        if tokens.count > 10_000 { tokens.removeAll() }
        tokens[name] = .some(found?.integer(0))
        return found?.integer(0)
    }
}
