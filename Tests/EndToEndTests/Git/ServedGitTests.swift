// Real git and git-lfs through the helper, against nginx with HTTPS and a CA of its own: what a release job does with its
// repositories, while tokens are renewed, or die, under its hands.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("git over HTTPS with outlast as its helper", .timeLimit(.minutes(10)))
struct ServedGitTests {
    /// A configuration with the credential `release` for all of the server, presented in `T`.
    private func configure(_ place: Workplace, _ renew: String, others: String = "") throws {
        try place.stage.configure(
            """
            forge: gitlab
            api_url: \(place.api)
            token: {env: T}
            renew: \(renew)
            """, others: others)
    }

    @Test(
        "submodules, LFS and tags of two organisations, each with the token of the longest path that fits",
        arguments: InstalledGit.all)
    func organisations(_ git: InstalledGit) async throws {
        try await withWorkplace(git) { place in
            let (gitlab, scopes) = (place.sandbox.gitlab, ["write_repository", "read_api"])
            for project in ["group/lib", "group/sub/deep"] { try gitlab.addProject(project) }
            try gitlab.addProject("other/tool", members: ["root": 50])
            let ours = try gitlab.addToken(.group("group"), scopes: scopes, expiresOn: place.stage.date(40))
            let deep = try gitlab.addToken(.project("group/sub/deep"), scopes: scopes, expiresOn: place.stage.date(40))
            let theirs = try gitlab.addToken(.project("other/tool"), scopes: scopes, expiresOn: place.stage.date(40))
            let lines = [("ours", "group"), ("deep", "group/sub"), ("theirs", "other/tool.git")].map { name, path in
                "  \(name): {forge: gitlab, api_url: \"\(place.api)\", token: {env: \(name.uppercased())}, hosts: [\"\(place.server.place)/\(path)\"]}\n"
            }
            try place.scene.write("version: 1\ncredentials:\n" + lines.joined(), to: place.stage.configuration)
            let run = try await place.job(
                """
                use_outlast
                git lfs install --skip-repo >/dev/null
                (make_repository lib; git push -q "$S/group/lib.git" HEAD:main)
                (make_repository deep; git push -q "$S/group/sub/deep.git" HEAD:main)
                (make_repository tool; git push -q "$S/other/tool.git" HEAD:main)
                (
                    make_repository app
                    git remote add origin "$S/group/app.git"
                    git submodule --quiet add ../lib.git lib
                    git submodule --quiet add ../sub/deep.git deep
                    git submodule --quiet add "$S/other/tool.git" tool
                    git lfs install --local >/dev/null
                    git lfs track '*.bin' >/dev/null
                    head -c 50000 /dev/urandom >large.bin
                    git add . && git commit -q -m all && git tag -a -m first v1
                    git push -q origin main v1
                )
                git clone -q --recurse-submodules "$S/group/app.git" copy
                cmp app/large.bin copy/large.bin
                test -f copy/lib/f && test -f copy/deep/f && test -f copy/tool/f
                git -C copy describe
                """, ["OURS": ours.secret, "DEEP": deep.secret, "THEIRS": theirs.secret])
            #expect(run.code == 0 && run.output.hasSuffix("v1\n"), "\(run.everything)")
            #expect(place.server.requests.contains { $0.method == "PUT" && $0.status == 200 })
            for (path, token) in [
                ("group/app", ours), ("group/lib", ours), ("group/sub/deep", deep), ("other/tool", theirs),
            ] {
                #expect(place.presented(below: "/\(path).git/") == [token.fingerprint], "\(path)")
            }
        }
    }

    @Test(
        "a token that another process rotates while the job runs is the old one nowhere afterwards, in LFS neither",
        arguments: InstalledGit.all)
    func renewedMeanwhile(_ git: InstalledGit) async throws {
        try await withWorkplace(git) { place in
            let old = try place.sandbox.gitlab.addToken(
                scopes: ["api", "write_repository"], expiresOn: place.stage.date(40))
            try configure(place, "{method: gitlab-rotate}")
            let before = try await place.job(
                """
                use_outlast
                make_repository app
                git remote add origin "$S/group/app.git"
                git lfs install --local >/dev/null
                git lfs track '*.bin' >/dev/null
                echo one >large.bin; git add .; git commit -q -m one
                git push -q origin main
                """, ["T": old.secret])
            #expect(before.code == 0, "\(before.everything)")
            let refresh = try await place.stage.refresh("--force", place.variables(["T": old.secret]))
            refresh.expect("renewed", generation: 2)
            let start = place.sandbox.questions
            let after = try await place.job(
                """
                use_outlast
                cd app
                echo two >large.bin; git commit -q -a -m two; git tag v1
                git push -q origin main v1
                git clone -q "$S/group/app.git" ../copy
                cd ../copy
                git lfs install --local >/dev/null
                git lfs pull
                cmp large.bin ../app/large.bin
                """, ["T": old.secret])
            #expect(after.code == 0, "\(after.everything)")
            let presented = place.presented(below: "/group/app.git/", from: start)
            #expect(presented.count == 1 && !presented.contains(old.fingerprint))
            #expect(place.sandbox.counters.commits(of: "gitlab.rotate") == 1 && place.sandbox.counters.replays.isEmpty)
        }
    }

    @Test(
        "a token that dies between advertisement and pack fails that push, is named, and is renewed once for the next",
        arguments: InstalledGit.all)
    func diesInBetween(_ git: InstalledGit) async throws {
        try await withWorkplace(git) { place in
            let secret = place.scene.secret("client-secret-0123456789")
            place.sandbox.gitlab.addApplication(clientID: "app", secret: secret)
            let old = try place.sandbox.gitlab.addGrant(clientID: "app", expiresIn: 7200)
            try configure(
                place,
                "{method: oauth2, token_url: \"\(place.server.url)/oauth/token\", client_id: app, client_secret: {env: SECRET}, refresh_token: {env: REFRESH}}"
            )
            // git runs this hook when it has the advertisement, and before it sends anything.
            let run = try await place.job(
                """
                use_outlast
                make_repository app
                cat >.git/hooks/pre-push <<'END'
                #!/bin/sh
                test ! -e "$HOME/late" || exit 0
                touch "$HOME/late"
                exec curl -fsS "$FORGE/_sandbox/clock" -d '{"advance_s":7260}' >/dev/null
                END
                chmod +x .git/hooks/pre-push
                if git push -q "$S/group/app.git" HEAD:main 2>../errors; then exit 9; fi
                "$OUTLAST" record failure --stderr-file ../errors --credential release --json
                git push -q "$S/group/app.git" HEAD:main
                """,
                [
                    "T": place.scene.secret(old.accessToken), "REFRESH": place.scene.secret(old.refreshToken),
                    "SECRET": secret, "FORGE": place.sandbox.baseURL,
                ])
            #expect(run.code == 0, "\(run.everything)")
            #expect(place.scene.read("errors")?.contains("RPC failed; HTTP 401") == true)
            #expect(run.text("class")?.hasPrefix("auth_") == true, "\(run.output)")
            #expect(run["credential_at_fault"] == .bool(true))
            let counters = place.sandbox.counters
            #expect(counters.commits(of: "gitlab.oauth.refresh") == 1 && counters.replays.isEmpty, "\(counters)")
        }
    }

    @Test(
        "a submodule that the token cannot see, or not read, costs nothing but that submodule, and its cause is named",
        arguments: InstalledGit.all)
    func unreadable(_ git: InstalledGit) async throws {
        try await withWorkplace(git) { place in
            try place.sandbox.gitlab.addProject("other/hidden", members: ["root": 50])
            try place.sandbox.gitlab.addProject("other/guest", members: ["root": 50, "dev": 10])
            // One that could be renewed at once, if anybody thought that it should.
            let token = try place.sandbox.gitlab.addToken(
                scopes: ["api", "write_repository"], expiresOn: place.stage.date(40))
            try configure(place, "{method: gitlab-rotate}")
            let run = try await place.job(
                """
                use_outlast
                make_repository app
                for name in hidden guest; do
                    git config -f .gitmodules "submodule.$name.path" "$name"
                    git config -f .gitmodules "submodule.$name.url" "../../other/$name.git"
                    git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),$name"
                done
                git add .gitmodules; git commit -q -m modules
                git push -q "$S/group/app.git" HEAD:main
                git clone -q "$S/group/app.git" ../copy; cd ../copy
                for name in hidden guest; do
                    if git submodule --quiet update --init "$name" 2>../errors; then exit 9; fi
                    "$OUTLAST" record failure --stderr-file ../errors --json >"../$name.json"
                done
                git fetch -q
                """, ["T": token.secret])
            #expect(run.code == 0, "\(run.everything)")
            for (name, cause) in [("hidden", "not_found"), ("guest", "forbidden")] {
                let text = try #require(place.scene.read("\(name).json"))
                let verdict = try JSONValue(parsing: Array(text.utf8))
                #expect(verdict["class"]?.text == cause && verdict["credential_at_fault"] != .bool(true), "\(text)")
            }
            #expect(!place.hasRenewed, "\(place.sandbox.log)")
        }
    }

    @Test("a header of old in the repository, or behind includeIf, is never sent", arguments: InstalledGit.all)
    func staleHeaders(_ git: InstalledGit) async throws {
        try await withWorkplace(git) { place in
            let token = try place.sandbox.gitlab.addToken(
                scopes: ["api", "write_repository"], expiresOn: place.stage.date(40))
            try configure(place, "{method: gitlab-rotate}")
            try place.sandbox.gitlab.addProject("group/lib")
            // As actions/checkout leaves them: in the repository's own file, or in one that it names.
            let run = try await place.job(
                """
                (
                    use_outlast
                    (make_repository lib; git push -q "$S/group/lib.git" HEAD:main)
                    make_repository app
                    git submodule --quiet add "$S/group/lib.git" lib; git commit -q -m lib
                    git push -q "$S/group/app.git" HEAD:main
                    git clone -q --recurse-submodules "$S/group/app.git" ../five
                    git clone -q --recurse-submodules "$S/group/app.git" ../six
                )
                header="AUTHORIZATION: basic $(printf 'stale:stale' | base64)"
                git config -f ../included "http.$S/.extraheader" "$header"
                for folder in .git .git/modules/lib; do
                    git -C five config -f "$folder/config" "http.$S/.extraheader" "$header"
                    git -C six config -f "$folder/config" "includeIf.gitdir:$PWD/six/$folder.path" "$PWD/../included"
                done
                for folder in five six; do
                    cp "$folder/.git/config" before
                    cd $folder
                    if GIT_TERMINAL_PROMPT=0 git fetch -q 2>/dev/null; then exit 9; fi
                    echo "$folder" >>"$HOME/stale"
                    (use_outlast; git fetch -q --recurse-submodules; git commit -q --allow-empty -m "$folder"
                        git pull -q --rebase; git push -q origin HEAD:main; cd lib; git fetch -q)
                    cd ..
                    cmp "$folder/.git/config" before
                done
                """, ["T": token.secret])
            #expect(run.code == 0, "\(run.everything)")
            // The two that were made without outlast are the only ones.
            let stale = place.server.requests.filter { $0.user == "stale" }
            #expect(!stale.isEmpty && stale.allSatisfy { $0.status == 401 }, "\(stale)")
            let good = place.server.requests.filter { $0.user == "oauth2" }
            #expect(good.count > 10 && good.allSatisfy { $0.status == 200 }, "\(good)")
            let last = try #require(place.server.requests.lastIndex { $0.user == "stale" })
            #expect(
                place.server.requests[last...].contains { $0.path.contains("git-receive-pack") && $0.status == 200 })
            #expect(!place.hasRenewed)
        }
    }

    @Test("a dead token in a remote's address is not used, and no file is changed", arguments: InstalledGit.all)
    func tokenInAddress(_ git: InstalledGit) async throws {
        try await withWorkplace(git) { place in
            let gitlab = place.sandbox.gitlab
            let token = try gitlab.addToken(scopes: ["api", "write_repository"], expiresOn: place.stage.date(40))
            let old = try gitlab.addToken(expiresOn: place.stage.date(40))
            gitlab.revokeToken(old.id)
            try gitlab.addProject("group/lib")
            try configure(place, "{method: gitlab-rotate}")
            // The addresses are the runner's doing: they lie where nobody looks for tokens.
            let run = try await place.job(
                """
                cd "$PLACE"
                dirty="https://gitlab-ci-token:$OLD@$H"
                (use_outlast; make_repository lib; git push -q "$S/group/lib.git" HEAD:main)
                make_repository app
                git remote add origin "$dirty/group/app.git"
                if GIT_TERMINAL_PROMPT=0 git push -q origin HEAD:main >/dev/null 2>&1; then exit 9; fi
                use_outlast
                cp .git/config ../before
                git fetch -q; cmp .git/config ../before
                # A relative address is as dirty as the one that it stands beside.
                git submodule --quiet add ../lib.git lib; git commit -q -m lib
                git push -q origin HEAD:main; git fetch -q
                git clone -q --recurse-submodules "$dirty/group/app.git" ../copy
                test -f ../copy/lib/f
                git -C ../copy/lib fetch -q
                """, ["T": token.secret, "OLD": place.scene.secret(old.secret), "PLACE": place.scene.vault])
            #expect(run.code == 0, "\(run.everything)")
            // Only the push that was made without outlast came with it.
            let dirty = place.server.requests.filter { $0.user == "gitlab-ci-token" }
            #expect(dirty.count == 1 && dirty[0].status == 401, "\(dirty)")
            #expect(!place.hasRenewed)
        }
    }
}
