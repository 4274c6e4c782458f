// `keep` by the built program: a file that is current, whoever started it is gone, and ends that are told.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("keep", .timeLimit(.minutes(5)))
struct KeepTests {
    /// A GitHub App whose tokens are minted by whoever needs one.
    private func mint(_ stage: Stage) throws -> [String: String] {
        let app = try stage.sandbox.github.addApp()
        try stage.sandbox.github.install(app)
        let file = try stage.scene.hide(app.privateKey, in: "app.pem")
        try stage.configure(
            """
            forge: github
            api_url: \(stage.sandbox.githubAPI)
            min_remaining: 10m
            renew:
              method: github-app
              client_id: \(app.clientID)
              private_key: {file: \(file)}
              organization: octo-org
            """)
        let own = [
            "OUTLAST_CONFIG": stage.configuration, "S": stage.sandbox.baseURL, "F": stage.scene.vault + "/token",
            "P": stage.scene.vault,
        ]
        return stage.variables.merging(own) { $1 }
    }

    private let wait =
        "until_gone() { n=0; while kill -0 \"$1\" 2>/dev/null && [ $n -lt 600 ]; do sleep 0.1; n=$((n+1)); done; ! kill -0 \"$1\" 2>/dev/null; }; "

    @Test("the file is there when the call returns, and what keeps it outlives the shell and ends with a process")
    func background() async throws {
        try await withStage { stage in
            let variables = try mint(stage)
            // The shell that starts it ends at once; the job's own process is another one.
            let run = try await stage.scene.shell(
                wait + """
                    sleep 300 >/dev/null 2>&1 & job=$!
                    sh -c '"$OUTLAST" keep --file "$F" --until-pid "$0" --log "$P/log" --json >"$P/out"' "$job"
                    test "$(stat -c %a "$F")" = 600
                    pid=$(sed 's/.*"pid":\\([0-9]*\\).*/\\1/' "$P/out"); kill -0 "$pid"
                    test "$(ps -o sid= -p "$pid" | tr -d ' ')" = "$pid"
                    first=$(cat "$F")
                    curl -s "$S/_sandbox/github/revoke" -d "{\\"token\\":\\"$first\\"}"
                    kill "$job"; wait "$job" || :
                    until_gone "$pid" && echo ended
                    """, variables)
            #expect(run.code == 0 && run.output.contains("ended"), "\(run.everything)")
            let out = try #require(stage.scene.read(stage.scene.vault + "/out"))
            #expect(out.contains("\"fingerprint\":\"") && out.contains("\"schema\":1"), "\(out)")
            stage.scene.secret(try #require(stage.scene.read(stage.scene.vault + "/token")))
        }
    }

    @Test("SIGTERM ends it cleanly, with 128 and the signal's number, and the file stays whole")
    func terminated() async throws {
        try await withStage { stage in
            let variables = try mint(stage)
            let run = try await stage.scene.shell(
                """
                "$OUTLAST" keep --file "$F" --for 2h --foreground 2>"$P/err" & pid=$!
                n=0; until [ -s "$F" ] || [ $n -gt 600 ]; do sleep 0.1; n=$((n+1)); done
                kill -TERM "$pid"; code=0; wait "$pid" || code=$?; echo "code $code"
                """, variables)
            #expect(run.output.contains("code 143"), "\(run.everything)")
            stage.scene.secret(try #require(stage.scene.read(stage.scene.vault + "/token")))
        }
    }

    @Test("a token that ends soon is renewed while a command runs, and the file follows")
    func command() async throws {
        try await withStage { stage in
            // Tokens that live so short that the next look comes within seconds.
            let program = try stage.scene.hide(
                """
                #!/bin/sh
                printf '{"token":"made-%s-aaaaaaaaaaaaaaaa","expires_at":"%s"}' "$(date +%s%N)" "$(date -u -d '+20 seconds' +%FT%TZ)"
                """, in: "make-token")
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
            try stage.configure(
                """
                forge: generic
                hosts: [git.example.com]
                min_remaining: 12s
                renew:
                  method: command
                  command: [\(program)]
                  cache_key: {env: CACHE}
                """)
            let variables = stage.variables.merging([
                "OUTLAST_CONFIG": stage.configuration, "F": stage.scene.vault + "/token",
                "CACHE": "a-cache-key-of-some-length",
            ]) { $1 }
            let run = try await stage.scene.shell(
                """
                "$OUTLAST" keep --file "$F" -- sh -c '
                    first=$(cat "$F"); n=0
                    while [ "$(cat "$F")" = "$first" ] && [ $n -lt 600 ]; do sleep 0.1; n=$((n+1)); done
                    [ "$(cat "$F")" != "$first" ] && [ -z "${OUTLAST_KEY-}" ] && exit 7' || echo "code $?"
                """, variables)
            #expect(run.output.contains("code 7"), "\(run.everything)")
            stage.scene.secret(try #require(stage.scene.read(stage.scene.vault + "/token")))
        }
    }

    @Test("what is not possible is said before anything begins")
    func mistakes() async throws {
        try await withStage { stage in
            let variables = try mint(stage)
            for (line, words) in [
                ("keep", "exactly one"), ("keep --for 1h", "--file"), ("keep --file f --until-pid x", "number"),
                ("keep --file f --until-pid 999999999", "no process"),
                ("keep --file f --for 1h --until-pid 1", "exactly one"),
                ("keep --file f --for 1h --credential other", "names no credential"),
            ] {
                let run = try await stage.scene.run(line, variables)
                #expect(run.exit == .usage && run.errors.contains(words), "\(line): \(run.everything)")
            }
            #expect(stage.sandbox.log.isEmpty)
            let run = try await stage.scene.run("keep --file /proc/none/token --for 1h", variables)
            #expect(run.exit == .usage && run.errors.contains("cannot be written"), "\(run.everything)")
        }
    }

    @Test("a token that is dead and cannot be renewed is no success")
    func dead() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(-1))
            stage.scene.secret(token.secret)
            try stage.configure("forge: gitlab\napi_url: \(stage.sandbox.gitlabAPI)\ntoken: {env: T}")
            let run = try await stage.scene.run(
                "keep --file f --for 1h --config \(stage.configuration)",
                stage.variables.merging(["T": token.secret]) { $1 })
            #expect(run.exit == .expired && run.errors.contains("its token is dead"), "\(run.everything)")
            #expect(stage.scene.read("f") == nil)
        }
    }
}
