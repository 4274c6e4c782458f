// Real git through the helper, in the environment that `credential env` makes; what a job finds on its machine included.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("git with outlast as its helper", .timeLimit(.minutes(5)))
struct RealGitTests {
    private let setUp = "eval \"$(\"$OUTLAST\" credential env)\"; "
    private let commit = "git init -q -b main .; date >f; git add f; git commit -q -m f; "

    private func configure(_ scene: Scene, _ lines: String) throws -> String {
        try scene.write("version: 1\ncredentials:\n" + lines, to: "\(scene.home)/outlast.yml")
    }

    private func release(_ scene: Scene, _ sandbox: Sandbox) throws -> [String: String] {
        let file = try configure(
            scene, "  release: {forge: gitlab, api_url: \"\(sandbox.gitlabAPI)\", token: {env: T}}\n")
        let token = scene.secret(try sandbox.gitlab.addToken(scopes: ["api", "write_repository"]).secret)
        return ["OUTLAST_CONFIG": file, "T": token, "S": sandbox.baseURL]
    }

    @Test("a job clones, commits and pushes, and no other helper ever gets the token")
    func pushes() async throws {
        try await withForge { scene, sandbox in
            let variables = try release(scene, sandbox)
            let settings = """
                [credential]
                \thelper = store
                \thelper = "!f() { cat >>\(scene.home)/spy; }; f"
                [credential "\(sandbox.baseURL)"]
                \thelper = store
                """
            try scene.write(settings, to: "\(scene.home)/.gitconfig")
            let run = try await scene.shell(
                setUp
                    + "mkdir a; cd a; \(commit) git push -q \"$S/group/app.git\" HEAD:main; cd ..; git clone -q \"$S/group/app.git\" b; test -f b/f",
                variables)
            #expect(run.code == 0, "\(run.everything)")
            #expect(scene.read("\(scene.home)/.git-credentials") == nil && scene.read("\(scene.home)/spy") == nil)
            #expect(scene.read("\(scene.home)/.gitconfig") == settings)
        }
    }

    @Test("a header with a token of old no longer stands in the way, wherever git has it from")
    func staleHeader() async throws {
        try await withForge { scene, sandbox in
            let variables = try release(scene, sandbox)
            let stale = "AUTHORIZATION: basic c3RhbGU6c3RhbGU="
            try scene.write(
                "[http \"\(sandbox.baseURL)/\"]\n\textraheader = \(stale)\n", to: "\(scene.home)/stale.config")
            let prepare = """
                mkdir a; cd a; \(commit)
                git config "includeIf.gitdir:$(pwd)/.git.path" "$HOME/stale.config"
                git config "http.$S/group/.extraheader" "\(stale)"
                git config http.extraheader "\(stale)"
                """
            let before = try await scene.shell(
                prepare + "\ncp -r .git/config ../before; GIT_TERMINAL_PROMPT=0 git ls-remote \"$S/group/app.git\"",
                variables)
            #expect(before.code != 0)
            let run = try await scene.shell(
                "cd a; " + setUp
                    + "git push -q \"$S/group/app.git\" HEAD:main; git ls-remote \"$S/group/app.git\"; cmp .git/config ../before",
                variables)
            #expect(run.code == 0 && run.output.contains("refs/heads/main"), "\(run.everything)")
            #expect(!run.errors.contains("header"))
        }
    }

    @Test("an address with a dead token in it is used without it, and the token is not printed")
    func tokenInAddress() async throws {
        try await withForge { scene, sandbox in
            var variables = try release(scene, sandbox)
            let old = try sandbox.gitlab.addToken()
            sandbox.gitlab.revokeToken(old.id)
            variables["OLD"] = scene.secret(old.secret)
            // The address itself is the runner's doing: it lies where nobody looks for tokens.
            variables["PLACE"] = scene.vault
            let prepare =
                "cd \"$PLACE\"; \(commit) git remote add origin \"$(echo \"$S\" | sed \"s#//#//gitlab-ci-token:$OLD@#\")/group/app.git\"; "
            let before = try await scene.shell(
                prepare + "! GIT_TERMINAL_PROMPT=0 git push -q origin HEAD:main 2>/dev/null", variables)
            #expect(before.code == 0, "\(before.everything)")
            let run = try await scene.shell(
                "cd \"$PLACE\"; cp .git/config before; " + setUp
                    + "\"$OUTLAST\" credential env; git push -q origin HEAD:main; git fetch -q; cmp .git/config before",
                variables)
            #expect(run.code == 0, "\(run.everything)")
        }
    }

    @Test("submodules are fetched with the token of their place: two organisations on one server")
    func organisations() async throws {
        try await withForge { scene, sandbox in
            try sandbox.gitlab.addProject("other/lib", members: ["root": 50])
            let ours = try sandbox.gitlab.addToken(.project("group/app"), scopes: ["write_repository", "read_api"])
            let theirs = try sandbox.gitlab.addToken(.project("other/lib"), scopes: ["write_repository", "read_api"])
            let host = "127.0.0.1:\(sandbox.port)"
            let file = try configure(
                scene,
                """
                  ours: {forge: gitlab, api_url: "\(sandbox.gitlabAPI)", token: {env: OURS}, hosts: ["\(host)/group"]}
                  theirs: {forge: gitlab, api_url: "\(sandbox.gitlabAPI)", token: {env: THEIRS}, hosts: ["\(host)/other/lib"]}

                """)
            let variables = [
                "OUTLAST_CONFIG": file, "OURS": scene.secret(ours.secret), "THEIRS": scene.secret(theirs.secret),
                "S": sandbox.baseURL,
            ]
            let run = try await scene.shell(
                setUp + """
                    mkdir lib; cd lib; \(commit) git push -q "$S/other/lib.git" HEAD:main; cd ..
                    mkdir app; cd app; \(commit)
                    git submodule --quiet add "$S/other/lib.git" lib; git commit -q -m lib
                    git push -q "$S/group/app.git" HEAD:main; cd ..
                    git clone -q --recurse-submodules "$S/group/app.git" copy
                    test -f copy/lib/f; cd copy/lib; git fetch -q
                    """, variables)
            #expect(run.code == 0, "\(run.everything)")
            let used = Set(
                sandbox.log.filter { $0.path.hasPrefix("/other/lib.git") && $0.status == 200 }.map(\.fingerprint))
            #expect(used.count == 1)
        }
    }

    @Test("a submodule that the token cannot read costs nothing but that submodule")
    func unreadable() async throws {
        try await withForge { scene, sandbox in
            try sandbox.gitlab.addProject("other/lib", members: ["root": 50])
            let file = try configure(
                scene, "  release: {forge: gitlab, api_url: \"\(sandbox.gitlabAPI)\", token: {env: T}}\n")
            let token = try sandbox.gitlab.addToken(.project("group/app"), scopes: ["write_repository", "read_api"])
            let variables = ["OUTLAST_CONFIG": file, "T": scene.secret(token.secret), "S": sandbox.baseURL]
            let run = try await scene.shell(
                setUp + "! git ls-remote \"$S/other/lib.git\" || exit 9; git ls-remote \"$S/group/app.git\"", variables)
            #expect(run.code == 0, "\(run.everything)")
            #expect(sandbox.log.allSatisfy { !$0.committed } && sandbox.counters.commits(of: "gitlab.rotate") == 0)
            let events = try await scene.run("history events --json", variables)
            #expect(
                events.output.contains("\"doubted\"") && events.output.contains("\"forbidden\""), "\(events.output)")
        }
    }

    @Test("a configuration that was found in the tree is found again, and not trusted more, wherever git runs")
    func foundConfiguration() async throws {
        try await withForge { scene, sandbox in
            var variables = sandbox.gitlabJob
            let token = try sandbox.gitlab.addToken(scopes: ["api", "write_repository"])
            variables.merge(["RELEASE": scene.secret(token.secret), "S": sandbox.baseURL]) { $1 }
            try scene.write("version: 1\ncredentials: {release: {token: {env: RELEASE}}}\n", to: "tree's/.outlast.yml")
            let run = try await scene.shell(
                "mkdir other; cd tree\\'s; git init -q; " + setUp + "cd ../other; git ls-remote \"$S/group/app.git\"",
                variables)
            #expect(run.code == 0, "\(run.everything)")
            try scene.write(
                "version: 1\ncredentials: {release: {token: {env: RELEASE}, hosts: [git.example.com]}}\n",
                to: "tree's/.outlast.yml")
            let refused = try await scene.shell("cd tree\\'s; " + setUp + "echo went on", variables)
            #expect(refused.code == 78 && refused.errors.contains("hosts"), "\(refused.everything)")
        }
    }

    @Test("a folder, an address or a setting with a quote in it runs nothing, whatever joins the quote")
    func quotes() async throws {
        try await withForge { scene, sandbox in
            var variables = sandbox.gitlabJob
            let token = try sandbox.gitlab.addToken(scopes: ["api", "write_repository"])
            // The password of the address is a variable's value, so that the address is to be used without it.
            variables.merge(["RELEASE": scene.secret(token.secret), "S": sandbox.baseURL, "WORD": "some-word"]) { $1 }
            for joined in ["", "\u{301}", "\u{200D}", "\u{FE0F}"] {
                variables["EVIL"] = "x'\(joined);touch ran;'\(joined)y"
                let run = try await scene.shell(
                    """
                    mkdir "$EVIL"; cd "$EVIL"; git init -q .
                    printf 'version: 1\\ncredentials: {release: {token: {env: RELEASE}}}\\n' >.outlast.yml
                    git config submodule.lib.url "$(echo "$S" | sed 's,//.*,//,')$EVIL:$WORD@$(echo "$S" | sed 's,.*//,,')/group/lib.git"
                    git config "http.$S/group/$EVIL.extraheader" "X-Trace: 1"
                    eval "$("$OUTLAST" credential env)"
                    git ls-remote "$S/group/app.git"
                    """, variables)
                #expect(run.code == 0, "\(run.everything)")
                let files = try FileManager.default.subpathsOfDirectory(atPath: scene.folder)
                #expect(!files.contains { $0.hasSuffix("/ran") }, "\(joined.unicodeScalars)")
            }
        }
    }

    @Test("a configuration in a repository that was fetched has no say")
    func strangersConfiguration() async throws {
        try await withForge { scene, sandbox in
            var variables = sandbox.gitlabJob
            let token = try sandbox.gitlab.addToken(scopes: ["api", "write_repository"])
            variables.merge([
                "RELEASE": scene.secret(token.secret), "S": sandbox.baseURL,
                "OTHER": scene.secret("other-0123456789-other-0123456789"),
            ]) { $1 }
            let run = try await scene.shell(
                """
                eval "$("$OUTLAST" credential env --token-env RELEASE)"
                mkdir sub; cd sub; git init -q .
                printf 'version: 1\\ncredentials: {release: {token: {env: OTHER}}}\\n' >.outlast.yml
                git ls-remote "$S/group/app.git"
                """, variables)
            #expect(run.code == 0, "\(run.everything)")
            #expect(Set(sandbox.log.compactMap(\.fingerprint)).count == 1)
        }
    }

    @Test("evaluated twice, and behind settings of somebody else, it is the same environment")
    func twice() async throws {
        try await withForge { scene, sandbox in
            var variables = try release(scene, sandbox)
            variables.merge(["GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "it's me"])
            { $1 }
            let run = try await scene.shell(
                setUp + "one=$GIT_CONFIG_COUNT; " + setUp
                    + "test \"$one\" = \"$GIT_CONFIG_COUNT\"; git config user.name; git ls-remote \"$S/group/app.git\"",
                variables)
            #expect(run.code == 0 && run.output.hasPrefix("it's me\n"), "\(run.everything)")
        }
    }

    @Test("later steps of GitHub's runner, and files of variables, get the same settings")
    func forms() async throws {
        try await withForge { scene, sandbox in
            let variables = try release(scene, sandbox)
            let run = try await scene.shell(
                """
                export GITHUB_ENV="$HOME/env"; : >"$GITHUB_ENV"
                "$OUTLAST" credential env --export github
                "$OUTLAST" credential env --export "dotenv:$HOME/job.env"
                count=$(sed -n 's/^GIT_CONFIG_COUNT=//p' "$HOME/job.env"); test "$count" = 6
                set -a; while IFS='=' read -r name value; do eval "$name=\\$value"; done <"$HOME/job.env"
                git ls-remote "$S/group/app.git"
                """, variables)
            #expect(run.code == 0 && run.output.isEmpty, "\(run.everything)")
            let text = try #require(scene.read("\(scene.home)/env"))
            #expect(text.contains("GIT_CONFIG_COUNT<<outlast_") && text.contains("\n6\noutlast_"))
        }
    }
}
