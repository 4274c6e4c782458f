// What a store of ours looks like, and how it came to look so. Migrations are named, only ever appended, and within a
// major version only add: a program that knows fewer of them goes on working.

/// The schema that this program knows.
enum Schema {
    /// Marks the file as a state store of ours: `outl`.
    static let applicationID: Int64 = 0x6F75_746C

    /// A step from one version to the next.
    struct Migration: Sendable {
        /// Its name, recorded in the store.
        let name: String
        /// What it runs, in order, within one transaction.
        let statements: [String]
        /// The oldest version whose programs may still use the store afterwards. Raised by a new major version only.
        let minReader: Int64
    }

    /// Version n is reached by the first n of these.
    static let migrations: [Migration] = [
        Migration(name: "history", statements: historyObjects.map(\.sql), minReader: 1),
        // The view existed from the beginning, so that `sql` knew its columns; older programs only ask that it be there.
        Migration(
            name: "renewals", statements: ["DROP VIEW \(rotationsView.name)"] + renewalObjects.map(\.sql), minReader: 1),
        // As with the view of rotations.
        Migration(
            name: "diagnoses", statements: ["DROP VIEW \(authFailuresView.name)"] + diagnosisObjects.map(\.sql),
            minReader: 1),
        Migration(name: "doubts", statements: doubtTables.map(\.sql), minReader: 1),
        // The view of tokens gets the ones that only a forge's list has told of.
        Migration(
            name: "questions", statements: ["DROP VIEW \(tokensView.name)"] + questionObjects.map(\.sql), minReader: 1),
        Migration(name: "logs", statements: logObjects.map(\.sql), minReader: 1),
    ]

    /// The version that this program makes and writes.
    static var version: Int64 { Int64(migrations.count) }

    /// Everything that a store of this version consists of, after all migrations.
    static let objects: [SchemaObject] = objects(of: version)

    /// Everything that a store consisted of when it had run so many migrations. A view of a later one takes the place of
    /// the empty view of the same name.
    static func objects(of version: Int64) -> [SchemaObject] {
        var objects = historyObjects
        let later = [renewalObjects, diagnosisObjects, doubtTables, questionObjects, logObjects]
        for added in later.prefix(max(0, Int(version) - 1)) {
            objects.removeAll { old in added.contains { $0.name == old.name } }
            objects += added
        }
        return objects
    }

    /// The tables that are history and nothing else, each after those that it points at: what a pack holds. Doubts are
    /// left out, which only say what to ask a forge next.
    static let packedTables = [
        "series", "jobs", "tokens", "readings", "uses", "token_series", "event_kinds", "events", "diagnoses",
        "log_lines", "listed_tokens",
    ]

    private static let historyObjects = historyTables + historyIndexes + historyViews
    private static let renewalObjects = renewalTables + renewalIndexes + [rotationsView]
    private static let diagnosisObjects = [diagnosesTable, authFailuresView]
}
