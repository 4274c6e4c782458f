// Dead, unwelcome and unreachable are different things, each with its exit code.

import OutlastModel
import OutlastSandbox
import Testing

/// A way in which a forge turns a token away, and what comes of it.
struct RefusalCase: Sendable, CustomTestStringConvertible {
    let name: String
    let code: OutlastModel.ExitCode
    let decision: String
    let words: String
    var options: @Sendable (Sandbox) -> String = { $0.gitlab4 }
    let make: @Sendable (Sandbox) throws -> String

    var testDescription: String { name }

    static let gitlab = [
        RefusalCase(name: "expired", code: .expired, decision: "expired", words: "has expired") {
            try $0.gitlab.addToken(expiresOn: "2026-11-20").secret
        },
        RefusalCase(name: "revoked", code: .rejected, decision: "rejected", words: "revoked, or rotated away") {
            let token = try $0.gitlab.addToken()
            $0.gitlab.revokeToken(token.id)
            return token.secret
        },
        RefusalCase(name: "unknown", code: .rejected, decision: "rejected", words: "knows no such token") { _ in
            "glpat-aB3dE6gH9jK2mN5pQ8sT"
        },
        RefusalCase(name: "blocked", code: .rejected, decision: "rejected", words: "because of its owner") {
            try $0.gitlab.setUserState("dev", .blocked)
            return try $0.gitlab.addToken().secret
        },
        RefusalCase(
            name: "lacking a scope that was asked for", code: .insufficientScope, decision: "insufficient_scope",
            words: "lacks the scope write_repository",
            options: { $0.gitlab4 + " --needs-scope read_repository --needs-scope write_repository" }
        ) { try $0.gitlab.addToken(scopes: ["read_api"]).secret },
        RefusalCase(name: "a finished job's", code: .rejected, decision: "rejected", words: "does not tell") {
            let job = try $0.gitlab.addJob()
            $0.gitlab.finishJob(job.id)
            return job.secret
        },
        RefusalCase(name: "an expired grant", code: .expired, decision: "expired", words: "has expired") {
            $0.gitlab.addApplication(clientID: "app", secret: "s")
            return try $0.gitlab.addGrant(clientID: "app", expiresIn: 0).accessToken
        },
        RefusalCase(name: "a rate limit", code: .slowDown, decision: "unknown", words: "answered 429") {
            $0.gitlab.changeRules { $0.rateLimit = .init(requests: 0, seconds: 60) }
            return try $0.gitlab.addToken().secret
        },
        RefusalCase(name: "a server in trouble", code: .unreachable, decision: "unknown", words: "answered 500") {
            $0.addFault(FaultRule(.status(500, .before, retryAfter: nil), path: "/api/v4", times: nil))
            return try $0.gitlab.addToken().secret
        },
    ]

    static let others = [
        RefusalCase(
            name: "GitHub's bad credentials", code: .rejected, decision: "rejected",
            words: "does not tell expired from revoked", options: { $0.github3 }
        ) { _ in "ghp_aB3dE6gH9jK2mN5pQ8sTaB3dE6gH9jK2mN5p" },
        RefusalCase(
            name: "GitHub's spent limit", code: .slowDown, decision: "unknown", words: "the rate limit is used up",
            options: { $0.github3 }
        ) {
            $0.github.changeRules { $0.hourlyLimit = 0 }
            return $0.github.addToken()
        },
        RefusalCase(
            name: "GitHub's lacking permission", code: .insufficientScope, decision: "insufficient_scope",
            words: "lacks the scope", options: { $0.github3 + " --needs-scope repo" }
        ) { $0.github.addToken(scopes: ["read:org"]) },
        RefusalCase(
            name: "Azure's sign-in page", code: .rejected, decision: "rejected", words: "sign-in page",
            options: { "--forge azure-devops --api-url \($0.others.azureURL)" }
        ) {
            $0.others.setAzureRefusal(.signInPage)
            return "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee22"
        },
        RefusalCase(
            name: "Bitbucket's refusal", code: .rejected, decision: "rejected", words: "Bitbucket does not tell",
            options: { "--api-url \($0.others.bitbucketAPI)" }
        ) { _ in "ATCTT3xFfGN0aB3dE6gH9jK2mN5pQ8sTaB3dE6gH9jK2mN5p" },
    ]
}

@Suite("A token that is turned away", .timeLimit(.minutes(10)))
struct RefusalTests {
    @Test("is told by its cause", arguments: RefusalCase.gitlab + RefusalCase.others)
    func causes(_ item: RefusalCase) async throws {
        try await withForge { scene, sandbox in
            let token = scene.secret(try item.make(sandbox))
            let line = "preflight --token-env T \(item.options(sandbox))"
            let run = try await scene.run(line + " --json", ["T": token])
            #expect(run.exit == item.code && run.text("decision") == item.decision, "\(run.output)")
            #expect(run.text("credentials.0.reason")?.contains(item.words) == true, "\(run.output)")
            #expect(Shape.complaint(run.json, .object(Shape.preflight)) == nil)
            let text = try await scene.run(line + " --fresh", ["T": token])
            // Who has said for how long to wait is not asked again.
            let isHeeded = item.code == .slowDown && text.output.contains("has asked us to wait")
            #expect(text.exit == item.code && (isHeeded || text.output.contains(item.words)), "\(text.output)")
            #expect(text.output.contains("\n  next: "), "\(text.output)")
        }
    }

    @Test("by a ban of the address is asked to wait, and learns nothing about the token")
    func ban() async throws {
        let words = "Too many failed authentication attempts from this IP\n"
        try await withServer({ _ in [.answer("403 Forbidden", ["Content-Type: text/plain"], words)] }) { server in
            try await withScene { scene in
                let token = scene.secret("glpat-aB3dE6gH9jK2mN5pQ8sT")
                let run = try await scene.run(
                    "preflight --token-env T --forge gitlab --api-url \(server.url)/api/v4 --json", ["T": token])
                #expect(run.exit == .slowDown && run.text("decision") == "unknown")
                #expect(run.text("credentials.0.reason")?.contains("banned this address") == true)
                #expect(run.text("credentials.0.reason")?.contains("1h") == true)
            }
        }
    }

    @Test("by nobody at all ends with 69, unless its end is known otherwise")
    func unreachable() async throws {
        try await withScene { scene in
            let server = try await HostileServer.start { _ in [] }
            await server.stop()
            let token = scene.secret("glpat-aB3dE6gH9jK2mN5pQ8sT")
            let line = "preflight --token-env T --forge gitlab --api-url \(server.url)/api/v4"
            let run = try await scene.run(line + " --json", ["T": token])
            #expect(run.exit == .unreachable && run.text("decision") == "unknown")
            #expect(run.text("credentials.0.reason")?.contains("\(server.place): connection refused") == true)
            let known = try await scene.run(line + " --expires-at 2099-01-01 --json", ["T": token])
            #expect(known.exit == .done && known.text("decision") == "sufficient")
            #expect(known.errors.contains("the forge could not be asked"))
        }
    }

    @Test("several credentials: the worst counts, and all are shown")
    func several() async throws {
        try await withForge { scene, sandbox in
            let gone = try sandbox.gitlab.addToken(expiresOn: "2099-01-01")
            sandbox.gitlab.revokeToken(gone.id)
            var variables = [
                "GOOD": try sandbox.gitlab.addToken(expiresOn: "2099-01-01").secret,
                "SHORT": try sandbox.gitlab.addToken(expiresOn: "2026-11-21").secret,
                "NARROW": try sandbox.gitlab.addToken(scopes: ["read_user"], expiresOn: "2099-01-01").secret,
                "OLD": try sandbox.gitlab.addToken(expiresOn: "2026-11-20").secret, "GONE": gone.secret,
            ]
            for token in variables.values { scene.secret(token) }
            variables.merge(sandbox.gitlabJob) { $1 }
            let needs = "--duration 3h --needs-scope read_user --json"
            var options = "--token-env GOOD"
            let steps: [(String, OutlastModel.ExitCode, String)] = [
                ("SHORT", .willExpire, ""), ("NARROW", .insufficientScope, " --needs-scope api"),
                ("OLD", .expired, " --needs-scope api"), ("GONE", .rejected, " --needs-scope api"),
            ]
            for (name, code, more) in steps {
                options += " --token-env \(name)"
                let run = try await scene.run("preflight \(options) \(needs)\(more)", variables)
                #expect(run.exit == code, "\(name): \(run.output)")
                #expect(run["credentials"]?.elements?.count == options.split(separator: " ").count / 2)
            }
            let text = try await scene.run("preflight \(options) --duration 3h", variables)
            #expect(text.output.hasPrefix("rejected: GONE ("))
            let table = text.output.split(separator: "\n").suffix(6)
            #expect(table.first?.contains("credential  decision") == true, "\(text.output)")
            let names = table.dropFirst().map { String($0.split(separator: " ").first ?? "") }
            #expect(names.sorted() == ["GONE", "GOOD", "NARROW", "OLD", "SHORT"])
        }
    }
}
