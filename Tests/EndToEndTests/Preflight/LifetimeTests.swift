// How the end of a token is known, on whose clock, and what is said when nobody knows it.

import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@Suite("The end of a token", .timeLimit(.minutes(10)))
struct LifetimeTests {
    @Test("a job at 23:30 with a token dated tomorrow has 30 minutes")
    func halfPastEleven() async throws {
        try await withForge("2026-11-20T23:30:00Z") { scene, sandbox in
            let token = scene.secret(
                try sandbox.gitlab.addToken(.project("group/app"), expiresOn: "2026-11-21").secret)
            let line = "preflight --token-env T \(sandbox.gitlab4) --margin 0 --duration "
            let short = try await scene.run(line + "29m --json", ["T": token])
            #expect(short.exit == .done && short.text("decision") == "sufficient")
            let left = try #require(short.number("credentials.0.remaining_s"))
            #expect((1790...1800).contains(left))
            let long = try await scene.run(line + "31m --fresh --json", ["T": token])
            #expect(long.exit == .willExpire && long.text("decision") == "insufficient")
            #expect(long.text("credentials.0.expires_at") == "2026-11-21T00:00:00Z")
            let missing = try #require(long.number("credentials.0.shortfall_s"))
            #expect((60...70).contains(missing))
            try sandbox.setClock("2026-11-21T00:00:00Z")
            let over = try await scene.run(line + "1m --fresh", ["T": token])
            #expect(over.exit == .expired && over.output.hasPrefix("expired: token (gitlab-project"))
        }
    }

    @Test("the forge's clock counts, and a skew of more than a minute is reported")
    func skew() async throws {
        try await withForge("2001-02-03T04:05:06Z") { scene, sandbox in
            let token = scene.secret(try sandbox.gitlab.addToken(expiresOn: "2001-02-04").secret)
            let run = try await scene.run("preflight --token-env T \(sandbox.gitlab4) --json", ["T": token])
            #expect(run.exit == .done, "on this machine's clock the token has been dead for decades")
            let left = try #require(run.number("credentials.0.remaining_s"))
            #expect((71_680...71_694).contains(left))
            #expect(try #require(run.number("credentials.0.clock_skew_s")) < -700_000_000)
            #expect(run.errors.contains("the forge's clock is") && run.errors.contains("behind this machine's"))
        }
        try await withScene { scene in
            try await withSandbox(SandboxOptions(clock: .running(offset: 30))) { sandbox in
                let token = scene.secret(try sandbox.gitlab.addToken(expiresOn: "2999-01-01").secret)
                let run = try await scene.run("preflight --token-env T \(sandbox.gitlab4) --json", ["T": token])
                #expect(run.exit == .done && run.errors.isEmpty, "half a minute is not worth a word: \(run.errors)")
                #expect((25...35).contains(try #require(run.number("credentials.0.clock_skew_s"))))
            }
        }
    }

    @Test("the forge's word comes before the token's own, that before the command line's, that before the file's")
    func order() async throws {
        try await withForge { scene, sandbox in
            let forged = scene.secret(try sandbox.gitlab.addToken(expiresOn: "2099-01-01").secret)
            let signed = scene.secret(TestJWT.token(payload: #"{"exp":4070908800,"n":"2f1d8a9c7b6e5f40"}"#))
            let plain = scene.secret("plain-0123456789-plain-0123456789")
            let file = try scene.write(
                """
                version: 1
                credentials:
                  forged: {forge: gitlab, api_url: "\(sandbox.gitlabAPI)", token: {env: F}, expires_at: 2098-01-01}
                  signed: {forge: generic, token: {env: J}, expires_at: 2098-01-01}
                  plain: {forge: generic, token: {env: P}, expires_at: 2098-01-01}
                """, to: "\(scene.home)/.config/outlast/config.yml")
            #expect(file.hasSuffix("config.yml"))
            let variables = ["F": forged, "J": signed, "P": plain]
            let all = try await scene.run("preflight --json", variables)
            #expect((0..<3).map { all.text("credentials.\($0).source") } == ["forge", "jwt", "config"])
            let flag = "--expires-at 2097-01-01 --json"
            let sources = ["forged": "forge", "signed": "jwt", "plain": "flag"]
            for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
                let run = try await scene.run("preflight --credential \(name) --fresh \(flag)", variables)
                #expect(run.text("credentials.0.source") == source, "\(name)")
                #expect(run.errors.contains("--expires-at says 2097-01-01") == (source != "flag"), "\(run.errors)")
            }
        }
    }

    @Test("a token without an end is sufficient with a source, and an unknown end never is")
    func noEnd() async throws {
        try await withForge { scene, sandbox in
            let endless = scene.secret(try sandbox.gitlab.addToken(expiresOn: nil).secret)
            let run = try await scene.run("preflight --token-env T \(sandbox.gitlab4) --json", ["T": endless])
            #expect(run.exit == .done && run.text("decision") == "sufficient")
            #expect(run["credentials.0.expires_at"] == .null && run["credentials.0.remaining_s"] == .null)
            #expect(run.text("credentials.0.source") == "forge")
            let unknown = scene.secret("unknown-0123456789-unknown")
            let doubt = try await scene.run("preflight --token-env T", ["T": unknown])
            #expect(doubt.exit == .done && doubt.output.hasPrefix("unknown: token (opaque)"))
            #expect(doubt.errors.contains("outlast: token: its end is not known") || doubt.errors.contains("end"))
            let strict = try await scene.run("preflight --token-env T --require-known", ["T": unknown])
            #expect(strict.exit == .lifetimeUnknown)
        }
    }

    @Test("the moment of the knowledge is told in UTC, with seconds")
    func moments() async throws {
        try await withForge { scene, sandbox in
            let token = scene.secret(sandbox.github.addToken(expiresAt: SandboxInstant("2099-11-21T07:30:00+05:30")))
            sandbox.github.changeRules { $0.expiryHeaderOffset = 330 }
            let run = try await scene.run("preflight --token-env T \(sandbox.github3) --json", ["T": token])
            #expect(run.text("credentials.0.expires_at") == "2099-11-21T02:00:00Z")
            #expect(run.text("credentials.0.checked_at").flatMap { Instant(text: $0) } != nil)
        }
    }
}
