// git over SSH in a job: what works then, and what is left when it is over.

import Foundation
import OutlastModel
import Testing

@Suite("outlast ssh-fallback", .timeLimit(.minutes(10)))
struct SSHFallbackTests {
    /// A fallback for https://git.example.com/, which no test could reach otherwise.
    static let fallback =
        "\"$OUTLAST\" ssh-fallback --key-file \"$KEYS/deploy\" --repo \"$REPO\" --host-key \"$PIN\" --for git.example.com"
    private let commit = "date >g; git add g; git commit -q -m g; "

    @Test(
        "a job clones, commits and pushes over SSH by its HTTPS addresses, and nothing is left",
        arguments: ["--agent", "--no-agent"])
    func story(_ place: String) async throws {
        try await withSSH { scene, server in
            try scene.guardKey(try await server.key("deploy"))
            try scene.write("[user]\n\tname = me\n", to: "\(scene.home)/.gitconfig")
            try scene.write("Host x\n  User y\n", to: "\(scene.home)/.ssh/config")
            try scene.write("unrelated ssh-ed25519 AAAA\n", to: "\(scene.home)/.ssh/known_hosts")
            let before = try await scene.shell(
                "cd \"$HOME\"; find . -type f | sort | xargs sha256sum; ls -laR --full-time .ssh")
            let run = try await scene.shell(
                """
                eval "$(\(Self.fallback) --need-push \(place) --export shell)"
                git clone -q https://git.example.com/group/app.git a; cd a
                \(commit) git push -q; git push -q origin HEAD:refs/tags/v1; git fetch -q
                git ls-remote git@git.example.com:group/app.git
                "$OUTLAST" ssh-fallback --status
                eval "$("$OUTLAST" ssh-fallback --off --export shell)"
                env | grep GIT_ | grep -v -e NOSYSTEM -e AUTHOR -e COMMITTER && exit 9
                ! git ls-remote https://git.example.com/group/app.git 2>/dev/null
                """, server.variables)
            #expect(run.code == 0 && run.output.contains("refs/tags/v1"), "\(run.everything)")
            #expect(run.output.contains("read and push proved"))
            #expect(run.output.contains(place == "--agent" ? "an agent of its own" : "a file of its own"))
            #expect(server.leftovers == [] && server.agents == [])
            let after = try await scene.shell(
                "cd \"$HOME\"; find . -type f | sort | xargs sha256sum; ls -laR --full-time .ssh")
            #expect(before.output == after.output)
        }
    }

    @Test("the private key is in its file or in the agent, and nowhere else")
    func canary() async throws {
        try await withSSH { scene, server in
            let key = try await server.key("deploy")
            let text = try String(contentsOfFile: key, encoding: .utf8)
            var variables = server.variables
            variables["DEPLOY_KEY"] = text
            let middle = try #require(text.split(separator: "\n").dropFirst(2).first)
            scene.secret(String(middle))
            let line = [
                "ssh-fallback", "--key-env", "DEPLOY_KEY", "--repo", server.address(), "--host-key", server.hostKey,
            ]
            for (place, files) in [("--agent", []), ("--no-agent", ["key-1"])] {
                let run = try await scene.run(line + [place, "--need-push", "--json"], variables)
                #expect(run.code == 0, "\(run.everything)")
                let folder = try #require(server.leftovers.first)
                let found = try FileManager.default.contentsOfDirectory(atPath: "\(server.runtime)/outlast/\(folder)")
                    .filter { name in
                        let path = "\(server.runtime)/outlast/\(folder)/\(name)"
                        return scene.read(path)?.contains(middle) ?? false
                    }
                #expect(found == files)
                for name in found {
                    let mode = try FileManager.default.attributesOfItem(
                        atPath: "\(server.runtime)/outlast/\(folder)/\(name)")[.posixPermissions]
                    #expect(mode as? Int == 0o600)
                }
                // No process that is left holds it in its arguments or its environment.
                for agent in server.agents {
                    for file in ["cmdline", "environ"] {
                        let data = FileManager.default.contents(atPath: "/proc/\(agent)/\(file)") ?? Data()
                        #expect(!String(decoding: data, as: UTF8.self).contains(middle))
                    }
                }
                #expect(try await scene.run("ssh-fallback --off", variables).code == 0)
            }
            #expect(server.leftovers == [])
        }
    }

    @Test("JSON has all keys, whatever came of it")
    func shape() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let keys = [
                "schema", "active", "host", "port", "proved", "key_fingerprint", "host_key_fingerprint", "expires_at",
                "environment",
            ]
            let good = [
                "ssh-fallback", "--key-file", server.folder + "/deploy", "--repo", server.address(), "--host-key",
                server.hostKey, "--json",
            ]
            for (arguments, code, isActive) in [
                (good, Int32(0), true), (["ssh-fallback", "--status", "--json"], 0, true),
                (good.map { $0 == server.hostKey ? "SHA256:" + String(repeating: "A", count: 43) : $0 }, 30, false),
                (["ssh-fallback", "--off", "--json"], 0, false), (["ssh-fallback", "--status", "--json"], 0, false),
                (["ssh-fallback", "--json"], 64, false),
                (["ssh-fallback", "--port", "x", "--key-env", "K", "--json"], 64, false),
            ] {
                let run = try await scene.run(arguments, server.variables)
                #expect(run.code == code && run["active"]?.truth == isActive, "\(run.arguments) \(run.everything)")
                let found = run.json.members?.map(\.key) ?? []
                #expect(keys.allSatisfy { found.contains($0) }, "\(run.everything)")
            }
        }
    }

    @Test("without a credential to choose, every one with `ssh` is activated, and each is proved")
    func configured() async throws {
        try await withSSH(["group/app", "other/lib"]) { scene, server in
            _ = try await server.key("one", .readAtGitLab)
            _ = try await server.key("two", for: ["other/lib"])
            let way = "host: 127.0.0.1, port: \(server.port), user: \(server.user), host_keys: [\"\(server.hostKey)\"]"
            try scene.write(
                """
                version: 1
                credentials:
                  app: {hosts: [git.example.com/group/app], ssh: {\(way), key: {file: "\(server.folder)/one"}}}
                  lib: {hosts: [git.example.com/other], ssh: {\(way), key: {file: "\(server.folder)/two"}, need_push: true}}

                """, to: "\(scene.home)/outlast.yml")
            var variables = server.variables
            variables["OUTLAST_CONFIG"] = scene.home + "/outlast.yml"
            let run = try await scene.run(
                [
                    "ssh-fallback", "--json", "--repo", "https://git.example.com/group/app", "--repo",
                    "https://git.example.com/other/lib.git",
                ],
                variables)
            #expect(run.code == 0 && run["ways"]?.elements?.count == 2, "\(run.everything)")
            #expect(run["proved"] == ["read"] && run["ways.1.proved"] == ["read", "push"])
            let one = try await scene.run("ssh-fallback --credential app --need-push --json", variables)
            #expect(one.code == 30 && one.text("error.message")?.contains("write access") == true, "\(one.everything)")
            #expect(try await scene.run("ssh-fallback --off", variables).code == 0)
        }
    }

    @Test("later steps of GitHub's runner get the same environment, and lose it again")
    func steps() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let run = try await scene.shell(
                """
                export GITHUB_ENV="$HOME/env"; : >"$GITHUB_ENV"
                \(Self.fallback) --export github
                grep -q '^GIT_SSH_COMMAND<<' "$GITHUB_ENV"
                \(Self.fallback) --export "dotenv:$HOME/job.env"
                while IFS='=' read -r name value; do export "$name=$value"; done <"$HOME/job.env"
                git ls-remote https://git.example.com/group/app.git
                "$OUTLAST" ssh-fallback --off --export github
                """, server.variables)
            #expect(run.code == 0 && run.output.contains("refs/heads/main"), "\(run.everything)")
            #expect(server.leftovers == [])
            let text = try #require(scene.read("\(scene.home)/env"))
            #expect(text.components(separatedBy: "GIT_SSH_COMMAND<<").last?.contains("\nssh\n") == true, "\(text)")
        }
    }

    @Test("taken back in the very step that has made it, later steps lose it, and keep what was theirs")
    func sameStep() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let run = try await scene.shell(
                """
                export GITHUB_ENV="$HOME/env"; : >"$GITHUB_ENV"
                export GIT_SSH_COMMAND='ssh -o Mine=1' GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=my.own GIT_CONFIG_VALUE_0=yes
                \(Self.fallback) --export github
                "$OUTLAST" ssh-fallback --off --export github
                while IFS='<' read -r name _ mark; do
                    value=; while IFS= read -r line && [ "$line" != "$mark" ]; do value=$line; done
                    export "$name=$value"
                done <"$GITHUB_ENV"
                echo "$GIT_SSH_COMMAND, $GIT_CONFIG_COUNT"; git config my.own
                git config --get-regexp '^(include|url)' || echo none
                """, server.variables)
            #expect(run.code == 0, "\(run.everything)")
            #expect(run.output.hasSuffix("ssh -o Mine=1, 1\nyes\nnone\n"), "\(run.everything)")
            #expect(server.leftovers == [])
        }
    }

    @Test("where files lie in LFS and the server cannot hand them out over SSH, that is said")
    func largeFiles() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            try scene.write("*.bin filter=lfs diff=lfs merge=lfs -text\n", to: ".gitattributes")
            let line = [
                "ssh-fallback", "--key-file", server.folder + "/deploy", "--repo", server.address(), "--host-key",
                server.hostKey,
            ]
            let none = try await scene.run(line, server.variables)
            #expect(none.code == 0 && none.errors.contains("git-lfs-authenticate"), "\(none.everything)")
            try Data().write(to: URL(filePath: server.folder + "/lfs"))
            let offered = try await scene.run(line, server.variables)
            #expect(offered.code == 0 && !offered.errors.contains("git-lfs-authenticate"), "\(offered.everything)")
            #expect(try await scene.run("ssh-fallback --off", server.variables).code == 0)
        }
    }

    @Test("a failure ends an eval with its code, and `warn` and `off` change nothing")
    func modes() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            var variables = server.variables
            let run = try await scene.shell(
                "eval \"$(\(Self.fallback) --port 9 --repo https://git.example.com/group/app.git --host 127.0.0.1 --export shell)\"; echo went on",
                variables)
            #expect(run.code == 30 && run.output.isEmpty, "\(run.everything)")
            for mode in ["warn", "off"] {
                variables["OUTLAST_MODE"] = mode
                let run = try await scene.shell(
                    "eval \"$(\(Self.fallback) --export shell)\"; test -z \"${GIT_SSH_COMMAND-}\"", variables)
                #expect(run.code == 0 && server.leftovers == [] && server.agents == [], "\(run.everything)")
            }
        }
    }
}
