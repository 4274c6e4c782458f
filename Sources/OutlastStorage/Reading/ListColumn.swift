// The columns of the public lists: the same names and values as in the public views, made from the base tables, since a
// view of a newer version may be another one.

internal import GRDB
internal import OutlastModel

/// A column of a list.
struct ListColumn {
    /// How a stored value is shown.
    enum Form { case text, integer, moment, seconds, scopes }

    let name: String
    /// The stored value.
    let source: String
    let form: Form

    /// What a statement selects for a list.
    static func selection(of list: HistoryList) -> String {
        columns(of: list).map(\.source).joined(separator: ", ")
    }

    /// The value of a cell.
    func value(of row: Row, at index: Int) -> JSONValue {
        switch form {
        case .text: JSONValue(row.text(index))
        case .integer: JSONValue(row.integer(index))
        case .moment: JSONValue(row.integer(index).map(Instant.init(milliseconds:)))
        case .seconds: JSONValue(row.integer(index).map { $0 / 1000 })
        case .scopes: row.scopes(index).map { .array($0.map(JSONValue.string)) } ?? .null
        }
    }

    /// The columns of a list, in order.
    static func columns(of list: HistoryList) -> [ListColumn] {
        switch list {
        case .jobs: jobs
        case .tokens: tokens
        case .events: events
        case .rotations: rotations
        }
    }

    private init(_ name: String, _ source: String, _ form: Form) {
        self.name = name
        self.source = source
        self.form = form
    }

    private static let jobs = [
        ListColumn("job_id", "j.job_key", .text), ListColumn("forge", "s.forge", .text),
        ListColumn("project", "s.project", .text), ListColumn("job", "s.job", .text),
        ListColumn("run", "j.run", .text), ListColumn("attempt", "j.attempt", .integer),
        ListColumn("status", "j.status", .text), ListColumn("started_at", "j.started_at", .moment),
        ListColumn("finished_at", "j.finished_at", .moment), ListColumn("duration_s", "j.duration_ms", .seconds),
        ListColumn("decision", "j.decision", .text), ListColumn("server", "s.server", .text),
        ListColumn("leg", "j.leg", .text), ListColumn("timeout_s", "j.timeout_ms", .seconds),
        ListColumn("last_seen_at", "j.last_seen_at", .moment),
    ]

    private static let tokens = [
        ListColumn("fingerprint", "t.fingerprint", .text), ListColumn("family", "t.family", .text),
        ListColumn("generation", "t.generation", .integer), ListColumn("credential", "t.credential", .text),
        ListColumn("kind", "t.kind", .text), ListColumn("forge", "t.forge", .text),
        ListColumn("token_id", "t.forge_id", .text), ListColumn("name", "t.name", .text),
        ListColumn("scopes", "t.scopes", .scopes), ListColumn("expires_at", "t.expires_at", .moment),
        ListColumn("first_seen_at", "t.first_seen_at", .moment), ListColumn("last_seen_at", "t.last_seen_at", .moment),
        ListColumn("expiry", "t.expiry", .text), ListColumn("source", "t.expiry_source", .text),
        ListColumn("standing", "t.standing", .text), ListColumn("checked_at", "t.checked_at", .moment),
        ListColumn("api", "t.api", .text), ListColumn("owner", Schema.owner, .text),
    ]

    /// The same for a token that is known from a forge's list alone.
    private static let listed = [
        Schema.listedMark, "NULL", "NULL", "NULL", "l.kind", "l.forge", "l.forge_id", "l.name", "l.scopes",
        "l.expires_at", "l.first_listed_at", "l.listed_at", "l.expiry", "'forge'", "l.standing", "l.listed_at", "l.api",
        "l.owner",
    ]

    /// What a statement selects for a listed token; the columns are those of tokens.
    static var listedSelection: String { listed.joined(separator: ", ") }

    private static let events = [
        ListColumn("at", "e.at", .moment), ListColumn("fingerprint", "t.fingerprint", .text),
        ListColumn("job_id", "j.job_key", .text), ListColumn("event", "k.event", .text),
        ListColumn("outcome", "k.outcome", .text), ListColumn("detail", "e.detail", .text),
        ListColumn("credential", "t.credential", .text), ListColumn("code", "e.code", .integer),
        ListColumn("project", "s.project", .text), ListColumn("job", "s.job", .text),
    ]

    /// Of `v_auth_failures`.
    static let failures = [
        ListColumn("at", "e.at", .moment), ListColumn("job_id", "j.job_key", .text),
        ListColumn("fingerprint", "t.fingerprint", .text), ListColumn("class", "d.class", .text),
        ListColumn("line", "d.line", .text), ListColumn("confidence", "d.confidence", .text),
        ListColumn("source", "d.source", .text), ListColumn("operation", "d.operation", .text),
        ListColumn("credential_at_fault", "d.credential_at_fault", .integer),
        ListColumn("credential", "t.credential", .text), ListColumn("project", "s.project", .text),
        ListColumn("job", "s.job", .text),
    ]

    private static let rotations = [
        ListColumn("at", "r.changed_at", .moment), ListColumn("credential", "r.credential", .text),
        ListColumn("method", "r.method", .text), ListColumn("state", "r.state", .text),
        ListColumn("old_fingerprint", Schema.fingerprint("r.old_digest"), .text),
        ListColumn("new_fingerprint", Schema.fingerprint("r.new_digest"), .text),
        ListColumn("job_id", "r.job_id", .text),
    ]
}
