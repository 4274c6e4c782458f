// Where a state store is, as `--state` and `OUTLAST_STATE` say it (contract, section 2). Pure: no file is looked
// at, and a password that was typed is refused without being repeated.

public import OutlastModel

/// The place of a state store.
public enum StateLocation: Hashable, Sendable {
    /// A SQLite file. `sharedWithGroup` says that members of its group may write it (`?mode=group`).
    case sqlite(path: String, sharedWithGroup: Bool)

    /// Who named a location: arguments can be read by every user of the machine, the environment cannot.
    public enum Origin: Hashable, Sendable { case commandLine, environment }

    /// Reads `PATH`, `sqlite:PATH`, `sqlite:PATH?mode=group` or `postgresql://…`.
    ///
    /// - Throws: `usage` for anything else and for a password on the command line; `stateUnusable` for PostgreSQL,
    ///   which this build does not have.
    public init(parsing text: String, from origin: Origin) throws(Failure) {
        guard !text.isEmpty else { throw .usage("the state location is empty", hint: "give a path, or leave it out") }
        guard !text.utf8.contains(0) else { throw .usage("the state location contains a NUL byte") }
        if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            throw Self.refusal(ofPostgres: text, from: origin)
        }
        if let rest = text.dropping(prefix: "sqlite:") {
            self = try Self.sqlite(rest)
            return
        }
        if Self.hasScheme(text) {
            throw .usage(
                "the state location is an address of a kind that is not known",
                hint: "write a path, sqlite:PATH, sqlite:PATH?mode=group or postgresql://…")
        }
        self = .sqlite(path: text, sharedWithGroup: false)
    }

    /// The store that is used when none is named: `$XDG_STATE_HOME/outlast/state.db`, else
    /// `~/.local/state/outlast/state.db`; nil when neither folder is known. A relative `XDG_STATE_HOME` does not count
    /// (XDG Base Directory Specification).
    public static func standard(stateHome: String?, home: String?) -> StateLocation? {
        if let stateHome, stateHome.hasPrefix("/") {
            return .sqlite(path: "\(stateHome)/outlast/state.db", sharedWithGroup: false)
        }
        guard let home, !home.isEmpty else { return nil }
        return .sqlite(path: "\(home)/.local/state/outlast/state.db", sharedWithGroup: false)
    }

    /// The absolute path of the folder beside the store that holds its locks; `directory` is what relative paths start
    /// from.
    public func leaseFolder(from directory: String) -> String {
        StorePlace(self, directory: directory).path + ".leases"
    }

    /// Whether members of the file's group may write the store.
    public var isSharedWithGroup: Bool { parts.sharedWithGroup }

    /// The path and the sharing, of the one kind there is.
    var parts: (path: String, sharedWithGroup: Bool) {
        switch self {
        case .sqlite(let path, let sharedWithGroup): (path, sharedWithGroup)
        }
    }

    private static func sqlite(_ text: String) throws(Failure) -> StateLocation {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts[0])
        guard !path.isEmpty else { throw .usage("'sqlite:' needs a path after the colon") }
        guard parts.count == 2 else { return .sqlite(path: path, sharedWithGroup: false) }
        guard parts[1] == "mode=group" else {
            throw .usage(
                "the state location has an unknown option",
                hint: "the only one is sqlite:PATH?mode=group")
        }
        return .sqlite(path: path, sharedWithGroup: true)
    }

    private static func refusal(ofPostgres text: String, from origin: Origin) -> Failure {
        if origin == .commandLine, holdsPassword(text) {
            return .usage(
                "the state location holds a password, which every user of this machine could read",
                hint: "set OUTLAST_STATE instead of --state, or leave the password to PGPASSFILE")
        }
        return .state(
            "this build of outlast has no PostgreSQL store",
            hint: "use a SQLite file (--state PATH), or a build with the trait Postgres")
    }

    /// `user:password@` before the host, or `password=` among the parameters. A password may itself contain `/` or `?`,
    /// so whatever stands before the last `@` is looked at: rather one refusal too many than a password in `ps`.
    private static func holdsPassword(_ text: String) -> Bool {
        let rest = text.drop { $0 != ":" }.dropFirst(3)
        let userInfo = rest.lastIndex(of: "@").map { rest[..<$0] } ?? ""
        return userInfo.contains(":") || rest.lowercased().contains("password=")
    }

    private static func hasScheme(_ text: String) -> Bool {
        let scheme = text.utf8.prefix { ($0 | 32 >= 97 && $0 | 32 <= 122) || (48...57).contains($0) || $0 == 43 }
        return !scheme.isEmpty && text.utf8.dropFirst(scheme.count).starts(with: "://".utf8)
    }
}

extension String {
    func dropping(prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
