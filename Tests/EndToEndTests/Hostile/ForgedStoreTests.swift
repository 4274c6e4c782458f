// A store that somebody else can write: rows forged, changed, swapped and copied, and a schema with code in it. A renewal
// ends with 41 before anybody is asked or told anything.

import Foundation
import OutlastModel
import OutlastSandbox
import Subprocess
import Testing

@Suite("refresh: a store that was tampered with", .serialized, .timeLimit(.minutes(10)))
struct ForgedStoreTests {
    /// One change by SQL; `$A` and `$B` are the two families, `$N` the digest of A's current token, `$M` of B's.
    struct Forgery: Sendable, CustomTestStringConvertible {
        let name: String
        let sql: String
        var codes: Set<Int32> = [41]
        var testDescription: String { name }

        /// - Parameter sql: statements in pieces, which are put together as they stand.
        init(_ name: String, _ sql: String..., codes: Set<Int32> = [41]) {
            (self.name, self.sql, self.codes) = (name, sql.joined(), codes)
        }
    }

    private static let ofFamily = "FROM families WHERE id = '$B'"
    private static let families: [Forgery] = [
        Forgery("an older generation", "UPDATE families SET generation = generation - 1 WHERE id = '$A'"),
        Forgery("a newer generation", "UPDATE families SET generation = generation + 1 WHERE id = '$A'"),
        Forgery("an end that is near", "UPDATE families SET expires_at = 1, expiry = 'at' WHERE id = '$A'"),
        Forgery("no end", "UPDATE families SET expires_at = NULL, expiry = 'never' WHERE id = '$A'"),
        Forgery("another digest", "UPDATE families SET digest = (SELECT digest \(ofFamily)) WHERE id = '$A'"),
        Forgery("another name", "UPDATE families SET credential = 'admin' WHERE id = '$A'"),
        Forgery("another method", "UPDATE families SET method = 'github-app', forge = 'github' WHERE id = '$A'"),
        Forgery("another token number", "UPDATE families SET token_id = '1' WHERE id = '$A'"),
        Forgery("another identity", "UPDATE families SET identity = zeroblob(32) WHERE id = '$A'"),
        Forgery("the code of another", "UPDATE families SET seal = (SELECT seal \(ofFamily)) WHERE id = '$A'"),
        Forgery("no code", "UPDATE families SET seal = x'' WHERE id = '$A'"),
        Forgery(
            "rows of two families swapped",
            "UPDATE families SET id = 'x' || substr(id, 2) WHERE id = '$A'; UPDATE families SET id = '$A' WHERE id = '$B'"
        ),
        Forgery("the row taken away", "DELETE FROM families WHERE id = '$A'"),
    ]
    private static let members: [Forgery] = [
        Forgery(
            "a member that leads to another family", "UPDATE members SET family = '$B' WHERE digest = x'$N'"),
        Forgery(
            "a member copied from another family",
            "UPDATE members SET (family, generation, purpose, wrapped_key) = ",
            "(SELECT family, generation, purpose, wrapped_key FROM members WHERE digest = x'$M') ",
            "WHERE digest = x'$N'"),
        Forgery(
            "the wrapped key of another", "UPDATE members SET wrapped_key = ",
            "(SELECT wrapped_key FROM members WHERE digest = x'$M') WHERE digest = x'$N'"),
        Forgery("an older member", "UPDATE members SET generation = 1 WHERE digest = x'$N'"),
        Forgery("a newer member", "UPDATE members SET generation = 9 WHERE digest = x'$N'"),
        Forgery("another purpose", "UPDATE members SET purpose = 'minting' WHERE digest = x'$N'"),
    ]
    private static let secrets: [Forgery] = [
        Forgery(
            "the sealed token of another family",
            "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE family = '$B' AND purpose = 'access' ",
            "ORDER BY generation DESC) WHERE family = '$A' AND purpose = 'access'"),
        Forgery(
            "sealed rows of two families swapped",
            "UPDATE secrets SET family = 'x' || substr(family, 2) WHERE family = '$A'; ",
            "UPDATE secrets SET family = '$A' WHERE family = '$B'"),
        Forgery("another moment", "UPDATE secrets SET created_at = created_at - 1 WHERE family = '$A'"),
        Forgery("an empty secret", "UPDATE secrets SET sealed = x'' WHERE family = '$A'"),
        Forgery(
            "a secret that asks for its partner", "INSERT INTO secrets SELECT family, generation, 'partner', sealed, ",
            "created_at FROM secrets WHERE family = '$A' AND purpose = 'access'"),
    ]
    private static let columns =
        "generation, method, credential, state, intended_at, sent_at, timeout_ms, changed_at, old_digest, new_digest, "
        + "job_id, detail, seal"
    private static let journal: [Forgery] = [
        Forgery("a renewal opened again", "UPDATE journal SET state = 'received' WHERE family = '$A'"),
        Forgery("a renewal to publish again", "UPDATE journal SET state = 'proved' WHERE family = '$A'"),
        Forgery("a renewal to retire again", "UPDATE journal SET state = 'published' WHERE family = '$A'"),
        Forgery("a renewal in doubt", "UPDATE journal SET state = 'sent' WHERE family = '$A'"),
        Forgery("a state that nobody knows", "UPDATE journal SET state = 'SELECT' WHERE family = '$A'"),
        Forgery(
            "a renewal copied from another family",
            "INSERT INTO journal(family, \(columns)) SELECT '$A', \(columns.replacing("state", with: "'proved'")) ",
            "FROM journal WHERE family = '$B'"),
        Forgery(
            "a renewal of the current token that was lost",
            "INSERT INTO journal(family, \(columns)) SELECT '$A', ",
            columns.replacing("state", with: "'lost'").replacing("old_digest", with: "x'$N'"),
            " FROM journal WHERE family = '$A' LIMIT 1"),
        Forgery(
            "a journal of a family's own making",
            "INSERT INTO journal(family, \(columns)) VALUES ('$A', 2, 'gitlab-rotate', 'release', 'received', 1, 1, 0, 1, ",
            "x'$N', x'$M', NULL, '`id`', randomblob(32))"),
    ]
    private static let outbox: [Forgery] = [
        Forgery(
            "a publication to another target",
            "UPDATE outbox SET target = zeroblob(32) WHERE family = '$A' AND attempts > 0"),
        Forgery(
            "a queued publication that passes for done",
            "UPDATE outbox SET attempts = 0, last_error = '' WHERE family = '$A' AND attempts > 0"),
        Forgery(
            "a publication that is done and passes for queued",
            "UPDATE outbox SET attempts = 1 WHERE family = '$A' AND attempts = 0"),
        Forgery(
            "a publication under another label", "UPDATE outbox SET label = 'file /etc/passwd' WHERE family = '$A'"),
        Forgery("a publication of another generation", "UPDATE outbox SET generation = 1 WHERE family = '$A'"),
        Forgery(
            "a publication of another family's",
            "UPDATE outbox SET seal = (SELECT seal FROM outbox WHERE family = '$B') WHERE family = '$A'"),
        Forgery(
            "publications of two families swapped",
            "UPDATE outbox SET family = 'x' || substr(family, 2) WHERE family = '$A'; ",
            "UPDATE outbox SET family = '$A' WHERE family = '$B'"),
        Forgery(
            "a publication that nobody queued",
            "INSERT INTO outbox VALUES ('$A', randomblob(32), 2, 'command', 1, 1, '', randomblob(32))"),
    ]

    private static let hidden = "PRAGMA writable_schema = ON; "
    private static let schema: [Forgery] = [
        Forgery(
            "a trigger on the journal", "CREATE TRIGGER evil AFTER UPDATE ON journal BEGIN ",
            "UPDATE families SET digest = zeroblob(32); DELETE FROM secrets; END"),
        Forgery(
            "a trigger on families", "CREATE TRIGGER evil AFTER UPDATE ON families BEGIN DELETE FROM members; END"),
        Forgery(
            "a trigger on the outbox", "CREATE TRIGGER evil AFTER INSERT ON outbox BEGIN ",
            "UPDATE outbox SET target = zeroblob(32); END"),
        Forgery(
            "a trigger on secrets", "CREATE TRIGGER evil BEFORE DELETE ON secrets BEGIN SELECT RAISE(IGNORE); END"),
        Forgery(
            "a trigger on events", "CREATE TRIGGER evil AFTER INSERT ON events BEGIN DELETE FROM journal; END"),
        Forgery(
            "a view in the place of a table", "ALTER TABLE outbox RENAME TO real; ",
            "CREATE VIEW outbox AS SELECT * FROM real"),
        Forgery(
            "a view in the place of a table that acts", "ALTER TABLE journal RENAME TO real; ",
            "CREATE VIEW journal AS SELECT * FROM real; CREATE TRIGGER evil INSTEAD OF UPDATE ON journal ",
            "BEGIN DELETE FROM families; END"),
        Forgery(
            "a view in the place of the families", "DROP TABLE families; CREATE VIEW families AS SELECT '$A' AS id, ",
            "zeroblob(32) AS identity, 'release' AS credential, 'gitlab-rotate' AS method, 'gitlab' AS forge, ",
            "9 AS generation, zeroblob(32) AS digest, 'never' AS expiry, NULL AS expires_at, NULL AS token_id, ",
            "1 AS created_at, zeroblob(32) AS seal"),
        Forgery(
            "a table in the place of a view",
            "DROP VIEW v_rotations; CREATE TABLE v_rotations(at, credential, method, ",
            "state, old_fingerprint, new_fingerprint, job_id)"),
        Forgery(
            "a view that shows what is sealed", "DROP VIEW v_rotations; ",
            "CREATE VIEW v_rotations AS SELECT hex(sealed) AS at FROM secrets"),
        Forgery("a view with a program", "CREATE VIEW evil AS SELECT load_extension('/tmp/evil.so')"),
        Forgery("a virtual table", "CREATE VIRTUAL TABLE evil USING fts5(a)"),
        Forgery("a column more", "ALTER TABLE outbox ADD COLUMN definition TEXT DEFAULT '/bin/sh'"),
        Forgery("an index that computes", "CREATE INDEX evil ON journal(abs(id))"),
        Forgery("an index less", "DROP INDEX journal_open"),
        Forgery(
            "a table that forgot its rules", hidden,
            "UPDATE sqlite_master SET sql = replace(sql, 'STRICT', '') WHERE name = 'journal'"),
        Forgery(
            "a view that was painted over", hidden,
            "UPDATE sqlite_master SET sql = 'CREATE VIEW v_rotations AS SELECT 1' WHERE name = 'v_rotations'"),
        Forgery(
            "a hidden trigger", hidden, "INSERT INTO sqlite_master VALUES ('trigger', 'evil', 'journal', 0, ",
            "'CREATE TRIGGER evil AFTER UPDATE ON journal BEGIN DELETE FROM families; END')"),
        Forgery(
            "a trigger and a newer version",
            "CREATE TRIGGER evil AFTER UPDATE ON journal BEGIN DELETE FROM families; END; ",
            "PRAGMA user_version = 99"),
        Forgery(
            "a trigger and an older version",
            "CREATE TRIGGER evil AFTER UPDATE ON journal BEGIN DELETE FROM families; END; ",
            "PRAGMA user_version = 1"),
        // What is no database of ours any more is unusable, whoever made it so.
        Forgery(
            "two tables with each other's rows", hidden, "UPDATE sqlite_master SET rootpage = (SELECT sum(rootpage) ",
            "FROM sqlite_master WHERE name IN ('families', 'outbox')) - rootpage WHERE name IN ('families', 'outbox')",
            codes: [40, 41]),
        Forgery(
            "a table without a place", hidden, "UPDATE sqlite_master SET rootpage = 99999 WHERE name = 'families'",
            codes: [40, 41]),
        Forgery(
            "a schema that does not parse", hidden,
            "UPDATE sqlite_master SET sql = 'CREATE TABLE' WHERE name = 'journal'",
            codes: [40, 41]),
    ]

    @Test("forged, changed, swapped and copied rows: 41, and nothing is done")
    func rows() async throws {
        try await withForgedStore { forger in
            for forgery in Self.families + Self.members + Self.secrets + Self.journal + Self.outbox {
                try await forger.check(forgery)
            }
        }
    }

    @Test("triggers, views and tables that are not ours: 41, and nothing of them runs")
    func schema() async throws {
        try await withForgedStore { forger in
            for forgery in Self.schema { try await forger.check(forgery) }
        }
    }

    /// Every byte of each is flipped in `VaultTests`; here a spread of them, through the program.
    @Test("a flipped byte anywhere in what is sealed: 41")
    func flips() async throws {
        let places = [
            "members SET wrapped_key WHERE digest = x'$N'",
            "secrets SET sealed WHERE family = '$A' AND purpose = 'access'",
            "families SET seal WHERE id = '$A'", "outbox SET seal WHERE family = '$A'",
            "key_envelope SET wrapped WHERE one = 1",
        ]
        try await withForgedStore { forger in
            for place in places {
                let words = place.split(separator: " ", maxSplits: 3).map(String.init)
                for eighth in 0...7 {
                    let column = words[2]
                    let at = "(1 + (length(\(column)) - 1) * \(eighth) / 7)"
                    let flipped = "CASE hex(substr(\(column), \(at), 1)) WHEN '00' THEN x'01' ELSE x'00' END"
                    try await forger.check(
                        Forgery(
                            "\(words[0]), byte \(eighth)/7",
                            "UPDATE \(words[0]) SET \(column) = CAST(substr(\(column), 1, \(at) - 1) || \(flipped) || "
                                + "substr(\(column), \(at) + 1) AS BLOB) \(words[3])"))
                }
            }
        }
    }

    @Test("what only lists history says of such a store that it cannot be used")
    func listing() async throws {
        try await withForgedStore { forger in
            try await forger.forge(Self.schema[0])
            let run = try await forger.stage.scene.run("history rotations --json", forger.variables)
            #expect(
                run.exit == .stateUnusable && run.errors.contains("was changed by something other"), "\(run.everything)"
            )
        }
    }
}

/// Two families in one store, each renewed and with a publication queued, and the store's bytes to go back to.
private struct Forger: Sendable {
    let stage: Stage
    let variables: [String: String]
    let rig: RenewalRig
    let words: [String: String]
    let bytes: Data
    let home: String?

    /// Puts the store back to what it was, in the same file, and changes it.
    func forge(_ forgery: ForgedStoreTests.Forgery) async throws {
        for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: stage.state + end) }
        let file = try #require(FileHandle(forWritingAtPath: stage.state))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: bytes)
        try file.close()
        var sql = forgery.sql
        for (name, value) in words { sql = sql.replacing(name, with: value) }
        // Not the defensive mode that the shell may begin in.
        _ = try await stage.change(".dbconfig defensive off\nPRAGMA ignore_check_constraints = ON;\n\(sql);\n")
        let changed = try #require(FileManager.default.contents(atPath: stage.state))
        #expect(changed != bytes, "\(forgery.name) changed nothing")
    }

    /// A renewal that would be due, and one that only publishes, end with 41; nobody was asked or told anything.
    func check(_ forgery: ForgedStoreTests.Forgery) async throws {
        for more in [["--force"], ["--publish-only"]] {
            try await forge(forgery)
            let questions = stage.sandbox.questions
            let run = try await stage.scene.run(rig.words().filter { $0 != "--force" } + more, variables)
            #expect(forgery.codes.contains(run.code), "\(forgery.name), \(more[0]): \(run.everything)")
            #expect(run.text("error.hint")?.isEmpty == false, "\(run.everything)")
            if forgery.codes == [41] {
                let says = run.errors.contains("tampered") || run.errors.contains("was changed by something other")
                #expect(says, "\(forgery.name): \(run.everything)")
            }
            #expect(stage.sandbox.questions == questions, "\(forgery.name), \(more[0]) asked the forge")
            #expect(stage.scene.read(rig.home) == home, "\(forgery.name), \(more[0]) published")
        }
    }
}

extension Stage {
    /// Runs statements on the store by the program that everybody has; they come by stdin.
    @discardableResult
    fileprivate func change(_ statements: String) async throws -> String {
        let result = try await Subprocess.run(
            .name("sqlite3"), arguments: ["-batch", "-bail", state], input: .string(statements),
            output: .string(limit: 1 << 20), error: .string(limit: 65_536))
        #expect(result.terminationStatus.isSuccess, "\(statements): \(result.standardError)")
        return result.standardOutput
    }
}

private func withForgedStore(_ body: (Forger) async throws -> Void) async throws {
    try await withStage { stage in
        try await stage.makeStore()
        var currents: [String] = []
        var rigs: [RenewalRig] = []
        for number in 1...2 {
            let rig = try RenewalRig.make(.gitlabRotate, on: stage, number: number)
            // A second target that takes nothing keeps a publication queued.
            let text = try #require(stage.scene.read(rig.configuration))
            try stage.scene.write(
                text.replacing(
                    "publish: [",
                    with: "publish: [{dotenv: {path: \(stage.scene.vault)/no/such-\(number)/job.env, name: T}}, "),
                to: rig.configuration)
            let run = try await stage.scene.run(rig.words(), rig.variables)
            try #require(run.code == 23, "\(run.everything)")
            currents.append(stage.scene.secret(try #require(stage.scene.read(rig.home))))
            rigs.append(rig)
        }
        try await stage.change("PRAGMA wal_checkpoint(TRUNCATE);")
        let digests = currents.map { SHA256Digest(hashing: $0.utf8).hex }
        var families: [String] = []
        for digest in digests {
            let said = try await stage.change("SELECT family FROM members WHERE digest = x'\(digest)';")
            families.append(said.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        let forger = Forger(
            stage: stage, variables: rigs[0].variables.merging(["RELEASE_TOKEN": currents[0]]) { $1 }, rig: rigs[0],
            words: ["$A": families[0], "$B": families[1], "$N": digests[0], "$M": digests[1]],
            bytes: try #require(FileManager.default.contents(atPath: stage.state)), home: stage.scene.read(rigs[0].home)
        )
        try await body(forger)
    }
}
