// The fallback together with a forge: a deploy key that outlast registers itself, and `exec` that goes on over SSH.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("SSH fallback: with a forge", .timeLimit(.minutes(5)))
struct SSHForgeTests {
    private func withBoth(_ body: (Stage, SSHServer) async throws -> Void) async throws {
        try await withStage { stage in
            let server = try await SSHServer.start(beside: stage.scene)
            defer { server.remove() }
            try await body(stage, server)
            #expect(server.leftovers == [] && server.agents == [])
        }
    }

    private func configure(_ stage: Stage, _ server: SSHServer, key: String = "") throws {
        try stage.configure(
            """
            forge: gitlab
            api_url: \(stage.sandbox.gitlabAPI)
            token: {env: T}
            hosts: [git.example.com]
            ssh: {host: 127.0.0.1, port: \(server.port), user: \(server.user), host_keys: ["\(server.hostKey)"]\(key)}
            """)
    }

    @Test("a deploy key is made, registered with an end, proved by a push, and removed at the forge too")
    func provision() async throws {
        try await withBoth { stage, server in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(20))
            stage.scene.secret(token.secret)
            try configure(stage, server)
            // The server lets in what the forge has, a moment later: the forge takes its time over the answer.
            stage.sandbox.addFault(
                FaultRule(.delay(milliseconds: 3000, .after), method: "POST", path: "/api/v4/projects", times: nil))
            let variables = stage.variables.merging(server.variables) { $1 }.merging([
                "OUTLAST_CONFIG": stage.configuration, "T": token.secret, "API": stage.sandbox.gitlabAPI,
                "D": server.folder,
            ]) { $1 }
            let run = try await stage.scene.shell(
                """
                keys() { curl -sf -H "PRIVATE-TOKEN: $T" "$API/projects/group%2Fapp/deploy_keys"; }
                (while [ ! -e "$D/done" ]; do
                    keys | jq -r --arg d "$D" '.[] | "command=\\"" + $d + "/serve write group/app\\",restrict " + .key' >"$D/next" &&
                        mv "$D/next" "$D/authorized"
                    sleep 0.1
                done) &
                "$OUTLAST" ssh-fallback --credential release --repo "$REPO" --provision --need-push --json
                keys | jq -c '[.[] | [.can_push, (.expires_at != null), (.title | startswith("outlast "))]]'
                "$OUTLAST" ssh-fallback --off --json
                keys | jq -c .
                : >"$D/done"; wait
                """, variables)
            let lines = run.output.split(separator: "\n").map(String.init)
            try #require(run.code == 0 && lines.count == 4, "\(run.everything)")
            #expect(
                lines[0].contains(#""active":true"#) && lines[0].contains(#""proved":["read","push"]"#), "\(lines[0])")
            #expect(lines[1] == "[[true,true,true]]" && lines[2].contains(#""active":false"#) && lines[3] == "[]")
        }
    }

    @Test("a forge that refuses the key is named, and nothing stays")
    func refusal() async throws {
        try await withBoth { stage, server in
            let token = try stage.sandbox.gitlab.addToken(scopes: ["read_api"], expiresOn: stage.date(20))
            stage.scene.secret(token.secret)
            try configure(stage, server)
            let run = try await stage.scene.run(
                ["ssh-fallback", "--credential", "release", "--repo", server.address(), "--provision", "--json"],
                stage.variables.merging(server.variables) { $1 }.merging([
                    "OUTLAST_CONFIG": stage.configuration, "T": token.secret,
                ]) { $1 })
            #expect(run.exit == .insufficientScope, "\(run.everything)")
            #expect(run["active"] == false && run.text("error.hint")?.contains("api") == true, "\(run.output)")
        }
    }

    @Test("history keeps when a job's fallback was refused, became active and was taken back, and explains with it")
    func history() async throws {
        try await withBoth { stage, server in
            let key = try await server.key("deploy")
            try configure(stage, server, key: ", key: {file: \(key)}")
            let variables = stage.variables.merging(server.variables) { $1 }.merging(stage.sandbox.gitlabJob) { $1 }
                .merging(["OUTLAST_CONFIG": stage.configuration]) { $1 }
            let words = ["ssh-fallback", "--credential", "release", "--repo", "https://git.example.com/group/app.git"]
            let wrong = try await stage.scene.run(
                words + ["--host-key", "SHA256:" + String(repeating: "A", count: 43)], variables)
            #expect(wrong.exit == .sshUnproved, "\(wrong.everything)")
            try await stage.scene.run("record start", variables)
            let active = try await stage.scene.run(words, variables)
            #expect(active.exit == .done, "\(active.everything)")
            try await stage.scene.run(
                "record failure --stderr-file -", variables,
                input: "git@git.example.com: Permission denied (publickey).\n")
            let cause = try await stage.scene.run("history explain --last --json", variables)
            #expect(cause.text("cause.class") == "publickey", "\(cause.output)")
            #expect(
                cause.text("cause.sentence")?.contains("; SSH fallback was active since ") == true, "\(cause.output)")
            #expect(cause.shows("ssh-fallback", "SSH fallback: active: release: git.example.com over ssh://"))
            #expect(cause.shows("ssh-fallback", "SSH fallback: refused: 127.0.0.1"), "\(cause.output)")
            #expect(try await stage.scene.run("ssh-fallback --off", variables).exit == .done)
            let events = try await stage.scene.run("history events --json", variables)
            let kept = events["events"]?.elements?.filter { $0["event"] == "ssh-fallback" } ?? []
            #expect(kept.compactMap { $0["outcome"]?.text } == ["off", "active", "refused"], "\(events.output)")
        }
    }

    @Test("exec goes on over SSH when the token is dead and cannot be renewed, and takes it away again")
    func exec() async throws {
        try await withBoth { stage, server in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(20))
            stage.scene.secret(token.secret)
            stage.sandbox.gitlab.revokeToken(token.id)
            let key = try await server.key("deploy")
            try configure(stage, server, key: ", key: {file: \(key)}")
            let run = try await stage.scene.shell(
                """
                git init -q -b main app; cd app; git remote add origin https://git.example.com/group/app.git
                "$OUTLAST" exec --credential release -- git fetch -q origin
                git rev-parse -q --verify origin/main >/dev/null && echo fetched
                """,
                stage.variables.merging(server.variables) { $1 }.merging([
                    "OUTLAST_CONFIG": stage.configuration, "T": token.secret,
                ]) { $1 })
            #expect(run.code == 0 && run.output == "fetched\n", "\(run.everything)")
            #expect(run.errors.contains("going on over SSH"), "\(run.errors)")
        }
    }
}
