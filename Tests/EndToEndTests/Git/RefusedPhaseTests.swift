// A server that says no to a token that lives, in every phase and way: the cause is named, and nothing is renewed for it.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("a server that refuses a living token", .timeLimit(.minutes(10)))
struct RefusedPhaseTests {
    /// Where it refuses, how, and what `record failure` makes of it. git-lfs asks again and again for what its API refuses
    /// with 401, until nobody answers it.
    private static let rows: [(phase: GitServer.Phase, status: Int, classes: Set<String>)] = [
        (.refs, 401, ["auth_rejected"]), (.refs, 403, ["forbidden"]), (.refs, 404, ["not_found"]),
        (.refs, 429, ["rate_limited"]), (.refs, 503, ["server"]), (.receivePack, 401, ["auth_rejected"]),
        (.receivePack, 403, ["forbidden"]), (.receivePack, 503, ["server"]), (.lfs, 401, ["auth_missing"]),
        (.lfs, 403, ["forbidden"]), (.lfs, 404, ["not_found"]), (.lfs, 503, ["server"]),
        (.storage, 401, ["auth_rejected"]), (.storage, 403, ["forbidden"]), (.storage, 503, ["server"]),
    ]

    @Test("the cause is named, the token is given again, and nothing is renewed", arguments: InstalledGit.all)
    func refused(_ git: InstalledGit) async throws {
        try await withWorkplace(git) { place in
            let token = try place.sandbox.gitlab.addToken(
                scopes: ["api", "write_repository"], expiresOn: place.stage.date(40))
            try place.stage.configure(
                "forge: gitlab\napi_url: \(place.api)\ntoken: {env: T}\nrenew: {method: gitlab-rotate}")
            let made = try await place.job(
                """
                make_repository app
                git remote add origin "$S/group/app.git"
                git lfs install --local >/dev/null
                git lfs track '*.bin' >/dev/null
                git config lfs.locksverify false; git config lfs.transfer.maxretries 1
                """, ["T": token.secret])
            #expect(made.code == 0, "\(made.everything)")
            for row in Self.rows {
                let before = place.server.requests.count
                try place.server.refuse(row.phase, with: row.status)
                let run = try await place.job(
                    """
                    use_outlast; cd app
                    echo "\(row.phase) \(row.status)" >large.bin; git add .; git commit -q -m more
                    for try in 1 2 3 4 5 6 7 8 9 10; do
                        if timeout 300 git push -q origin HEAD:main >/dev/null 2>"$HOME/errors"; then exit 9; fi
                        # git-lfs sometimes falls over a counter of its own instead of saying what it was told.
                        grep -q '^panic: sync: negative WaitGroup' "$HOME/errors" || break
                    done
                    "$OUTLAST" record failure --stderr-file "$HOME/errors" --credential release --json
                    """, ["T": token.secret])
                let errors = place.scene.read("\(place.scene.home)/errors") ?? ""
                #expect(run.code == 0, "\(row): \(run.everything) \(errors)")
                // Nobody may go on for ever, nor until a forge bans the address.
                let more = place.server.requests.dropFirst(before).filter { $0.status == 401 && $0.user != nil }
                #expect(more.count < 100, "\(row): \(more.count)")
                // Ten times in a row it says nothing but where it fell: that tells nothing about us.
                if errors.contains("panic: sync: negative WaitGroup") {
                    #expect(run.text("class") == "unknown", "\(row): \(run.output)")
                } else {
                    #expect(row.classes.contains(run.text("class") ?? ""), "\(row): \(run.output) \(errors)")
                }
                try place.server.refuse(row.phase, with: nil)
            }
            let last = try await place.job(
                "use_outlast; cd app; git push -q origin HEAD:main; git ls-remote origin", ["T": token.secret])
            #expect(last.code == 0 && last.output.contains("refs/heads/main"), "\(last.everything)")
            #expect(!place.hasRenewed, "\(place.sandbox.counters)")
            #expect(place.presented(below: "/group/app.git/") == [token.fingerprint])
        }
    }
}
