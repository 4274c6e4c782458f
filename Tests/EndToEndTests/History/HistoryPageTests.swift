// docs/history.md says what the program does: its commands run, and its views have the columns that it lists.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("docs/history.md", .timeLimit(.minutes(10)))
struct HistoryPageTests {
    private static let text =
        (try? String(contentsOfFile: Program.repository + "/docs/history.md", encoding: .utf8)) ?? ""

    /// The commands in its code blocks, as a shell would cut them.
    static let lines = text.split(separator: "\n").filter { $0.hasPrefix("    outlast ") }.map { line in
        String(line.drop { $0 == " " }.replacing(/\s+#.*$/, with: ""))
    }

    @Test("there are commands to look at")
    func found() { #expect(Self.lines.count >= 12) }

    @Test("every command does what it says, in a job that failed", arguments: lines)
    func commands(_ line: String) async throws {
        try await withNight { night in
            let run = try await night.fail("git push -q \"$S/group/app.git\" HEAD:main", night.job())
            #expect(run.text("cause.class") == "auth_missing")
            let admin = try night.sandbox.gitlab.addToken(.personal(user: "root"), expiresOn: nil)
            try night.stage.configure(
                "forge: gitlab\napi_url: \(night.sandbox.gitlabAPI)",
                others: "admin: {forge: gitlab, api_url: \"\(night.sandbox.gitlabAPI)\", token: {env: ADMIN}}")
            let variables = night.job().merging([
                "ADMIN": night.scene.secret(admin.secret), "OUTLAST_CONFIG": night.stage.configuration,
            ]) { $1 }
            let shown = try await night.scene.shell(line.replacing("outlast ", with: "\"$OUTLAST\" "), variables)
            #expect(shown.code == 0, "\(line): \(shown.everything)")
        }
    }

    @Test("every view has exactly the columns that its table lists, in their order")
    func columns() async throws {
        try await withScene { scene in
            try await scene.run("record start --project p --job j --run 1")
            for view in ["v_jobs", "v_tokens", "v_token_events", "v_rotations", "v_auth_failures"] {
                let heading = try #require(Self.text.range(of: "\n### \(view)\n"))
                let rows = Self.text[heading.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
                    .drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.dropFirst(2)
                let listed = rows.flatMap { row -> [String] in
                    let cell = row.split(separator: "|").first ?? ""
                    return cell.split(separator: ",").map { $0.trimmingCharacters(in: [" ", "`"]) }
                }
                let found = try await scene.sqlite("SELECT group_concat(name, ' ') FROM pragma_table_info('\(view)')")
                #expect(listed.joined(separator: " ") + "\n" == found, "\(view)")
            }
        }
    }
}
