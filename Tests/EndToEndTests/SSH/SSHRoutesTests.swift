// Which addresses go over SSH with which key: several keys, neighbours by name, submodules, and settings of others.

import Foundation
import OutlastModel
import Testing

@Suite("SSH fallback: addresses", .timeLimit(.minutes(10)))
struct SSHRoutesTests {
    private let commit = "date >g; git add g; git commit -q -m g; "

    /// Two repositories and a neighbour by name, each with its own key, on one server.
    private func configure(_ scene: Scene, _ server: SSHServer) async throws -> [String: String] {
        var lines = "version: 1\ncredentials:\n"
        let way = "host: 127.0.0.1, port: \(server.port), user: \(server.user), host_keys: [\"\(server.hostKey)\"]"
        for (name, repository) in [("app", "group/app"), ("neighbour", "group/app-two"), ("lib", "other/lib")] {
            _ = try await server.key(name, for: [repository])
            lines +=
                "  \(name): {hosts: [git.example.com/\(repository)], ssh: {\(way), key: {file: \"\(server.folder)/\(name)\"}, need_push: true}}\n"
        }
        try scene.write(lines, to: "\(scene.home)/outlast.yml")
        return server.variables.merging(["OUTLAST_CONFIG": "\(scene.home)/outlast.yml"]) { $1 }
    }

    @Test("each repository is reached with its own key, by every form of its address, and submodules too")
    func several() async throws {
        try await withSSH(["group/app", "group/app-two", "other/lib"]) { scene, server in
            let variables = try await configure(scene, server)
            let run = try await scene.shell(
                """
                eval "$("$OUTLAST" ssh-fallback --export shell)"
                H=git.example.com
                for a in https://$H/group/app.git https://$H/group/app https://$H:443/group/app.git \
                    git@$H:group/app.git ssh://git@$H/group/app.git https://$H/group/app-two https://$H/group/app-two.git \
                    git@$H:group/app-two.git https://$H/other/lib.git git@$H:other/lib; do
                    echo "$a"; git ls-remote -q "$a" HEAD >/dev/null
                done
                git clone -q https://$H/group/app a; cd a
                git submodule --quiet add ../../other/lib.git relative
                git submodule --quiet add https://$H/other/lib absolute
                git submodule --quiet add git@$H:group/app-two.git short
                git commit -q -m subs; git push -q; cd ..
                git clone -q --recurse-submodules https://$H/group/app.git b
                test -f b/relative/f && test -f b/absolute/f && test -f b/short/f
                cd b/short; \(commit) git push -q origin HEAD:refs/heads/side; git fetch -q
                """, variables)
            #expect(run.code == 0, "\(run.everything)")
        }
    }

    @Test("a neighbour by name and other repositories of the server stay as they are")
    func neighbours() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let run = try await scene.shell(
                """
                eval "$(\(SSHFallbackTests.fallback.replacingOccurrences(of: "--for git.example.com", with: "--for git.example.com/group/app")) --export shell)"
                for a in group/app group/app.git group/app/x group/app-two group/app-two.git group/apple group/app.wiki.git other; do
                    git ls-remote --get-url "https://git.example.com/$a"
                done
                """, server.variables)
            let base = "ssh://\(server.user)@127.0.0.1:\(server.port)"
            let web = "https://git.example.com"
            #expect(
                run.output.split(separator: "\n").map(String.init) == [
                    "\(base)/group/app", "\(base)/group/app.git", "\(base)/group/app/x", "\(web)/group/app-two",
                    "\(web)/group/app-two.git", "\(web)/group/apple", "\(web)/group/app.wiki.git", "\(web)/other",
                ], "\(run.everything)")
        }
    }

    @Test("rules of actions/checkout and of the user, who sends the same addresses elsewhere, do not win")
    func existingRules() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            try scene.write(
                """
                [url "https://git.example.com/"]
                \tinsteadOf = git@git.example.com:
                \tinsteadOf = org-1@git.example.com:
                [url "https://mirror.example.com/"]
                \tinsteadOf = https://git.example.com/
                \tpushInsteadOf = https://git.example.com/group/
                """, to: "\(scene.home)/.gitconfig")
            let run = try await scene.shell(
                """
                eval "$(\(SSHFallbackTests.fallback) --export shell)"
                git ls-remote -q org-1@git.example.com:group/app.git HEAD >/dev/null
                git clone -q git@git.example.com:group/app.git a; cd a; \(commit) git push -q
                git remote set-url origin https://git.example.com/group/app.git; git fetch -q
                \(commit) git push -q
                """, server.variables)
            #expect(run.code == 0, "\(run.everything)")
        }
    }

    @Test("an address with a token in it goes over SSH, and the token is not written anywhere")
    func tokenInAddress() async throws {
        try await withSSH(["group/app", "group/lib"]) { scene, server in
            _ = try await server.key("deploy", for: ["group/app", "group/lib"])
            let token = scene.secret("glcbt-64_0123456789abcdefghij")
            let variables = server.variables.merging(["CI_JOB_TOKEN": token, "PLACE": scene.vault]) { $1 }
            let run = try await scene.shell(
                """
                cd "$PLACE"; git init -q -b main a; cd a; \(commit)
                git remote add origin "https://gitlab-ci-token:$CI_JOB_TOKEN@git.example.com/group/app.git"
                eval "$(\(SSHFallbackTests.fallback) --export shell)"
                git fetch -q; git push -q origin HEAD:side; git submodule --quiet add ../lib.git lib; test -f lib/f
                ! grep -r "$CI_JOB_TOKEN" "$XDG_RUNTIME_DIR"
                """, variables)
            #expect(run.code == 0, "\(run.everything)")
        }
    }

    @Test(
        "the addresses that a repository knows go over SSH, with whatever user and capitals they are written",
        arguments: [
            "https://org@git.example.com/", "https://GIT.Example.com/", "https://x-token-auth:@git.example.com/",
        ])
    func written(_ server: String) async throws {
        try await withSSH(["group/app", "group/lib"]) { scene, ssh in
            _ = try await ssh.key("deploy", for: ["group/app", "group/lib"])
            let run = try await scene.shell(
                """
                git clone -q "$KEYS/repos/group/app.git" a; cd a; \(commit)
                git remote set-url origin "$SERVER"group/app.git
                git -c protocol.file.allow=always submodule --quiet add "$KEYS/repos/group/lib.git" lib
                git config --file .gitmodules submodule.lib.url https://other@git.example.com/group/lib.git
                git submodule --quiet deinit -f lib; rm -rf .git/modules; git add -A; git commit -q -m sub
                eval "$(\(SSHFallbackTests.fallback) --export shell)"
                git ls-remote -q origin >/dev/null; git fetch -q; git push -q origin HEAD:side
                git ls-remote -q "$SERVER"group/lib.git >/dev/null
                git submodule --quiet update --init; test -f lib/f
                git submodule --quiet add ../lib.git relative; test -f relative/f
                eval "$("$OUTLAST" ssh-fallback --off --export shell)"
                cp .git/config ../before; \(SSHFallbackTests.fallback) --local; git fetch -q
                "$OUTLAST" ssh-fallback --off; cmp .git/config ../before
                """, ssh.variables.merging(["SERVER": server]) { $1 })
            #expect(run.code == 0 && !run.errors.contains("stays with HTTPS"), "\(run.everything)")
        }
    }

    @Test("an address with a token that no variable holds is told of, and neither shown nor written anywhere")
    func unreachable() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let token = scene.secret("ghs_0123456789abcdefghijklmnopqrstuvwxyz")
            let run = try await scene.shell(
                """
                cd "$PLACE"; T=$TOKEN; unset TOKEN
                for user in "x-access-token:$T" "$T"; do
                    git init -q -b main a; git -C a remote add origin "https://$user@git.example.com/group/app.git"; cd a
                    eval "$(\(SSHFallbackTests.fallback) --export shell)"
                    ! grep -r "$T" "$XDG_RUNTIME_DIR"
                    eval "$("$OUTLAST" ssh-fallback --off --export shell)"; cd ..; rm -rf a
                done
                """, server.variables.merging(["TOKEN": token, "PLACE": scene.vault]) { $1 })
            #expect(run.code == 0 && !run.everything.contains(token), "\(run.everything)")
            let told = run.errors.split(separator: "\n").filter { $0.contains("remote.origin.url stays with HTTPS") }
            #expect(told.count == 2, "\(run.everything)")
        }
    }

    @Test("other servers are reached as before, by the user's own settings")
    func otherServers() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            try scene.write(
                "Host elsewhere\n  HostName elsewhere.example.com\n  User me\n  IdentityFile ~/.ssh/mine\nHost *\n  ConnectTimeout 7\n",
                to: "\(scene.home)/.ssh/config")
            let run = try await scene.shell(
                """
                eval "$(\(SSHFallbackTests.fallback) --export shell)"
                eval "$GIT_SSH_COMMAND -G elsewhere" | grep -E '^(hostname|user|identityfile|connecttimeout|stricthost) '
                eval "$GIT_SSH_COMMAND -G 127.0.0.1" | grep -E '^(stricthostkeychecking|identitiesonly|updatehostkeys|connecttimeout) '
                """, server.variables)
            #expect(run.code == 0, "\(run.everything)")
            for line in [
                "hostname elsewhere.example.com", "user me", "connecttimeout 7", "stricthostkeychecking true",
                "identitiesonly yes", "connecttimeout 20",
            ] { #expect(run.output.contains(line), "\(line)\n\(run.output)") }
        }
    }

    @Test("settings of somebody else in the environment stay, and so does the earlier command when it is off")
    func environment() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let own = [
                "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "it's me",
                "GIT_SSH_COMMAND": "ssh -o 'X=a b'",
            ]
            let run = try await scene.shell(
                """
                eval "$(\(SSHFallbackTests.fallback) --export shell)"; one=$GIT_CONFIG_COUNT
                eval "$(\(SSHFallbackTests.fallback) --export shell)"; test "$one" = "$GIT_CONFIG_COUNT"
                git config user.name; git ls-remote -q https://git.example.com/group/app.git HEAD >/dev/null
                export GIT_CONFIG_COUNT=3 GIT_CONFIG_KEY_2=user.email GIT_CONFIG_VALUE_2=e
                eval "$("$OUTLAST" ssh-fallback --off --export shell)"
                echo "$GIT_SSH_COMMAND"; git config user.email; git config --get include.path && exit 9
                test -z "${GIT_SSH_VARIANT-}"
                """, server.variables.merging(own) { $1 })
            #expect(run.code == 0 && run.output == "it's me\nssh -o 'X=a b'\ne\n", "\(run.everything)")
            #expect(server.leftovers == [])
        }
    }
}
