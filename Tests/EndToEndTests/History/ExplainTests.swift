// `history explain` after real failures: real git and ssh, a forge whose tokens really die, and other jobs that renew.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("history explain", .timeLimit(.minutes(10)))
struct ExplainTests {
    private let push = "git push -q \"$S/group/app.git\" HEAD:main"

    @Test("a token that ended as the preflight had said: who, when, and what to paste")
    func expired() async throws {
        try await withNight { night in
            let token = try night.sandbox.gitlab.addToken(scopes: ["api"], expiresOn: night.stage.date(9))
            let end = Int64(Date().timeIntervalSince1970) + 25
            try night.configure("expires_at: \(Instant(seconds: end).text)")
            let job = night.job(token: token.secret)
            let said = try await night.preflight(job, "--offline")
            #expect(said.text("decision") == "insufficient", "\(said.output)")
            night.sandbox.gitlab.revokeToken(token.id)
            let wait = "until test $(date +%s) -gt \(end); do sleep 0.2; done; "
            let run = try await night.fail(wait + push, job, as: "push")
            run.expectCause(
                "auth_expired",
                [
                    "the push at ", " failed because token release (", ") ended at ", "; preflight had said",
                    "'insufficient' at ", " and nothing was asked to be done",
                ])
            #expect(run.text("cause.confidence") == "high" && run["cause.credential_at_fault"] == .bool(true))
            #expect(
                run.text("would_have_saved.0")?.hasPrefix("outlast preflight --credential release --on-ins") == true)
            #expect(run.shows("preflight", "insufficient") && run.shows("config", "ended"), "\(run.output)")
            #expect(run.text("job.run") == "4711" && run["similar"]?.elements == [])
        }
    }

    @Test("a forge whose clock is ahead ends a token before its time here")
    func skewed() async throws {
        try await withNight(clock: .running(offset: 600)) { night in
            let gitlab = night.sandbox.gitlab
            gitlab.addApplication(clientID: "app", secret: nil)
            let grant = try gitlab.addGrant(clientID: "app", user: "dev", scopes: ["api"], expiresIn: 2)
            try night.configure()
            let job = night.job(token: grant.accessToken)
            try await night.preflight(job)
            let run = try await night.fail("sleep 3; " + push, job)
            run.expectCause(
                "auth_expired", ["ended at ", " by the forge's clock, which is ", " ahead of this machine's"])
            #expect(run.shows("forge", "the forge's clock was"), "\(run.output)")
        }
    }

    @Test("rotated under a running job: by which job, and when")
    func rotated() async throws {
        try await withNight { night in
            let token = try night.sandbox.gitlab.addToken(
                .project("group/app"), scopes: ["api"], expiresOn: night.stage.date(9))
            try night.configure("renew: {method: gitlab-rotate}")
            let job = night.job(token: token.secret)
            try await night.scene.run("record start", job)
            try await night.preflight(job)
            let other = night.job("4712", "nightly", token: token.secret)
            try await night.scene.run("record start", other)
            try await night.stage.refresh("--credential release --force", other).expect("renewed", generation: 2)
            let run = try await night.fail(push, job, as: "push")
            run.expectCause(
                "auth_revoked",
                [
                    "the push at ", "token release (id \(token.id)) was replaced at ", " by job nightly (run 4712)",
                    " while this job ran; preflight had said 'sufficient' at ",
                ])
            #expect(run.shows("journal", "release renewed by gitlab-rotate by job nightly (run 4712)"), "\(run.output)")
            #expect(run.text("would_have_saved.0")?.hasPrefix("eval \"$(outlast credential env") == true)
        }
    }

    @Test("an old token that is sent to be rotated again takes the new one down with it")
    func replayed() async throws {
        try await withNight { night in
            let old = try night.sandbox.gitlab.addToken(scopes: ["api"], expiresOn: night.stage.date(9))
            try night.configure("renew: {method: gitlab-rotate}\npublish: [{file: {path: \(night.stage.home)}}]")
            let renewal = try await night.stage.refresh(
                "--credential release --force", night.job("1", "renew", token: old.secret))
            renewal.expect("renewed", generation: 2)
            let new = try #require(night.scene.read(night.stage.home))
            let job = night.job(token: new)
            try await night.preflight(job)
            var replay = job
            replay["OLD"] = old.secret
            let script = "curl -s -X POST -H \"PRIVATE-TOKEN: $OLD\" $S/api/v4/personal_access_tokens/self/rotate"
            #expect(try await night.scene.shell(script, replay).output.contains("revoked"))
            let run = try await night.fail(push, job) { try await night.preflight(job, "--fresh") }
            run.expectCause(
                "auth_revoked",
                [
                    " was revoked (known since ", "which no renewal of outlast did: an older token of its family",
                    "; preflight had said 'sufficient'",
                ])
            #expect(run.text("cause.confidence") == "medium", "\(run.output)")
        }
    }

    @Test("a token that lacks a scope")
    func scope() async throws {
        try await withNight { night in
            let token = try night.sandbox.gitlab.addToken(
                scopes: ["read_api", "read_repository"], expiresOn: night.stage.date(9))
            try night.configure()
            let job = night.job(token: token.secret)
            try await night.preflight(job)
            let run = try await night.fail(push, job)
            run.expectCause("scope", ["lacks the scope that this needs (it has read_api, read_repository)"])
            #expect(run.text("would_have_saved.0")?.contains("--needs-scope") == true)
        }
    }

    @Test("an address that the forge has banned, after which refusals")
    func banned() async throws {
        try await withNight { night in
            night.sandbox.gitlab.changeRules { $0.gitBan = .init(failures: 3, window: 180, duration: 3600) }
            let job = night.job(token: "glpat-dEaDtOkEn0123456789xY")
            try await night.scene.run("record start", job)
            let refused = try await night.scene.shell(
                "git ls-remote \"$S/group/app.git\" 2>err || true", job)
            #expect(refused.code == 0)
            try await night.scene.run("record failure --stderr-file err", job)
            let again = "for n in 1 2 3; do git ls-remote \"$S/group/app.git\" || true; done 2>/dev/null; "
            let run = try await night.fail(again + push, job)
            run.expectCause(
                "ip_banned", ["has banned this machine's address", "told by this job", "; no credential was at fault"])
            #expect(run["cause.credential_at_fault"] == .bool(false))
        }
    }

    @Test("a stale header is sent in the place of a token that works")
    func otherCredential() async throws {
        try await withNight { night in
            let token = try night.sandbox.gitlab.addToken(scopes: ["api"], expiresOn: night.stage.date(9))
            try night.configure()
            let job = night.job(token: token.secret)
            try await night.preflight(job)
            let run = try await night.fail(
                "git -c http.extraheader='AUTHORIZATION: basic c3RhbGU6c3RhbGU=' ls-remote \"$S/group/app.git\"", job
            ) { try await night.preflight(job, "--fresh") }
            run.expectCause(
                "auth_rejected", ["the forge refused what it was sent; token release (", "something else was sent"])
        }
    }

    @Test(
        "what only git's helper heard of: a living token that is refused somewhere, and a dead one",
        arguments: [true, false])
    func helper(_ lives: Bool) async throws {
        try await withNight { night in
            let token = try night.sandbox.gitlab.addToken(scopes: ["api"], expiresOn: night.stage.date(9))
            try night.configure()
            var job = night.job()
            job["T"] = night.scene.secret(token.secret)
            job["OUTLAST_CONFIG"] = night.stage.configuration
            try await night.scene.run("record start", job)
            try await night.preflight(job)
            if lives {
                night.sandbox.addFault(
                    FaultRule(.status(401, .before, retryAfter: nil), path: "/group/app.git", times: nil))
            } else {
                night.sandbox.gitlab.revokeToken(token.id)
            }
            let script =
                "eval \"$(\"$OUTLAST\" credential env)\"; for n in 1 2; do git ls-remote \"$S/group/app.git\" || true; done"
            let asked = try await night.scene.shell(script, job)
            #expect(asked.code == 0, "\(asked.everything)")
            try await night.scene.run("record finish --status failed", job)
            let run = try await night.explain("--last")
            run.expectCause(
                lives ? "forbidden" : "auth_revoked",
                [
                    "git's request to 127.0.0.1:",
                    " failed because token release (id \(token.id)) ",
                ])
            #expect(run.shows("git", "auth_failure"), "\(run.output)")
            let rows = try await night.scene.run(
                ["history", "sql", "--json", "SELECT DISTINCT class, source, credential FROM v_auth_failures"],
                night.stage.variables)
            #expect(rows.output.contains(lives ? "forbidden" : "auth_revoked") && rows.output.contains("\"git\""))
        }
    }

    struct Plain: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: String
        let kind: String
        let words: [String]
        var fault: JSONValue = false
        var withToken = true
    }

    static let plain: [Plain] = [
        Plain(
            testDescription: "nothing to send", script: "git push -q \"$S/group/app.git\" HEAD:main",
            kind: "auth_missing", words: ["git had no credential to send"], fault: true, withToken: false),
        Plain(
            testDescription: "no such project", script: "git clone -q \"$S/group/none.git\" x", kind: "not_found",
            words: ["there is no such project"], fault: nil),
        Plain(
            testDescription: "a name that does not resolve",
            script: "git ls-remote http://forge.invalid/a.git", kind: "dns",
            words: ["the forge's name could not be resolved", "no credential was at fault"]),
        Plain(
            testDescription: "nobody listens", script: "git ls-remote http://127.0.0.1:1/a.git",
            kind: "network", words: ["the connection to the forge failed", "no credential was at fault"]),
        Plain(
            testDescription: "a full disk",
            script: "head -c 300000 /dev/urandom >f; git commit -q -a -m big; git archive --output=/dev/full HEAD",
            kind: "local", words: ["there was no space left on this machine's disk", "no credential was at fault"]),
        Plain(
            testDescription: "a branch that moved on",
            script:
                "git push -q \"$S/group/app.git\" HEAD:main; git commit -q --amend -m other; git push -q \"$S/group/app.git\" HEAD:main",
            kind: "non_fast_forward", words: ["the branch had moved on", "no credential was at fault"]),
        Plain(
            testDescription: "a hook that says no",
            script:
                "git init -q --bare ../bare; printf '#!/bin/sh\\nexit 1\\n' >../bare/hooks/pre-receive; chmod +x ../bare/hooks/pre-receive; git push -q ../bare HEAD:main",
            kind: "hook_declined", words: ["a hook of the forge declined"]),
    ]

    @Test("what it was otherwise", arguments: plain)
    func others(_ scene: Plain) async throws {
        try await withNight { night in
            let token = try night.sandbox.gitlab.addToken(scopes: ["api"], expiresOn: night.stage.date(9))
            night.scene.secret(token.secret)
            let run = try await night.fail(scene.script, night.job(token: scene.withToken ? token.secret : nil))
            run.expectCause(scene.kind, scene.words)
            #expect(run["cause.credential_at_fault"] == scene.fault, "\(run.output)")
        }
    }

    @Test(
        "a forge in trouble of its own",
        arguments: [(502, "server"), (429, "rate_limited"), (413, "size")] as [(Int, String)])
    func troubled(_ row: (status: Int, kind: String)) async throws {
        try await withNight { night in
            let token = try night.sandbox.gitlab.addToken(scopes: ["api"], expiresOn: night.stage.date(9))
            night.sandbox.addFault(
                FaultRule(.status(row.status, .before, retryAfter: nil), path: "/group/app.git", times: nil))
            let run = try await night.fail(push, night.job(token: token.secret))
            run.expectCause(row.kind, [" failed because ", "; no credential was at fault"])
        }
    }

    @Test(
        "a key that is denied, and a host key that is another one",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/sshd")))
    func ssh() async throws {
        try await withNight { night in
            let server = """
                mkdir -p /run/sshd k; cd k
                for name in host other user; do ssh-keygen -q -t ed25519 -N '' -f $name; done; : >authorized
                started=; for port in $(seq $((20000 + $$ % 20000)) $((20040 + $$ % 20000))); do
                    printf 'Port %s\\nListenAddress 127.0.0.1\\nHostKey %s/host\\nUsePAM no\\nStrictModes no\\nPidFile none\\n' \
                        "$port" "$PWD" >cfg
                    printf 'AuthorizedKeysFile %s/authorized\\n' "$PWD" >>cfg
                    /usr/sbin/sshd -D -f cfg -E log & pid=$!
                    for n in $(seq 100); do
                        kill -0 $pid 2>/dev/null || break
                        if grep -q "Server listening" log 2>/dev/null; then started=$port; break 2; fi
                        sleep 0.1
                    done
                done
                test -n "$started"; trap 'kill $pid' EXIT
                ask() { GIT_SSH_COMMAND="ssh -F none -o UserKnownHostsFile=$PWD/known -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o IdentityAgent=none -i $PWD/user" git ls-remote "ssh://$(id -un)@127.0.0.1:$started/x.git"; }
                pin() { printf '[127.0.0.1]:%s %s\\n' "$started" "$(cut -d' ' -f1-2 "$1.pub")" >known; }

                """
            for (run, key, kind, words) in [
                ("1", "host", "publickey", "the server did not accept the SSH key"),
                ("2", "other", "host_key", "the server's host key is not the one that is pinned"),
            ] {
                let found = try await night.fail(server + "pin \(key); ask", night.job(run))
                found.expectCause(kind, [words])
            }
        }
    }

    @Test("a job of which nothing was told, one that went well, one that is not known, and none at all")
    func little() async throws {
        try await withNight { night in
            let none = try await night.scene.run("history explain --json", night.stage.variables)
            #expect(none.exit == .stateUnusable)
            let job = night.job()
            try await night.scene.run("record start", job)
            let running = try await night.scene.run("history explain --json", job)
            #expect(running.text("cause.class") == "none", "\(running.output)")
            try await night.scene.run("record finish --status success", job)
            let well = try await night.explain("--last")
            #expect(well.text("cause.class") == "none" && well.text("job.status") == "success")
            let nobody = try await night.explain("--last-failed")
            #expect(nobody.text("cause.class") == "none" && nobody["job"] == .null)
            try await night.scene.run("record finish --status failed", night.job("4713"))
            let silent = try await night.explain("--last-failed")
            silent.expectCause("unknown", ["job release (run 4713) failed, and nothing told why"])
            let byID = try await night.explain(silent.text("job.job_id") ?? "")
            #expect(byID.output == silent.output)
            for line in ["nosuchjob", "--last --last-failed", "x --last", "--last --markdown --json"] {
                #expect(try await night.scene.run("history explain \(line)", job).exit == .usage)
            }
            // Without a choice a job asks about itself.
            let own = try await night.scene.run("history explain --json", job)
            #expect(own.text("job.run") == "4711")
        }
    }

    @Test("failures like it before are told, the newest first")
    func similar() async throws {
        try await withNight { night in
            for run in ["1", "2", "3"] {
                let found = try await night.fail("git push -q \"$S/group/app.git\" HEAD:main", night.job(run))
                let before = found["similar"]?.elements?.compactMap { $0["run"]?.text }
                #expect(before == [[], ["1"], ["2", "1"]][(Int(run) ?? 1) - 1], "\(found.output)")
            }
        }
    }
}
