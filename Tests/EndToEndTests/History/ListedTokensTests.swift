// What `history sync` listed goes where the history goes, and away when it is gone.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("Listed tokens, taken along", .timeLimit(.minutes(5)))
struct ListedTokensTests {
    @Test(
        "a pack, an export and another runner's store know the tokens that only a list has told of, and no value of any"
    )
    func along() async throws {
        try await withNight { night in
            let admin = try night.sandbox.gitlab.addToken(.personal(user: "root"), name: "admin", expiresOn: nil)
            let listed = try night.sandbox.gitlab.addToken(
                .group("group"), name: "of a group", expiresOn: night.stage.date(9))
            night.scene.secret(listed.secret)
            let variables = night.stage.variables.merging(["ADMIN": night.scene.secret(admin.secret)]) { $1 }
            let sync = try await night.scene.run(
                "history sync --token-env ADMIN \(night.sandbox.gitlab4) --json", variables)
            #expect(sync.number("listed") == 2, "\(sync.everything)")
            let pack = try await night.scene.run("history pack pack.db --json", night.stage.variables)
            #expect(pack.number("packed.listed_tokens") == 2, "\(pack.everything)")
            let text = try await night.scene.run("history pack pack.db", night.stage.variables)
            #expect(text.output == "packed: 0 jobs, 0 tokens, 0 events, 2 listed tokens\n")
            let merge = try await night.scene.run("history merge pack.db --state other/state.db --json")
            #expect(merge.number("listed_tokens.added") == 2 && merge.number("refused") == 0, "\(merge.everything)")
            let again = try await night.scene.run("history merge pack.db --state other/state.db")
            #expect(again.output.hasSuffix("listed tokens: 0 new, 2 known before\n"), "\(again.everything)")
            let expiring = try await night.scene.run("history expiring --json --state other/state.db")
            #expect(expiring.text("tokens.0.name") == "of a group", "\(expiring.everything)")
            let export = try await night.scene.run("history export --jsonl --state other/state.db")
            let names = try export.output.split(separator: "\n").map {
                try JSONValue(parsing: Array($0.utf8))["name"]?.text ?? ""
            }
            #expect(names.sorted() == ["admin", "of a group"])
            // Both are there still: one lives on, the other has no end.
            let prune = try await night.scene.run("history prune --older-than 1s --json --state other/state.db")
            #expect(prune.number("pruned.listed_tokens") == 0, "\(prune.everything)")
        }
    }

    @Test("a list that is cut short says so, and one that is not says nothing")
    func cut() async throws {
        try await withNight { night in
            let admin = try night.sandbox.gitlab.addToken(.personal(user: "root"), name: "admin", expiresOn: nil)
            for number in 1...3 {
                try night.sandbox.gitlab.addToken(
                    .personal(user: "dev"), name: "own \(number)", expiresOn: night.stage.date(7))
            }
            let variables = night.stage.variables.merging(["ADMIN": night.scene.secret(admin.secret)]) { $1 }
            try await night.scene.run("history sync --token-env ADMIN \(night.sandbox.gitlab4)", variables)
            for (limit, count) in [(1, 1), (2, 2), (3, 3), (4, 3)] {
                let run = try await night.scene.run("history expiring --json --limit \(limit)", night.stage.variables)
                #expect(run["tokens"]?.elements?.count == count, "\(run.everything)")
                #expect(run.errors.contains("only the first \(limit) tokens are shown") == (limit < 3), "\(run.errors)")
            }
            let endless = try await night.scene.run("history no-expiry --json --limit 1", night.stage.variables)
            #expect(endless.text("tokens.0.name") == "admin" && endless.errors.isEmpty, "\(endless.everything)")
        }
    }
}
