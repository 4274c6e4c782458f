// `exec` with real git against a forge: what is renewed, what is run again, and what is left alone.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("exec: tokens that die on the way", .timeLimit(.minutes(5)))
struct ExecRenewalTests {
    private let minting = "github.mint"
    private let rotating = "gitlab.rotate"
    private let commit = "git init -q -b main .; date >f; git add f; git commit -q -m f; "
    /// A hook that runs when git has seen what the server has, and before it sends: it revokes the token, once.
    private let deadlyHook = """
        printf '#!/bin/sh\\n[ -e "$PLACE/killed" ] && exit 0\\n: >"$PLACE/killed"\\ncurl -s "$S/_sandbox/github/revoke" -d "{\\"token\\":\\"$OUTLAST_TOKEN\\"}"\\n' >.git/hooks/pre-push
        chmod +x .git/hooks/pre-push

        """

    private func requests(_ stage: Stage, _ operation: String, status: Int = 200) -> Int {
        stage.sandbox.log.filter { $0.operation == operation && $0.status == status }.count
    }

    @Test("a token dies in the middle of a push: it is renewed once, and the push is run again and arrives")
    func push() async throws {
        try await withStage { stage in
            let variables = try stage.mint()
            let run = try await stage.scene.shell(
                "mkdir a; cd a; " + commit + deadlyHook
                    + "\"$OUTLAST\" exec --report ../report.json -- git push -q \"$G/octo-org/app.git\" HEAD:main; cd ..; "
                    + "\"$OUTLAST\" exec -- git clone -q \"$G/octo-org/app.git\" b; test -f b/f; cat report.json",
                variables)
            #expect(run.code == 0, "\(run.everything)")
            #expect(run.errors.contains("running it again (2 of 2)"), "\(run.errors)")
            #expect(
                run.output.contains("\"finding\":\"replaced\"") && run.output.contains("\"code\":0"), "\(run.output)")
            #expect(stage.sandbox.counters.commits(of: minting) == 2, "\(run.everything)")
            let events = try await stage.scene.run("history events --json", variables)
            #expect(events.output.contains("exec: git push, run 1 of 2, exit 1"), "\(events.output)")
            #expect(events.output.contains("exec: git push, run 2 of 2"), "\(events.output)")
        }
    }

    @Test(
        "a forced push that the server refused as a whole is run again; one that may have been several requests is not")
    func forced() async throws {
        try await withStage { stage in
            let variables = try stage.mint()
            let push = "\"$OUTLAST\" exec -- git push -q -f origin main"
            let run = try await stage.scene.shell(
                """
                mkdir a; cd a; \(commit) git remote add origin "$G/octo-org/app.git"; \(push)
                git commit -q --amend -m g; \(deadlyHook) \(push); rm "$PLACE/killed"
                "$OUTLAST" exec -- git ls-remote origin main | cut -f1 >there; git rev-parse main | diff - there
                git commit -q --amend -m h
                "$OUTLAST" exec -- git push -q -f --recurse-submodules=on-demand origin main || echo "ended $?"
                """, variables)
            #expect(run.code == 0 && run.output.hasSuffix("ended 1\n"), "\(run.everything)")
            #expect(run.errors.contains("running it again (2 of 2)"), "\(run.errors)")
            #expect(run.errors.contains("it may overwrite what somebody else"), "\(run.errors)")
        }
    }

    @Test("two that meet the same dead token at once renew it once")
    func together() async throws {
        try await withStage { stage in
            let variables = try stage.mint()
            let list = "\"$OUTLAST\" exec -- git ls-remote \"$G/octo-org/app.git\""
            let first = try await stage.scene.shell(list, variables)
            #expect(first.code == 0, "\(first.everything)")
            // All read the token that lives; it dies under their hands.
            let wait =
                "sh -c 'until [ -e \"$PLACE/go\" ]; do sleep 0.1; done; exec git ls-remote \"$G/octo-org/app.git\"'"
            let run = try await stage.scene.shell(
                """
                for i in 1 2 3; do
                ( "$OUTLAST" exec --attempts 2 -- \(wait) >"$PLACE/out.$i" 2>&1; echo $? >"$PLACE/code.$i" ) &
                done
                "$OUTLAST" exec -- sh -c 'curl -s "$S/_sandbox/github/revoke" -d "{\\"token\\":\\"$OUTLAST_TOKEN\\"}"'
                : >"$PLACE/go"; wait; cat "$PLACE"/code.*; cat "$PLACE"/out.* >&2
                """, variables)
            #expect(run.output.filter { $0 == "0" }.count == 3, "\(run.everything)")
            #expect(stage.sandbox.counters.commits(of: minting) == 2, "\(run.everything)")
        }
    }

    @Test("what a child prints renews nothing: the forge is asked, and the true cause named")
    func forged() async throws {
        try await withStage { stage in
            let (_, variables) = try stage.rotate()
            let url = "\(stage.sandbox.baseURL)/group/app.git/"
            let run = try await stage.scene.shell(
                """
                "$OUTLAST" exec --attempts 5 --report report.json -- sh -c 'echo run >>runs
                echo "remote: HTTP Basic: Access denied" >&2; echo "fatal: Authentication failed for '"'\(url)'"'" >&2; exit 128' ||
                echo "ended $?"; wc -l <runs; cat report.json
                """, variables)
            #expect(run.output.contains("ended 128") && run.output.contains("\n1\n"), "\(run.everything)")
            #expect(run.output.contains("\"finding\":\"alive\""), "\(run.everything)")
            #expect(run.errors.contains("the forge accepts the token"), "\(run.errors)")
            #expect(run.errors.contains("stale http.extraheader"), "\(run.errors)")
            #expect(stage.sandbox.counters.requests(of: rotating) == 0)
            #expect(stage.sandbox.log.allSatisfy { !$0.committed })
        }
    }

    @Test("a failure that is about no credential is not called one, asks nobody, and is not run again")
    func others() async throws {
        try await withStage { stage in
            let (_, variables) = try stage.rotate()
            let run = try await stage.scene.shell(
                """
                "$OUTLAST" exec -- true; curl -s "$S/_sandbox/log" -X DELETE >/dev/null
                for script in 'exit 3' 'echo "fatal: unable to access: Could not resolve host: h" >&2; exit 4' 'echo 401 >&2; exit 5'
                do "$OUTLAST" exec --attempts 3 -- sh -c "echo r >>runs; $script" || echo "ended $?"; done
                wc -l <runs
                """, variables)
            #expect(run.output == "ended 3\nended 4\nended 5\n3\n", "\(run.everything)")
            #expect(stage.sandbox.log.filter { !$0.path.hasPrefix("/_sandbox") }.isEmpty)
        }
    }

    @Test("a push whose answer was lost is not sent twice: what the server has is looked at")
    func arrived() async throws {
        try await withStage { stage in
            let (_, variables) = try stage.rotate()
            stage.sandbox.addFault(FaultRule(.drop(.after), path: "/group/app.git/git-receive-pack"))
            let run = try await stage.scene.shell(
                "mkdir a; cd a; " + commit
                    + "git remote add origin \"$S/group/app.git\"; \"$OUTLAST\" exec --retry-transient -- git push -q origin HEAD:main",
                variables)
            #expect(run.code == 0, "\(run.everything)")
            #expect(run.errors.contains("has arrived: it is not sent again"), "\(run.errors)")
            #expect(run.errors.contains("the server has refs/heads/main at "), "\(run.errors)")
            #expect(stage.sandbox.log.filter { $0.path.hasSuffix("/git-receive-pack") }.count == 1)
        }
    }

    @Test("a push that did not arrive is sent again; without --retry-transient it is not")
    func lost() async throws {
        try await withStage { stage in
            let (_, variables) = try stage.rotate()
            stage.sandbox.addFault(FaultRule(.drop(.before), path: "/group/app.git/git-receive-pack", times: 2))
            let push = "git push -q \"$S/group/app.git\" HEAD:main"
            let run = try await stage.scene.shell(
                "mkdir a; cd a; " + commit + "\"$OUTLAST\" exec -- \(push) || echo \"ended $?\"; "
                    + "\"$OUTLAST\" exec --retry-transient -- \(push)", variables)
            #expect(run.code == 0 && run.output == "ended 1\n", "\(run.everything)")
            #expect(stage.sandbox.log.filter { $0.path.hasSuffix("/git-receive-pack") }.count == 3)
        }
    }

    @Test("a command that has read from stdin is not run again; one that could not have read is")
    func input() async throws {
        try await withStage { stage in
            let variables = try stage.mint()
            let kill = "curl -s \"$S/_sandbox/github/revoke\" -d \"{\\\"token\\\":\\\"$OUTLAST_TOKEN\\\"}\" >/dev/null"
            let script = "echo r >>runs; [ -e dead ] || { : >dead; \(kill); }; git ls-remote \"$G/octo-org/app.git\""
            try stage.scene.write("read line; \(script)", to: "reads.sh")
            try stage.scene.write(script, to: "plain.sh")
            let run = try await stage.scene.shell(
                """
                rm -f dead; echo text | "$OUTLAST" exec --attempts 3 -- sh reads.sh || echo "ended $?"
                rm -f dead; "$OUTLAST" exec --attempts 3 -- sh reads.sh <plain.sh || echo "ended $?"
                rm -f dead; "$OUTLAST" exec --attempts 3 -- sh plain.sh </dev/null
                rm -f dead; "$OUTLAST" exec --attempts 3 -- sh plain.sh <plain.sh
                wc -l <runs
                """, variables)
            #expect(run.output.contains("ended 128\nended 128\n") && run.output.hasSuffix("6\n"), "\(run.everything)")
            #expect(run.errors.contains("it may have read from stdin"), "\(run.errors)")
        }
    }

    @Test("what is due is renewed before the command runs, and what an operator keeps to himself never is")
    func before() async throws {
        try await withStage { stage in
            let (token, variables) = try stage.rotate(days: 2, more: "default_duration: 60h\n")
            let run = try await stage.scene.shell(
                "\"$OUTLAST\" exec -- sh -c 'printf %s \"$T\" >\"$PLACE/given\"; git ls-remote \"$S/group/app.git\"'",
                variables)
            #expect(run.code == 0, "\(run.everything)")
            let given = stage.scene.secret(try #require(stage.scene.read("\(stage.scene.vault)/given")))
            #expect(given != token.secret && stage.sandbox.counters.commits(of: rotating) == 1)
            let (other, kept) = try stage.rotate(days: 1, by: "operator", more: "default_duration: 60h\n")
            let second = try await stage.scene.shell(
                "\"$OUTLAST\" exec -- sh -c 'printf %s \"$T\" >\"$PLACE/given\"'", kept)
            #expect(second.code == 0 && stage.scene.read("\(stage.scene.vault)/given") == other.secret)
            #expect(stage.sandbox.counters.commits(of: rotating) == 1)
        }
    }

    @Test("a token that is dead and cannot be renewed stops a run that asked for it, and no other")
    func dead() async throws {
        try await withStage { stage in
            let (token, variables) = try stage.rotate()
            stage.sandbox.gitlab.revokeToken(token.id)
            let named = try await stage.scene.shell(
                "\"$OUTLAST\" exec --credential release -- touch ran || echo \"ended $?\"; test ! -e ran", variables)
            #expect(named.output == "ended 125\n" && named.errors.contains("(code 12)"), "\(named.everything)")
            let unnamed = try await stage.scene.shell("\"$OUTLAST\" exec -- touch ran; test -e ran", variables)
            #expect(unnamed.code == 0 && unnamed.errors.contains("revoked"), "\(unnamed.everything)")
            #expect(stage.sandbox.counters.requests(of: rotating) == 0)
        }
    }

    @Test("git that gets nothing because the token is dead is told why, and not that the machine is at fault")
    func silenced() async throws {
        try await withStage { stage in
            let (token, variables) = try stage.rotate()
            stage.sandbox.gitlab.revokeToken(token.id)
            let run = try await stage.scene.shell(
                """
                git init -q -b main .; git remote add origin "$S/group/app.git"
                "$OUTLAST" exec --report report.json -- git ls-remote origin || echo "ended $?"; cat report.json
                """, variables)
            #expect(run.output.contains("ended 128") && run.output.contains("auth_revoked"), "\(run.everything)")
            #expect(run.errors.contains("failed: auth_revoked"), "\(run.errors)")
            #expect(run.errors.contains("the token is dead, and there is no other"), "\(run.errors)")
            #expect(stage.sandbox.counters.requests(of: rotating) == 0)
        }
    }

    @Test("a store or key that cannot be used stops nothing, unless strict")
    func unusable() async throws {
        try await withStage { stage in
            let (_, variables) = try stage.rotate(days: 1, more: "default_duration: 60h\n")
            let list = "\"$OUTLAST\" exec -- git ls-remote \"$S/group/app.git\""
            let broken = variables.merging(["OUTLAST_STATE": "/proc/none/state.db"]) { $1 }
            var keyless = variables
            keyless["OUTLAST_KEY"] = nil
            for (environment, word) in [(broken, "state store"), (keyless, "key")] {
                let run = try await stage.scene.shell(list, environment)
                #expect(run.code == 0 && run.errors.contains(word), "\(run.everything)")
            }
            let strict = try await stage.scene.shell(
                list + " || echo \"ended $?\"", broken.merging(["OUTLAST_STRICT": "1"]) { $1 })
            #expect(strict.output == "ended 125\n" && strict.errors.contains("(code 40)"), "\(strict.everything)")
            #expect(stage.sandbox.counters.requests(of: rotating) == 0)
        }
    }
}
