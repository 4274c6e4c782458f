// Tokens of projects, groups and service accounts, variables, keys, jobs and people.
import OutlastSandbox
import Testing

@Suite struct GitLabResourceTests {
    @Test func aProjectTokenIsMadeByAPersonWithANewBot() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let owner = try sandbox.gitlab.addToken()
            let path = "/api/v4/projects/group%2Fapp/access_tokens"
            let body = #"{"name":"ci","scopes":["api"],"access_level":40}"#
            let made = try await visitor.post(path, token: owner.secret, json: body)
            #expect(made.status == 201)
            #expect(made.json["access_level"]?.int == 40 && made.json["expires_at"]?.string == "2027-11-20")
            #expect(made.json["user_id"]?.int != owner.userID)
            let bot = try #require(made.json["token"]?.string)
            let refused = try await visitor.post(path, token: bot, json: body)
            #expect(refused.status == 400)
            #expect(refused.text == factText("gitlab.create.noPermission", ["word": "project"]))
            let self1 = try await visitor.post("/api/v4/personal_access_tokens/self/rotate", token: bot)
            let self2 = try await visitor.post(path + "/self/rotate", token: self1.json["token"]?.string)
            #expect(self1.status == 200 && self2.status == 200)
            #expect(try await visitor.post(path + "/self/rotate", token: owner.secret).status == 405)
            let id = try #require(self2.json["id"]?.int)
            let managed = try await visitor.post(path + "/\(id)/rotate", token: owner.secret)
            #expect(managed.status == 200 && managed.json["user_id"] == made.json["user_id"])
            let last = try #require(managed.json["id"]?.int)
            #expect(try await visitor.send("DELETE", path + "/\(last)", token: owner.secret).status == 204)
            let gone = try await visitor.send("DELETE", path + "/999", token: owner.secret)
            #expect(gone.text == #"{"message":"404 project Access Token Not Found"}"#)
        }
    }

    @Test func aBotOfAnotherResourceIsUnauthorized() async throws {
        try await withSandbox { sandbox in
            try sandbox.gitlab.addProject("group/other")
            let bot = try sandbox.gitlab.addToken(.project("group/other"))
            let reply = try await Visitor(sandbox).post(
                "/api/v4/projects/group%2Fapp/access_tokens/self/rotate", token: bot.secret)
            #expect(reply.status == 401)
        }
    }

    @Test func serviceAccountTokensNeedNoDate() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let owner = try sandbox.gitlab.addToken()
            let account = try await visitor.post("/api/v4/groups/group/service_accounts", token: owner.secret)
            #expect(account.status == 201)
            let tokens = "/api/v4/groups/group/service_accounts/\(account.json["id"]?.int ?? 0)/personal_access_tokens"
            let made = try await visitor.post(tokens, token: owner.secret, json: #"{"name":"x","scopes":["api"]}"#)
            #expect(made.status == 201 && made.json["expires_at"] == .null)
            let id = try #require(made.json["id"]?.int)
            let rotated = try await visitor.post(
                tokens + "/\(id)/rotate", token: owner.secret, form: "expires_at=2026-12-31")
            #expect(rotated.json["expires_at"]?.string == "2026-12-31")
            #expect(try await visitor.get(tokens, token: owner.secret).json.array?.count == 2)
        }
    }

    @Test func variablesAreToldApartByScope() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let token = try sandbox.gitlab.addToken().secret
            let path = "/api/v4/projects/group%2Fapp/variables"
            func make(_ form: String) async throws -> Reply { try await visitor.post(path, token: token, form: form) }
            #expect(try await make("key=T&value=one&protected=true&raw=true").status == 201)
            #expect(try await make("key=T&value=two").json["message"]?["key"]?[0]?.string?.contains("taken") == true)
            #expect(try await make("key=T&value=prod&environment_scope=prod").status == 201)
            let several = try await visitor.send("PUT", path + "/T", token: token, form: "value=x")
            #expect(several.status == 409 && several.text == factText("gitlab.variable.several"))
            let one = try await visitor.send(
                "PUT", path + "/T?filter%5Benvironment_scope%5D=*", token: token, form: "value=new")
            #expect(one.status == 200)
            #expect(one.json["protected"]?.bool == true && one.json["raw"]?.bool == true)
            #expect(sandbox.gitlab.variable("T") == "new" && sandbox.gitlab.variable("T", scope: "prod") == "prod")
            #expect(try await visitor.get(path + "/NO", token: token).text == factText("gitlab.variable.notFound"))
        }
    }

    @Test(arguments: [
        ("short", false, 400), ("longenough1", false, 201), ("with space in it", true, 400),
        ("dollar$dollar", false, 400),
        ("dollar$dollar", true, 201),
    ])
    func onlyMaskableValuesAreMasked(value: String, raw: Bool, status: Int) async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken().secret
            let reply = try await Visitor(sandbox).post(
                "/api/v4/groups/group/variables", token: token,
                json: #"{"key":"T","value":"\#(value)","masked":true,"raw":\#(raw)}"#)
            #expect(reply.status == status)
            if status == 400 { #expect(reply.text == factText("gitlab.variable.unmaskable")) }
        }
    }

    @Test func aHiddenValueIsNeverReadBack() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let token = try sandbox.gitlab.addToken().secret
            let path = "/api/v4/projects/group%2Fapp/variables"
            let made = try await visitor.post(path, token: token, form: "key=T&value=12345678&masked_and_hidden=true")
            #expect(made.json["value"] == .null && made.json["hidden"]?.bool == true)
            _ = try await visitor.send("PUT", path + "/T", token: token, form: "value=abcdefgh")
            #expect(try await visitor.get(path + "/T", token: token).json["value"] == .null)
            #expect(sandbox.gitlab.variable("T") == "abcdefgh")
        }
    }

    @Test func aJobTokenLivesAsLongAsItsJobAndReadsNoVariables() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let job = try sandbox.gitlab.addJob()
            let header = ["JOB-TOKEN": job.secret]
            let reply = try await visitor.get("/api/v4/job", headers: header)
            #expect(reply.json["started_at"]?.string == "2026-11-20T22:10:00.000Z")
            #expect(reply.json["web_url"]?.string?.hasSuffix("/group/app/-/jobs/\(job.id)") == true)
            let variables = try await visitor.get("/api/v4/projects/group%2Fapp/variables", headers: header)
            #expect(variables.status == 401)
            sandbox.gitlab.finishJob(job.id)
            #expect(try await visitor.get("/api/v4/job", headers: header).text == factText("gitlab.auth.unknown"))
            let token = try sandbox.gitlab.addToken()
            #expect(try await visitor.get("/api/v4/job", token: token.secret).text == factText("gitlab.job.notFound"))
        }
    }

    @Test func deployKeysAndTokensComeAndGo() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let token = try sandbox.gitlab.addToken().secret
            let keys = "/api/v4/projects/group%2Fapp/deploy_keys"
            let body =
                #"{"title":"k","key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==","expires_at":"2026-12-01T00:00:00Z"}"#
            let key = try await visitor.post(keys, token: token, json: body)
            #expect(key.status == 201 && key.json["expires_at"]?.string == "2026-12-01T00:00:00.000Z")
            let again = try await visitor.post(keys, token: token, json: body)
            #expect(again.json["id"] == key.json["id"])
            #expect(try await visitor.send("DELETE", keys + "/\(key.json["id"]?.int ?? 0)", token: token).status == 204)
            let made = try await visitor.post(
                "/api/v4/projects/group%2Fapp/deploy_tokens", token: token,
                json: #"{"name":"d","scopes":["read_repository"]}"#)
            #expect(made.status == 201)
            let user = try #require(made.json["username"]?.string)
            let refs = "/group/app.git/info/refs?service="
            let header = ["Authorization": "Basic " + base64("\(user):\(made.json["token"]?.string ?? "")")]
            #expect(try await visitor.get(refs + "git-upload-pack", headers: header).status == 200)
            let push = try await visitor.get(refs + "git-receive-pack", headers: header)
            #expect(push.status == 403 && push.text == factText("gitlab.git.deployTokenReadOnly"))
        }
    }

    @Test func deployKeysHaveBoundsAndOwners() async throws {
        try await withSandbox { sandbox in
            try sandbox.setClock("2026-11-20T22:10:00Z")
            let visitor = Visitor(sandbox)
            let token = try sandbox.gitlab.addToken().secret
            let keys = "/api/v4/projects/group%2Fapp/deploy_keys"
            let body = { (key: String, end: String) in
                #"{"title":"k","key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI\#(key)==","expires_at":\#(end)}"#
            }
            _ = try await visitor.post("/_sandbox/gitlab/rules", json: #"{"ssh_key_days":2}"#)
            for (end, fact) in [
                ("null", "noEnd"), (#""2026-11-25T00:00:00Z""#, "tooLate"), (#""2026-11-20T22:10:00Z""#, "over"),
            ] {
                let reply = try await visitor.post(keys, token: token, json: body("A", end))
                #expect(reply.status == 400 && reply.text == factText("gitlab.deployKey.\(fact)"))
            }
            let made = try await visitor.post(keys, token: token, json: body("A", #""2026-11-21T00:00:00Z""#))
            #expect(made.status == 201)
            sandbox.advanceClock(by: 86_400)
            let listed = try await visitor.get(keys, token: token).json
            #expect(listed[0]?["expires_at"]?.string == "2026-11-21T00:00:00.000Z", "listed after its end")
            sandbox.gitlab.addUser("other")
            try sandbox.gitlab.addProject("other/app", members: ["other": 40])
            let other = try sandbox.gitlab.addToken(.personal(user: "other")).secret
            let taken = try await visitor.post(
                "/api/v4/projects/other%2Fapp/deploy_keys", token: other, json: body("A", #""2026-11-22T00:00:00Z""#))
            #expect(taken.status == 400 && taken.text == factText("gitlab.deployKey.taken"))
        }
    }

    @Test(arguments: GitLabUserState.allCases.filter { $0 != .active })
    func arefusedUserIsToldWhy(state: GitLabUserState) async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let token = try sandbox.gitlab.addToken()
            try sandbox.gitlab.setUserState("dev", state)
            let reason = factText("gitlab.user.\(state.rawValue)", ["username": "dev"])
            let reply = try await visitor.get("/api/v4/user", token: token.secret)
            #expect(reply.status == 403)
            #expect(reply.json["message"]?.string == "403 Forbidden - \(reason)")
            let git = try await visitor.get(
                "/group/app.git/info/refs?service=git-upload-pack",
                headers: ["Authorization": "Basic " + base64("x:\(token.secret)")])
            #expect(git.status == 403 && git.text == reason)
        }
    }

    @Test func theRateLimitSaysWhen() async throws {
        var options = SandboxOptions()
        options.gitlab.rateLimit = .init(requests: 2, seconds: 60)
        try await withSandbox(options) { sandbox in
            let visitor = Visitor(sandbox)
            let token = try sandbox.gitlab.addToken().secret
            for _ in 1...2 { #expect(try await visitor.get("/api/v4/user", token: token).status == 200) }
            sandbox.advanceClock(by: 20)
            let reply = try await visitor.get("/api/v4/user", token: token)
            #expect(reply.status == 429 && reply.text == "Retry later\n")
            #expect(reply.header("Retry-After") == "40" && reply.header("RateLimit-Remaining") == "0")
            #expect(reply.header("RateLimit-ResetTime") == "Fri, 20 Nov 2026 22:11:00 GMT")
            sandbox.advanceClock(by: 40)
            #expect(try await visitor.get("/api/v4/user", token: token).status == 200)
        }
    }
}
