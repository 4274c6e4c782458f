// The public views as people read them: by Debian's sqlite3 and by datasette, from the store of a machine whose jobs go on
// writing meanwhile. Neither knows anything of outlast.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("The views, read by other programs", .timeLimit(.minutes(10)))
struct ViewReaderTests {
    /// As docs/history.md names them.
    private static let views = ["v_jobs", "v_tokens", "v_token_events", "v_rotations", "v_auth_failures"]
    private static let datasette = Program.repository + "/.build/datasette-venv/bin/datasette"

    /// Jobs that begin and end until a file appears, and the number of those that did.
    private static let writing = """
        n=0
        until [ -e stop ]; do
            n=$((n + 1))
            "$OUTLAST" record start --project p --job writer --run $n || exit 9
            "$OUTLAST" record finish --project p --job writer --run $n --status success || exit 9
            echo $n >written
        done
        """

    /// Fills every view, then runs lines while jobs are recorded: at least two of them before it ends.
    private func whileJobsAreRecorded(_ night: Night, _ script: String) async throws -> Run {
        let token = try night.sandbox.gitlab.addToken(.project("group/app"), expiresOn: night.stage.date(90))
        try night.configure("renew: {method: gitlab-rotate}")
        let job = night.job(token: token.secret)
        let run = try await night.fail("git push -q \"$S/group/other.git\" HEAD:main", job)
        #expect(run.code == 0, "\(run.everything)")
        try await night.preflight(job)
        let renewal = try await night.scene.run(
            "refresh --config \(night.stage.configuration) --credential release --force --json", job)
        #expect(renewal.text("outcome") == "renewed", "\(renewal.everything)")
        // Whatever the lines end with, the writer is told to stop, and waited for.
        return try await night.scene.shell(
            """
            STATE="$OUTLAST_STATE"
            ( \(Self.writing) ) >writer.log 2>&1 &
            writer=$!
            set +e
            ( set -e
            \(script)
            )
            code=$?
            while kill -0 $writer 2>/dev/null && [ "$(cat written 2>/dev/null || echo 0)" -lt 2 ]; do sleep 0.1; done
            touch stop
            wait $writer || { cat writer.log >&2; exit 8; }
            cat writer.log >&2
            exit $code
            """, night.stage.variables.merging(["DATASETTE": Self.datasette]) { $1 })
    }

    /// What the program itself says of the views.
    private func rows(_ night: Night, _ view: String) async throws -> (columns: [String], count: Int) {
        let run = try await night.scene.run(
            ["history", "sql", "SELECT * FROM \(view)", "--json"], night.stage.variables)
        let columns = run["columns"]?.elements?.compactMap(\.text) ?? []
        return (columns, run["rows"]?.elements?.count ?? 0)
    }

    @Test("sqlite3 lists every view and reads it while jobs are recorded, and can change nothing where it only reads")
    func sqlite() async throws {
        try await withNight { night in
            let reading = Self.views.map { view in
                """
                sqlite3 -readonly -json "$STATE" 'SELECT * FROM \(view) LIMIT 1000' >\(view).json
                """
            }
            let run = try await whileJobsAreRecorded(
                night,
                """
                sqlite3 "$STATE" "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name"
                \(reading.joined(separator: "\n"))
                ! sqlite3 -readonly "$STATE" 'DELETE FROM jobs' 2>/dev/null
                """)
            #expect(run.code == 0 && run.errors.isEmpty, "\(run.everything)")
            #expect(run.output.split(separator: "\n").map(String.init) == Self.views.sorted())
            for view in Self.views {
                let text = try #require(night.scene.read("\(view).json"))
                let found = try JSONValue(parsing: Array(text.utf8)).elements ?? []
                let (columns, count) = try await rows(night, view)
                #expect(found.first?.members?.map(\.key) == columns, "\(view)")
                #expect((1...count).contains(found.count), "\(view): \(found.count) of \(count)")
            }
        }
    }

    @Test("datasette lists every view and serves its rows while jobs are recorded, without writing a byte")
    func datasette() async throws {
        try #require(
            FileManager.default.isExecutableFile(atPath: Self.datasette),
            "there is no datasette: run the tests by `make test`, which installs it")
        try await withNight { night in
            let reading = Self.views.map { view in
                """
                "$DATASETTE" "$STATE" --get '/state/\(view).json?_shape=array&_size=max' >\(view).json
                """
            }
            let run = try await whileJobsAreRecorded(
                night,
                """
                "$DATASETTE" "$STATE" --get /state.json >state.json
                \(reading.joined(separator: "\n"))
                """)
            #expect(run.code == 0, "\(run.everything)")
            let database = try JSONValue(parsing: Array(try #require(night.scene.read("state.json")).utf8))
            let names = database["views"]?.elements?.compactMap { $0["name"]?.text } ?? []
            #expect(names.sorted() == Self.views.sorted())
            for view in Self.views {
                let text = try #require(night.scene.read("\(view).json"))
                let found = try JSONValue(parsing: Array(text.utf8)).elements ?? []
                let (columns, count) = try await rows(night, view)
                #expect(found.first?.members?.map(\.key) == columns, "\(view)")
                #expect((1...count).contains(found.count), "\(view): \(found.count) of \(count)")
            }
            // The store is as sound as before, and still ours.
            let check = try await night.scene.shell(
                "sqlite3 \"$OUTLAST_STATE\" 'PRAGMA integrity_check'", night.stage.variables)
            #expect(check.output == "ok\n")
            let later = try await night.scene.run(
                "record start --project p --job j --run 1 --strict", night.stage.variables)
            #expect(later.code == 0 && later.errors.isEmpty, "\(later.everything)")
        }
    }
}
