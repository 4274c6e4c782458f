// What every history store must do, whatever it is made of. A store's tests run each rule against a fresh, empty store:
//
//     @Test(arguments: HistoryStoreConformance.rules)
//     func keepsTheRules(_ rule: HistoryRule) throws { try rule.check(makeStore()) }

public import OutlastModel

/// One rule, by name.
public struct HistoryRule: Sendable, CustomStringConvertible {
    /// What a store that keeps the rule does.
    public let name: String
    /// Tries it on a fresh, empty store; throws a `Complaint` where the store breaks the rule.
    public let check: @Sendable (any HistoryStore) throws -> Void

    /// The name.
    public var description: String { name }

    init(_ name: String, _ check: @escaping @Sendable (any HistoryStore) throws -> Void) {
        self.name = name
        self.check = check
    }
}

/// How a store broke a rule.
public struct Complaint: Error, CustomStringConvertible {
    /// What was expected, and what came.
    public let description: String
}

/// The rules of `HistoryStore`.
public enum HistoryStoreConformance {
    /// All of them.
    public static let rules: [HistoryRule] =
        jobRules + attemptRules + tokenRules + listRules + caseRules + endRules + logRules

    /// Complains when two values differ.
    static func expect<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
        guard found == expected else { throw Complaint(description: "\(what): expected \(expected), found \(found)") }
    }

    /// The cell of a row by the name of its column.
    static func cell(_ table: HistoryTable, _ row: Int, _ column: String) throws -> JSONValue {
        guard let index = table.columns.firstIndex(of: column) else {
            throw Complaint(description: "there is no column \(column)")
        }
        guard table.rows.indices.contains(row) else { throw Complaint(description: "there is no row \(row)") }
        return table.rows[row][index]
    }

    /// All cells of a column.
    static func cells(_ table: HistoryTable, _ column: String) throws -> [JSONValue] {
        try table.rows.indices.map { try cell(table, $0, column) }
    }

    static let midnight = Instant(seconds: 1_795_132_800)

    static func at(_ seconds: Int64) -> Instant { Instant(seconds: midnight.seconds + seconds) }

    static func job(_ name: String = "build", run: String = "1", project: String = "group/app", server: String = "ci")
        -> JobIdentity
    {
        JobIdentity(forge: "gitlab", server: server, project: project, job: name, run: run)
    }

    static func started(_ identity: JobIdentity, at second: Int64, timeout: Duration? = nil, slot: String? = nil)
        -> RunRecord
    {
        RunRecord(
            job: JobUpdate(
                identity: identity, startedAt: at(second), status: .running, timeout: timeout, slot: slot,
                seenAt: at(second)),
            events: [Event(at: at(second), event: "start", outcome: "ok")])
    }

    static func finished(_ identity: JobIdentity, at second: Int64, _ status: JobStatus = .success) -> RunRecord {
        RunRecord(
            job: JobUpdate(identity: identity, finishedAt: at(second), status: status, seenAt: at(second)),
            events: [Event(at: at(second), event: "finish", outcome: status.rawValue)])
    }

    static func run(_ store: any HistoryStore, _ identity: JobIdentity, from start: Int64, to end: Int64) throws {
        try store.write(started(identity, at: start))
        try store.write(finished(identity, at: end))
    }

    static func token(_ text: String = "glpat-aaaaaaaaaaaaaaaaaaaaaaaa") -> Fingerprint {
        Fingerprint(of: Secret(text), salt: [])
    }

    static func sighting(
        _ token: Fingerprint, credential: String? = "release", api: String? = "https://gitlab.example.com",
        lifetime: Lifetime, standing: TokenStanding? = nil
    ) -> TokenSighting {
        TokenSighting(
            fingerprint: token, credential: credential, kind: "gitlab-project", forge: "gitlab", api: api,
            tokenID: "12", name: "deploy", scopes: ["api", "write_repository"], lifetime: lifetime, standing: standing,
            clockSkew: standing == nil ? nil : .seconds(3))
    }

    static func told(_ expiry: Expiry, at second: Int64) -> Lifetime {
        Lifetime(expiry: expiry, source: .forge, checkedAt: at(second))
    }
}
