// Apps: the JWT against the sandbox's clock, installations, and tokens of one hour.
import OutlastSandbox
import Testing

@Suite struct GitHubAppTests {
    /// A sandbox with one App installed on the starter organisation.
    func withApp(
        permissions: [String: String] = ["contents": "write", "metadata": "read"],
        _ body: (Sandbox, SandboxApp, Int, Visitor) async throws -> Void
    ) async throws {
        try await withSandbox { sandbox in
            let app = try sandbox.github.addApp()
            let installation = try sandbox.github.install(app, repositories: ["app"], permissions: permissions)
            try await body(sandbox, app, installation, Visitor(sandbox))
        }
    }

    func assertion(_ app: SandboxApp, _ sandbox: Sandbox) throws -> String {
        try app.assertion(issuedAt: sandbox.now + -60, expiresAt: sandbox.now + 540)
    }

    @Test(arguments: [
        (0, 540, "github.installation"), (-60, 600, "github.installation"), (1, 540, "github.jwt.issuedAt"),
        (-60, 601, "github.jwt.tooFar"), (-60, 0, "github.jwt.expired"), (-600, -1, "github.jwt.expired"),
    ])
    func theAssertionIsJudgedByTheSandboxClock(issued: Int, expires: Int, fact: String) async throws {
        try await withApp { sandbox, app, _, visitor in
            let jwt = try app.assertion(issuedAt: sandbox.now + issued, expiresAt: sandbox.now + expires)
            let reply = try await visitor.get("/github/orgs/octo-org/installation", token: jwt)
            let expected = try #require(FactBook.standard[fact])
            #expect(reply.status == expected.status)
            if expected.status != 200 { #expect(reply.text == expected.bodyText()) }
            #expect(reply.header("Date") == "Fri, 20 Nov 2026 22:10:00 GMT")
        }
    }

    @Test func aForgedOrForeignAssertionIsRefused() async throws {
        try await withApp { sandbox, app, _, visitor in
            let other = try sandbox.github.addApp(slug: "other")
            let claims: SandboxJSON = [
                "iat": .int(sandbox.now.seconds - 60), "exp": .int(sandbox.now.seconds + 60),
                "iss": .string(app.clientID),
            ]
            func status(_ jwt: String) async throws -> (Int, String) {
                let reply = try await visitor.get("/github/app/installations", token: jwt)
                return (reply.status, reply.json["message"]?.string ?? "")
            }
            let forged = try other.assertion(claims: claims)
            #expect(try await status(forged) == (401, "A JSON web token could not be decoded"))
            #expect(try await status("a.b.c") == (401, "A JSON web token could not be decoded"))
            let nobody = try app.assertion(
                issuedAt: sandbox.now, expiresAt: sandbox.now + 60, issuer: "nobody")
            #expect(try await status(nobody) == (404, "Integration not found"))
            let byNumber = try app.assertion(issuedAt: sandbox.now, expiresAt: sandbox.now + 60, issuer: "\(app.id)")
            #expect(try await status(byNumber).0 == 200)
        }
    }

    @Test func installationsAreFoundWhereTheyAre() async throws {
        try await withApp { sandbox, app, installation, visitor in
            try sandbox.github.addRepository("octo-org/other")
            let jwt = try assertion(app, sandbox)
            func found(_ path: String) async throws -> Int? {
                let reply = try await visitor.get("/github" + path, token: jwt)
                return reply.status == 200 ? reply.json["id"]?.int : nil
            }
            #expect(try await found("/repos/octo-org/app/installation") == installation)
            #expect(try await found("/orgs/octo-org/installation") == installation)
            #expect(try await found("/users/octo-org/installation") == installation)
            #expect(try await found("/repos/octo-org/other/installation") == nil)
            #expect(try await found("/orgs/octocat/installation") == nil)
            let list = try await visitor.get("/github/app/installations", token: jwt)
            #expect(list.json.array?.count == 1)
        }
    }

    @Test(arguments: [false, true])
    func aMintedTokenLivesOneHour(stateless: Bool) async throws {
        try await withApp { sandbox, app, installation, visitor in
            sandbox.github.changeRules { $0.statelessTokens = stateless }
            let path = "/github/app/installations/\(installation)/access_tokens"
            let reply = try await visitor.post(path, token: assertion(app, sandbox))
            #expect(reply.status == 201)
            #expect(reply.json["expires_at"]?.string == "2026-11-20T23:10:00Z")
            let token = try #require(reply.json["token"]?.string)
            #expect(token.hasPrefix("ghs_"))
            #expect(stateless ? (480...560).contains(token.count) : token.count == 40)
            #expect(token.filter { $0 == "." }.count == (stateless ? 2 : 0))
            let again = try await visitor.post(path, token: assertion(app, sandbox))
            #expect(again.json["token"]?.string != token)
            sandbox.advanceClock(by: 3599)
            #expect(try await visitor.get("/github/installation/repositories", token: token).status == 200)
            sandbox.advanceClock(by: 1)
            let dead = try await visitor.get("/github/installation/repositories", token: token)
            #expect(dead.text == factText("github.badCredentials"))
            #expect(sandbox.counters.commits(of: "github.mint") == 2)
        }
    }

    @Test(arguments: [
        (#"{"repositories":["app"],"permissions":{"contents":"read"}}"#, 201),
        (#"{"repositories":["elsewhere"]}"#, 422), (#"{"permissions":{"secrets":"write"}}"#, 422),
        (#"{"permissions":{"contents":"admin"}}"#, 422),
    ])
    func tokensAreNarrowedNeverWidened(body: String, status: Int) async throws {
        try await withApp { sandbox, app, installation, visitor in
            let reply = try await visitor.post(
                "/github/app/installations/\(installation)/access_tokens", json: body,
                headers: ["Authorization": "Bearer \(assertion(app, sandbox))"])
            #expect(reply.status == status)
            if status == 201 {
                #expect(reply.json["permissions"]?.text == #"{"contents":"read","metadata":"read"}"#)
                #expect(reply.json["repositories"]?[0]?["full_name"]?.string == "octo-org/app")
            }
        }
    }

    @Test func aTokenMayEndItselfAndASuspensionEndsAll() async throws {
        try await withApp { sandbox, app, installation, visitor in
            let first = try sandbox.github.mintToken(installation: installation)
            let second = try sandbox.github.mintToken(installation: installation)
            #expect(try await visitor.send("DELETE", "/github/installation/token", token: first).status == 204)
            #expect(!sandbox.github.isAlive(first) && sandbox.github.isAlive(second))
            sandbox.github.suspend(installation)
            #expect(try await visitor.get("/github/installation/repositories", token: second).status == 401)
            let reply = try await visitor.post(
                "/github/app/installations/\(installation)/access_tokens", token: assertion(app, sandbox))
            #expect(reply.status == 403)
            #expect(reply.text == factText("github.suspended"))
        }
    }
}
