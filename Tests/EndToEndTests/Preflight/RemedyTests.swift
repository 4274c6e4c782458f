// `preflight --on-insufficient refresh` and `auto`: what does not outlast the job is renewed first, and 0 means that the new
// token does.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

extension Stage {
    /// `outlast preflight --json` with what `configure` wrote, if it wrote anything.
    fileprivate func preflight(
        _ line: String, _ more: [String: String] = [:], without: [String] = [], input: String? = nil,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Run {
        var words = ["preflight", "--json"] + line.split(separator: " ").map(String.init)
        if scene.read(configuration) != nil { words += ["--config", configuration] }
        var environment = variables.merging(more) { $1 }
        for name in without { environment[name] = nil }
        let run = try await scene.run(words, environment, input: input, at: location)
        for token in sandbox.gitlab.tokens { scene.secret(token.secret) }
        // What failed before anything was judged has no figures.
        let complaint = run["decision"] == .null ? nil : Shape.complaint(run.json, .object(Shape.preflight))
        #expect(complaint == nil, "\(run.everything)", sourceLocation: location)
        return run
    }

    fileprivate func configureRelease(_ more: String = "") throws {
        try configure("forge: gitlab\napi_url: \(sandbox.gitlabAPI)\ntoken: {env: T}\n\(more)")
    }

    fileprivate var rotations: Int { sandbox.counters.requests(of: "gitlab.rotate") }
}

extension Run {
    fileprivate func expect(
        _ decision: String, _ code: OutlastModel.ExitCode, remedy: String, saying words: String = "",
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(text("decision") == decision && exit == code, "\(everything)", sourceLocation: location)
        #expect(text("remedy") == remedy, "\(everything)", sourceLocation: location)
        #expect(words.isEmpty || errors.contains(words), "\(everything)", sourceLocation: location)
    }
}

@Suite("preflight: remedies", .timeLimit(.minutes(5)))
struct RemedyTests {
    private static let line = "--min-remaining 3d --on-insufficient"

    @Test("what does not outlast the job is renewed once, and whoever has the old value is given the new one")
    func refresh() async throws {
        for action in ["refresh", "auto"] {
            try await withStage { stage in
                let (source, variables) = try stage.dueToken()
                let line = "\(source) \(Self.line) \(action)"
                let first = try await stage.preflight(line, variables)
                first.expect(
                    "sufficient", .done, remedy: "refresh", saying: "token: renewed for this job, generation 2")
                let living = try stage.living()
                #expect(first.text("credentials.0.fingerprint") == stage.fingerprint(living), "\(first.output)")
                #expect(first.text("credentials.0.source") == "forge")
                let again = try await stage.preflight(line, variables)
                again.expect("sufficient", .done, remedy: "refresh", saying: "token: renewed before, generation 2")
                #expect(again.text("credentials.0.fingerprint") == stage.fingerprint(living))
                let holder = try await stage.preflight(line, ["T": living])
                holder.expect("sufficient", .done, remedy: "none")
                #expect(stage.rotations == 1 && stage.sandbox.counters.replays.isEmpty)
                let refresh = try await stage.refresh(source, variables)
                refresh.expect("reused", generation: 2)
                #expect(first.text("state") == "ok")
            }
        }
    }

    @Test("a token that suffices is left alone, and so is one that lacks a scope; other actions renew nothing")
    func untouched() async throws {
        try await withStage { stage in
            let long = try stage.dueToken(days: 20)
            try await stage.preflight("\(long.line) \(Self.line) refresh", long.variables)
                .expect("sufficient", .done, remedy: "none")
            try await stage.preflight("\(long.line) \(Self.line) refresh --needs-scope sudo", long.variables)
                .expect("insufficient_scope", .insufficientScope, remedy: "none")
            let short = try stage.dueToken()
            for (action, code) in [("fail", OutlastModel.ExitCode.willExpire), ("warn", .done)] {
                try await stage.preflight("\(short.line) \(Self.line) \(action)", short.variables)
                    .expect("insufficient", code, remedy: "none")
            }
            try await stage.preflight("\(short.line) \(Self.line) ssh-fallback", short.variables)
                .expect("insufficient", .willExpire, remedy: "none", saying: "no credential has `ssh`")
            let warn = try await stage.preflight(
                "\(short.line) \(Self.line) refresh", short.variables.merging(["OUTLAST_MODE": "warn"]) { $1 })
            warn.expect("insufficient", .done, remedy: "none")
            #expect(stage.rotations == 0)
        }
    }

    @Test("what the operator alone renews is not renewed, but the token that the operator renewed is found")
    func byOperator() async throws {
        try await withStage { stage in
            let (_, variables) = try stage.dueToken()
            try stage.configureRelease("renew: {method: gitlab-rotate, by: operator}")
            let line = "\(Self.line) auto"
            try await stage.preflight(line, variables)
                .expect("insufficient", .willExpire, remedy: "none", saying: "this run may not make one")
            #expect(stage.rotations == 0)
            try await stage.refresh("", variables).expect("renewed", generation: 2)
            try await stage.preflight(line, variables)
                .expect("sufficient", .done, remedy: "refresh", saying: "release: renewed before, generation 2")
            #expect(stage.rotations == 1)
        }
    }

    @Test("offline a newer token of the state is found, and nothing is renewed")
    func offline() async throws {
        try await withStage { stage in
            let (source, variables) = try stage.dueToken()
            let line = "\(source) \(Self.line) refresh --offline"
            let ended = line + " --expires-at 2001-01-01"
            try await stage.preflight(ended, variables).expect("expired", .expired, remedy: "none")
            try await stage.refresh(source, variables).expect("renewed", generation: 2)
            let questions = stage.sandbox.questions
            try await stage.preflight(ended, variables).expect("sufficient", .done, remedy: "refresh")
            #expect(stage.sandbox.questions == questions)
        }
    }

    /// Ways in which a renewal does not happen: the verdict's code, and what it is with `--strict`.
    static let failures: [(what: String, code: OutlastModel.ExitCode, strict: OutlastModel.ExitCode, words: String)] = [
        ("no key", .willExpire, .cacheLocked, "OUTLAST_KEY"),
        ("no state", .willExpire, .stateUnusable, "/proc/outlast"),
        ("no home", .willExpire, .willExpire, "only in this job's own folder"),
        ("narrow", .willExpire, .willExpire, "self_rotate"),
        ("revoked", .rejected, .rejected, "not renewed"),
        ("ended", .expired, .expired, "not renewed"),
        ("lost", .renewalInDoubt, .renewalInDoubt, "never arrived"),
    ]

    @Test("a renewal that fails leaves the verdict, but a lost token is 21", arguments: failures)
    func failed(
        _ failure: (what: String, code: OutlastModel.ExitCode, strict: OutlastModel.ExitCode, words: String)
    ) async throws {
        for strict in [false, true] {
            try await withStage { stage in
                var (line, variables) = try stage.dueToken(
                    scopes: [failure.what == "narrow" ? "read_api" : "api"], days: failure.what == "ended" ? 0 : 1)
                var without: [String] = []
                switch failure.what {
                case "no key": without = ["OUTLAST_KEY"]
                case "no state": variables["OUTLAST_STATE"] = "/proc/outlast/state.db"
                case "no home":
                    without = ["OUTLAST_STATE"]
                    variables.merge(stage.sandbox.gitlabJob) { $1 }
                case "revoked": stage.sandbox.gitlab.tokens.forEach { stage.sandbox.gitlab.revokeToken($0.id) }
                case "lost":
                    stage.sandbox.addFault(
                        FaultRule(.drop(.after), method: "POST", path: "/api/v4/personal_access_tokens/self/rotate"))
                default: break
                }
                line += " \(Self.line) refresh" + (strict ? " --strict" : "")
                let run = try await stage.preflight(line, variables, without: without)
                #expect(run.exit == (strict ? failure.strict : failure.code), "\(failure.what): \(run.everything)")
                #expect(run.errors.contains(failure.words), "\(run.everything)")
                #expect(["none", nil].contains(run.text("remedy")))
                #expect(stage.rotations == (failure.what == "lost" ? 1 : 0))
                if !strict, failure.what.hasPrefix("no "), failure.what != "no home" {
                    #expect(run.text("state") == "unavailable" && run.text("state_reason") != nil, "\(run.output)")
                }
            }
        }
    }

    @Test("a renewal that gives less than the job needs is no remedy, and is not spent in vain")
    func tooShort() async throws {
        try await withStage { stage in
            let (_, variables) = try stage.dueToken()
            try stage.configureRelease("renew: {method: gitlab-rotate, lifetime: 10d}")
            for action in ["refresh", "auto"] {
                let run = try await stage.preflight("--min-remaining 60d --on-insufficient \(action)", variables)
                run.expect(
                    "insufficient", .willExpire, remedy: "none",
                    saying: "would not help: a new token lives 9d ")
            }
            #expect(stage.rotations == 0)
            // Whatever it gives is more than a dead token has.
            let ended = try stage.dueToken(days: 0)
            let dead = try await stage.preflight("--min-remaining 60d --on-insufficient refresh", ended.variables)
            #expect(dead.exit == .expired && !dead.errors.contains("would not help"), "\(dead.everything)")
        }
    }

    @Test(
        "the last day of a new token's life counts as the date that it ends on, so nothing is spent for a day that it lacks"
    )
    func dateCounts() async throws {
        try await withStage { stage in
            let (_, variables) = try stage.dueToken()
            try stage.configureRelease("renew: {method: gitlab-rotate, lifetime: 30d}")
            for _ in 0..<2 {
                let run = try await stage.preflight("--min-remaining 30d --on-insufficient refresh", variables)
                run.expect("insufficient", .willExpire, remedy: "none", saying: "would not help")
            }
            #expect(stage.rotations == 0)
        }
    }

    @Test("what two hours cannot give is not asked of a grant that gives two hours, and the reply says what will do")
    func grant() async throws {
        try await withStage { stage in
            stage.sandbox.gitlab.addApplication(clientID: "app", secret: nil)
            let grant = try stage.sandbox.gitlab.addGrant(clientID: "app", expiresIn: 7200)
            for token in [grant.accessToken, grant.refreshToken] { stage.scene.secret(token) }
            try stage.configure(
                """
                forge: gitlab
                api_url: \(stage.sandbox.gitlabAPI)
                token: {env: ACCESS}
                renew: {method: oauth2, token_url: "\(stage.sandbox.baseURL)/oauth/token", client_id: app, \
                refresh_token: {env: REFRESH}}
                publish: [{file: {path: \(stage.home)}}]
                """)
            let variables = ["ACCESS": grant.accessToken, "REFRESH": grant.refreshToken]
            let run = try await stage.preflight("--duration 3h --on-insufficient auto", variables)
            run.expect("insufficient", .willExpire, remedy: "none", saying: "a new token lives 2h at the most")
            #expect(run["credentials.0.renews_in_job"] == .bool(true), "\(run.output)")
            #expect(run.text("credentials.0.next_step")?.contains("--min-remaining") == true, "\(run.output)")
            #expect(stage.sandbox.counters.commits(of: "gitlab.oauth.refresh") == 0)
            try await stage.preflight("--min-remaining 30m --on-insufficient auto", variables)
                .expect("sufficient", .done, remedy: "none")
        }
    }

    @Test("a credential that has no token until one is minted is judged by what minting gives")
    func minted() async throws {
        try await withStage { stage in
            _ = try stage.mint()
            func check(
                _ line: String, _ decision: String, _ code: OutlastModel.ExitCode, remedy: String = "none",
                saying words: String = ""
            ) async throws {
                try await stage.preflight(line).expect(decision, code, remedy: remedy, saying: words)
            }
            try await check("--duration 30m", "sufficient", .done)
            try await check("--duration 3h", "insufficient", .willExpire)
            try await check("--duration 30m --offline", "sufficient", .done, saying: "it was not asked whether")
            try await check("--duration 30m --needs-scope x", "unknown", .done)
            try await check("--duration 30m --needs-scope x --require-known", "unknown", .lifetimeUnknown)
            try await check(
                "--duration 3h --on-insufficient auto", "insufficient", .willExpire, saying: "1h at the most")
            #expect(stage.sandbox.counters.commits(of: "github.mint") == 0)
            let first = try await stage.preflight("--duration 30m --on-insufficient refresh")
            first.expect("sufficient", .done, remedy: "refresh", saying: "the job was started without a token")
            #expect(first.text("credentials.0.expires_at") != nil && first.text("credentials.0.fingerprint") != nil)
            try await check(
                "--duration 30m --on-insufficient auto", "sufficient", .done, remedy: "refresh",
                saying: "renewed before")
            #expect(stage.sandbox.counters.commits(of: "github.mint") == 1)
        }
    }

    @Test("one that cannot be minted is rejected, and a forge that does not answer is no reason against it")
    func notMinted() async throws {
        try await withStage { stage in
            _ = try stage.mint()
            stage.sandbox.addFault(FaultRule(.status(500, .before, retryAfter: nil), path: "/github/orgs", times: 1))
            let quiet = try await stage.preflight("--duration 30m")
            quiet.expect("sufficient", .done, remedy: "none", saying: "could not be asked")
            let text = try #require(stage.scene.read(stage.configuration))
            try stage.scene.write(
                text.replacing("organization: octo-org", with: "organization: nobody"), to: stage.configuration)
            for action in ["fail", "refresh"] {
                try await stage.preflight("--duration 30m --on-insufficient \(action)")
                    .expect("rejected", .rejected, remedy: "none")
            }
            let named = try await stage.preflight("--credential release --duration 30m")
            #expect(named.text("credentials.0.reason")?.contains("no token can be made") == true, "\(named.output)")
        }
    }

    @Test(
        "a token from stdin is renewed as it was judged; of several credentials each is treated, and the worst counts")
    func several() async throws {
        try await withStage { stage in
            let first = try stage.dueToken()
            let stdin = try await stage.preflight(
                "--token-stdin \(stage.sandbox.gitlab4) \(Self.line) refresh", input: first.variables["T"])
            stdin.expect("sufficient", .done, remedy: "refresh")

            let (a, b) = (try stage.dueToken(), try stage.dueToken())
            try stage.configure(
                "forge: gitlab\napi_url: \(stage.sandbox.gitlabAPI)\ntoken: {env: A}",
                others: """
                    second:
                      forge: gitlab
                      api_url: \(stage.sandbox.gitlabAPI)
                      token: {env: B}
                      renew: {method: none}
                    """)
            let variables = ["A": a.variables["T"] ?? "", "B": b.variables["T"] ?? ""]
            let both = try await stage.preflight("\(Self.line) auto", variables)
            both.expect("insufficient", .willExpire, remedy: "refresh", saying: "second: not renewed")
            #expect(both.text("credentials.0.decision") == "sufficient")
            #expect(both.text("credentials.1.decision") == "insufficient")
            #expect(stage.rotations == 2)
        }
    }

    @Test("an access token that is over is renewed by its refresh token")
    func oauth() async throws {
        try await withStage { stage in
            stage.sandbox.oauth.addClient("app", secret: nil)
            let grant = stage.sandbox.oauth.addGrant(client: "app")
            for token in [grant.accessToken, grant.refreshToken] { stage.scene.secret(token) }
            try stage.configure(
                """
                forge: oauth2
                token: {env: ACCESS}
                expires_at: 2001-01-01
                renew: {method: oauth2, token_url: "\(stage.sandbox.oauth.tokenURL)", client_id: app, \
                refresh_token: {env: REFRESH}}
                publish: [{file: {path: \(stage.home)}}]
                """)
            let variables = ["ACCESS": grant.accessToken, "REFRESH": grant.refreshToken]
            for _ in 1...2 {
                let run = try await stage.preflight("--min-remaining 30m --on-insufficient auto", variables)
                run.expect("sufficient", .done, remedy: "refresh")
                #expect(run.text("credentials.0.fingerprint") == stage.fingerprint(try stage.published()))
            }
            #expect(stage.sandbox.counters.commits(of: "oauth.token") == 1)
        }
    }

    @Test("a publication that is still queued is a warning beside the verdict")
    func queued() async throws {
        try await withStage { stage in
            let (_, variables) = try stage.dueToken()
            try stage.configureRelease("publish: [{command: {command: [/bin/false]}}]")
            let run = try await stage.preflight("\(Self.line) refresh", variables)
            run.expect("sufficient", .done, remedy: "refresh", saying: "is still waiting for it")
        }
    }
}

@Suite("preflight: the budget of failed authentications", .timeLimit(.minutes(5)))
struct PreflightBudgetTests {
    private func stranger(_ stage: Stage, _ number: Int) -> String {
        stage.scene.secret("glpat-nobody-knows-this-\(number)")
    }

    @Test("well before a ban no more unknown tokens are sent: 75, where their life is not known otherwise")
    func failures() async throws {
        try await withStage { stage in
            let line = "--token-env T \(stage.sandbox.gitlab4) --min-remaining 1h"
            var refused = 0
            var last = try await stage.preflight(line, ["T": stranger(stage, 0)])
            while last.exit == .rejected && refused < 20 {
                refused += 1
                last = try await stage.preflight(line, ["T": stranger(stage, refused)])
            }
            // On a slow machine the first ones are too old to count when the last are sent.
            #expect(last.exit == .slowDown && (1..<20).contains(refused), "\(refused): \(last.everything)")
            #expect(last.text("error.message")?.contains("nothing was sent") == true, "\(last.output)")
            let questions = stage.sandbox.questions
            let known = try await stage.preflight(line + " --expires-at 2099-01-01", ["T": stranger(stage, 30)])
            known.expect("sufficient", .done, remedy: "none", saying: "nothing was sent")
            #expect(stage.sandbox.questions == questions)
        }
    }

    @Test("a forge that asks to wait is not asked again before that")
    func wait() async throws {
        try await withStage { stage in
            let (source, variables) = try stage.dueToken(days: 20)
            stage.sandbox.addFault(
                FaultRule(.status(429, .before, retryAfter: "600"), path: "/api/v4/personal_access_tokens", times: nil))
            let line = "\(source) --min-remaining 1h"
            #expect(try await stage.preflight(line, variables).exit == .slowDown)
            let questions = stage.sandbox.questions
            let again = try await stage.preflight(line, variables)
            #expect(again.exit == .slowDown, "\(again.everything)")
            #expect(again.text("error.message")?.contains("asked us to wait until") == true, "\(again.output)")
            #expect(stage.sandbox.questions == questions)
        }
    }
}
