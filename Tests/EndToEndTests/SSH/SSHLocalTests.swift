// `--local`: the repository's own configuration, written and given back byte for byte.

import Foundation
import OutlastModel
import Testing

@Suite("SSH fallback: --local", .timeLimit(.minutes(10)))
struct SSHLocalTests {
    private static let local = SSHFallbackTests.fallback + " --local"
    private let commit = "date >g; git add g; git commit -q -m g; "

    @Test("git goes over SSH in the repository and its submodules, and --off gives every byte back")
    func identity() async throws {
        try await withSSH(["group/app", "group/lib"]) { scene, server in
            _ = try await server.key("deploy", for: ["group/app", "group/lib"])
            let run = try await scene.shell(
                """
                git init -q -b main a; cd a; \(commit) git remote add origin https://git.example.com/group/app.git
                git -c protocol.file.allow=always submodule --quiet add "$KEYS/repos/group/lib.git" deep/lib
                git -C deep/lib remote set-url origin https://git.example.com/group/lib.git
                printf '[a]\\n\\tb = c' >>.git/config; chmod 640 .git/config
                cp -p .git/config ../one; cp -p .git/modules/deep/lib/config ../two
                \(Self.local) --need-push
                git fetch -q; git push -q origin HEAD:side; git -C deep/lib fetch -q; git config a.b
                git worktree add -q ../tree; (cd ../tree; git fetch -q)
                cd deep; "$OUTLAST" ssh-fallback --status; "$OUTLAST" ssh-fallback --off; cd ..
                cmp .git/config ../one; cmp .git/modules/deep/lib/config ../two; stat -c %a .git/config
                ! git fetch -q 2>/dev/null
                """, server.variables)
            #expect(run.code == 0 && run.output.contains("written: "), "\(run.everything)")
            #expect(run.output.hasSuffix("640\n"), "\(run.everything)")
            #expect(server.leftovers == [] && server.agents == [])
        }
    }

    @Test("what somebody else has written meanwhile stays, also in the midst of our lines")
    func meanwhile() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let run = try await scene.shell(
                """
                git init -q -b main a; cd a; git remote add origin https://git.example.com/group/app.git
                cp .git/config ../before; \(Self.local)
                git config user.name me; git config --add include.path /nowhere; git config core.editor vi
                "$OUTLAST" ssh-fallback --off
                git config user.name; git config include.path; git config core.editor
                git config core.sshCommand && exit 9; grep -q outlast .git/config && exit 9
                git config --unset user.name; git config --unset include.path; git config --unset core.editor
                git config --list --local >../after; git config --list --file ../before >../first; cmp ../first ../after
                """, server.variables)
            #expect(run.code == 0 && run.output.hasSuffix("me\n/nowhere\nvi\n"), "\(run.everything)")
        }
    }

    @Test("an address with a token in the same file goes over SSH, and the token stays in that file alone")
    func token() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let token = scene.secret("glcbt-64_0123456789abcdefghij")
            let run = try await scene.shell(
                """
                cd "$PLACE"; git init -q -b main a; cd a; \(commit)
                git remote add origin "https://gitlab-ci-token:$TOKEN@git.example.com/group/app.git"
                cp .git/config ../before; T=$TOKEN; unset TOKEN
                \(Self.local)
                git fetch -q; git push -q origin HEAD:side; ! grep -r "$T" "$XDG_RUNTIME_DIR"
                "$OUTLAST" ssh-fallback --off; cmp .git/config ../before
                """, server.variables.merging(["TOKEN": token, "PLACE": scene.vault]) { $1 })
            #expect(run.code == 0, "\(run.everything)")
        }
    }

    @Test("activated again, the first is taken back; one that leads elsewhere is taken back first")
    func again() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let run = try await scene.shell(
                """
                git init -q -b main a; cd a; git remote add origin https://git.example.com/group/app.git
                cp .git/config ../before
                \(Self.local); cp .git/config ../one; \(Self.local) --no-agent; git fetch -q
                test "$(grep -c '^# outlast' .git/config)" = 2
                \(Self.local) --host-key "$(cut -d' ' -f1,2 "$KEYS/other.pub")" --repo "$REPO" --need-push --port 9 || test $? = 30
                cmp .git/config ../before; ! git fetch -q 2>/dev/null
                "$OUTLAST" ssh-fallback --off; cmp .git/config ../before
                """, server.variables)
            #expect(run.code == 0, "\(run.everything)")
            #expect(server.leftovers == [] && server.agents == [])
        }
    }

    @Test("outside a repository, and where its configuration is a link, nothing is written")
    func refused() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let run = try await scene.shell(
                """
                \(Self.local) && exit 9
                git init -q -b main a; cd a; mv .git/config ../real; ln -s ../../real .git/config; cp ../real ../before
                \(Self.local) && exit 9
                test -L .git/config; cmp ../real ../before
                """, server.variables)
            #expect(run.code == 0, "\(run.everything)")
            #expect(server.leftovers == [] && server.agents == [])
        }
    }
}
