// What is remembered between runs: it saves requests, it serves without a network, and it says how old it is.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("What was learnt before", .timeLimit(.minutes(10)))
struct MemoryTests {
    /// Makes all that a store knows look so many seconds older.
    private func age(_ scene: Scene, by seconds: Int) async throws {
        let shift = seconds * 1000
        try await scene.sqlite("UPDATE readings SET read_at = read_at - \(shift)")
    }

    @Test("serves for ten minutes: the second run asks nobody")
    func recheck() async throws {
        try await withForge { scene, sandbox in
            let token = scene.secret(try sandbox.gitlab.addToken(expiresOn: "2099-01-01").secret)
            let line = "preflight --token-env T \(sandbox.gitlab4) --json"
            let first = try await scene.run(line, ["T": token])
            let asked = sandbox.questions
            #expect(asked > 0 && first.text("credentials.0.source") == "forge")
            let second = try await scene.run(line, ["T": token])
            #expect(sandbox.questions == asked && second.text("credentials.0.source") == "cache")
            for key in ["kind", "token_id", "scopes", "expires_at", "checked_at", "fingerprint"] {
                #expect(second["credentials.0.\(key)"] == first["credentials.0.\(key)"], "\(key)")
            }
            let fresh = try await scene.run(line + " --fresh", ["T": token])
            #expect(sandbox.questions > asked && fresh.text("credentials.0.source") == "forge")
            let before = sandbox.questions
            try await age(scene, by: 601)
            let later = try await scene.run(line, ["T": token])
            #expect(sandbox.questions > before && later.text("credentials.0.source") == "forge")
        }
    }

    @Test("recheck_after of the configuration is obeyed")
    func configured() async throws {
        try await withForge { scene, sandbox in
            let token = scene.secret(try sandbox.gitlab.addToken(expiresOn: "2099-01-01").secret)
            let file = try scene.write("version: 1\nrecheck_after: 0\n", to: "\(scene.home)/c.yml")
            let line = "preflight --token-env T \(sandbox.gitlab4) --config \(file) --json"
            try await scene.run(line, ["T": token])
            let asked = sandbox.questions
            try await age(scene, by: 1)
            try await scene.run(line, ["T": token])
            #expect(sandbox.questions > asked)
        }
    }

    @Test("--offline asks nobody, uses what is known, and says how old it is")
    func offline() async throws {
        try await withForge { scene, sandbox in
            let token = scene.secret(try sandbox.gitlab.addToken(expiresOn: "2099-01-01").secret)
            let line = "preflight --token-env T \(sandbox.gitlab4) --json"
            let nothing = try await scene.run(line + " --offline", ["T": token])
            #expect(nothing.exit == .done && nothing.text("decision") == "unknown" && sandbox.questions == 0)
            try await scene.run(line, ["T": token])
            let asked = sandbox.questions
            try await age(scene, by: 7200)
            let known = try await scene.run(line + " --offline", ["T": token])
            #expect(known.text("decision") == "sufficient" && sandbox.questions == asked)
            #expect(known.text("credentials.0.source") == "cache")
            #expect(known.text("credentials.0.checked_at").flatMap { Instant(text: $0) } != nil)
            let text = try await scene.run(line.replacing("--json", with: "--offline"), ["T": token])
            #expect(text.output.contains("(as its forge said 2h"), "\(text.output)")
            let both = try await scene.run(line + " --offline --fresh", ["T": token])
            #expect(both.exit == .usage)
        }
    }

    @Test("serves with its age when the forge cannot be asked any more")
    func lost() async throws {
        try await withForge { scene, sandbox in
            let token = scene.secret(try sandbox.gitlab.addToken(expiresOn: "2099-01-01").secret)
            let line = "preflight --token-env T \(sandbox.gitlab4) --fresh --json"
            try await scene.run(line, ["T": token])
            sandbox.addFault(FaultRule(.status(502, .before, retryAfter: nil), path: "/", times: nil))
            let run = try await scene.run(line, ["T": token])
            #expect(run.exit == .done && run.text("credentials.0.source") == "cache")
            #expect(run.errors.contains("the forge could not be asked") && run.errors.contains("ago"), "\(run.errors)")
        }
    }

    @Test("a dead token is asked about again, and one server's word is not another's")
    func dead() async throws {
        try await withForge { scene, sandbox in
            let token = try sandbox.gitlab.addToken(expiresOn: "2099-01-01")
            scene.secret(token.secret)
            sandbox.gitlab.revokeToken(token.id)
            let line = "preflight --token-env T \(sandbox.gitlab4) --json"
            #expect(try await scene.run(line, ["T": token.secret]).exit == .rejected)
            let asked = sandbox.questions
            #expect(try await scene.run(line, ["T": token.secret]).exit == .rejected)
            #expect(sandbox.questions > asked)
            try await withSandbox { other in
                let run = try await scene.run(
                    "preflight --token-env T \(other.gitlab4) --json", ["T": token.secret])
                #expect(other.questions > 0 && run.exit == .rejected)
            }
        }
    }

    @Test("--deadline bounds all questions together")
    func deadline() async throws {
        try await withServer({ _ in [.silence] }) { server in
            try await withScene { scene in
                let options = "--forge gitlab --api-url \(server.url)/api/v4"
                let token = scene.secret("glpat-aB3dE6gH9jK2mN5pQ8sT")
                let run = try await scene.run(
                    "preflight --token-env T \(options) --deadline 1s --timeout 60s --json", ["T": token])
                #expect(run.exit == .unreachable && run.text("decision") == "unknown")
                #expect(run.text("credentials.0.reason")?.contains(server.place) == true)
                #expect(run.took < .seconds(45))
            }
        }
    }
}
