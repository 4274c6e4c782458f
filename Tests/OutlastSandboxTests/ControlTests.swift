// The control API, the facts, and the small doubles.
import OutlastSandbox
import Testing

@Suite struct ControlTests {
    @Test func everythingCanBeDoneByJSON() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            func control(_ path: String, _ body: String) async throws -> SandboxJSON {
                let reply = try await visitor.post("/_sandbox/" + path, json: body)
                #expect(reply.status == 200, "\(reply.text)")
                return reply.json
            }
            let made = try await control(
                "gitlab/tokens", #"{"kind":"project","expires_at":"2026-11-21","scopes":["api"]}"#)
            let token = try #require(made["token"]?.string)
            #expect(
                try await control("clock", #"{"set":"2026-11-20T23:59:59Z"}"#)["now"]?.string == "2026-11-20T23:59:59Z")
            #expect(try await visitor.get("/api/v4/personal_access_tokens/self", token: token).status == 200)
            _ = try await control("clock", #"{"advance_s":1}"#)
            #expect(try await visitor.get("/api/v4/personal_access_tokens/self", token: token).status == 401)
            let state = try await visitor.get("/_sandbox/tokens/\(made["fingerprint"]?.string ?? "")").json
            #expect(state["active"]?.bool == false && state["revoked"]?.bool == false)
            _ = try await control("gitlab/oauth-clients", #"{"client_id":"c"}"#)
            let grant = try await control("gitlab/oauth-grants", #"{"client_id":"c"}"#)
            let print = sandboxFingerprint(grant["refresh_token"]?.string ?? "")
            let known = try await visitor.get("/_sandbox/tokens/" + print).json
            #expect(known["kind"]?.string == "gitlab-oauth-refresh" && known["active"]?.bool == true)
            let app = try await control("github/apps", "{}")
            let installed = try await control("github/installations", #"{"app_id":\#(app["id"]?.int ?? 0)}"#)
            #expect(installed["id"]?.int != nil)
            _ = try await control("faults", #"[{"kind":"status","status":502,"path":"/api/v4","times":null}]"#)
            #expect(try await visitor.get("/api/v4/version", token: token).status == 502)
            let log = try await visitor.get("/_sandbox/log").json
            #expect(log[2]?["fault"]?.string == "502 before")
            _ = try await control("reset", "{}")
            #expect(sandbox.log.isEmpty && sandbox.gitlab.tokens.isEmpty)
            #expect(sandbox.now.text == "2026-11-21T00:00:00Z")
        }
    }

    @Test(arguments: ["nothing", "gitlab/groups", "faults", "clock"])
    func nonsenseIsABadRequest(path: String) async throws {
        try await withSandbox { sandbox in
            let reply = try await Visitor(sandbox).post("/_sandbox/" + path, json: #"{"set":"never"}"#)
            #expect(reply.status == 400 && reply.json["error"]?.string != nil)
        }
    }

    @Test func aSeedIsPlayedInOrder() async throws {
        try await withSandbox { sandbox in
            let seed = SandboxJSON(
                parsing: #"""
                    {"gitlab/users": {"username": "eve"},
                     "gitlab/projects": [{"path": "eve/one", "members": {"eve": 50}}, {"path": "eve/two"}],
                     "gitlab/tokens": {"user": "eve", "secret": "glpat-11111111111111111111"},
                     "faults": [{"kind": "drop", "path": "/x"}]}
                    """#)
            let results = try sandbox.seed(#require(seed))
            #expect(results["gitlab/projects"]?.array?.count == 2)
            #expect(sandbox.gitlab.tokens.last?.secret == "glpat-11111111111111111111")
        }
    }

    @Test(arguments: ["0.0.0.0", "localhost", "192.168.1.1", "127.0.0.1.evil.example", "::"])
    func onlyLiteralLoopbackIsServed(host: String) async {
        await #expect(throws: SandboxFailure.self) { try await Sandbox.start(SandboxOptions(host: host)) }
    }

    @Test func theSameSeedGivesTheSameSecrets() async throws {
        func secrets() async throws -> [String] {
            try await withSandbox(SandboxOptions(seed: 7)) { sandbox in
                [try sandbox.gitlab.addToken().secret, sandbox.github.addToken()]
            }
        }
        #expect(try await secrets() == secrets())
    }

    @Test func azureTurnsDeadTokensAwayInThreeWays() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let token = sandbox.others.addAzureToken(expiresAt: sandbox.now + 60)
            let header = ["Authorization": "Basic " + base64(":\(token)")]
            let path = "/azure/org/_apis/connectionData"
            #expect(try await visitor.get(path, headers: header).status == 200)
            sandbox.advanceClock(by: 60)
            #expect(try await visitor.get(path, headers: header).text.hasPrefix("TF400813"))
            sandbox.others.setAzureRefusal(.signInPage)
            let page = try await visitor.get(path, headers: header)
            #expect(page.status == 203 && page.header("Content-Type")?.hasPrefix("text/html") == true)
            let bucket = sandbox.others.addBitbucketToken(expiresAt: sandbox.now + 60)
            #expect(try await visitor.get("/bitbucket/2.0/user", token: bucket).status == 200)
            sandbox.advanceClock(by: 60)
            #expect(
                try await visitor.get("/bitbucket/2.0/user", token: bucket).text == factText("bitbucket.unauthorized"))
        }
    }

    @Test func jenkinsKeepsItsSecretsToItself() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let token = sandbox.others.addJenkinsUser("ci", password: "pw")
            let byToken = ["Authorization": "Basic " + base64("ci:\(token)"), "Content-Type": "application/xml"]
            var byPassword = ["Authorization": "Basic " + base64("ci:pw"), "Content-Type": "application/xml"]
            let domain = "/jenkins/job/team/credentials/store/folder/domain/_"
            func xml(_ secret: String) -> String { "<s><id>rel</id><secret>\(secret)</secret></s>" }
            func write(_ path: String, _ body: String, _ headers: [String: String]) async throws -> Int {
                try await visitor.send("POST", domain + path, body: body, headers: headers).status
            }
            #expect(try await write("/createCredentials", xml("one"), byToken) == 200)
            #expect(try await write("/createCredentials", xml("one"), byToken) == 409)
            let shown = try await visitor.get(domain + "/credential/rel/config.xml", headers: byToken)
            #expect(shown.text == "<s><id>rel</id><secret><secret-redacted/></secret></s>")
            #expect(try await write("/credential/rel/config.xml", xml("a&amp;b"), byPassword) == 403)
            let crumb = try await visitor.get("/jenkins/crumbIssuer/api/json", headers: byPassword).json
            byPassword[crumb["crumbRequestField"]?.string ?? "x"] = crumb["crumb"]?.string
            #expect(try await write("/credential/rel/config.xml", xml("a&amp;b"), byPassword) == 200)
            #expect(sandbox.others.jenkinsCredential("rel", folder: "team") == "a&b")
            #expect(try await write("/credential/none/config.xml", xml("x"), byToken) == 404)
        }
    }
}
