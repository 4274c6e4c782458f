// Rotation: one transaction, no grace, and the family that dies when a spent token comes back.
import OutlastSandbox
import Testing

@Suite struct GitLabRotationTests {
    static let path = "/api/v4/personal_access_tokens/self/rotate"

    @Test func rotationAnswersWithANewTokenAndKillsTheOld() async throws {
        try await withSandbox { sandbox in
            let old = try sandbox.gitlab.addToken()
            let reply = try await Visitor(sandbox).post(Self.path, token: old.secret)
            #expect(reply.status == 200)
            let id = try #require(reply.json["id"]?.int)
            #expect(id != old.id)
            #expect(reply.json["expires_at"]?.string == "2026-11-27")
            #expect(sandbox.gitlab.token(id)?.secret == reply.json["token"]?.string)
            #expect(sandbox.gitlab.token(id)?.previousID == old.id)
            #expect(sandbox.gitlab.token(old.id)?.revoked == true)
            #expect(sandbox.counters.commits(of: "gitlab.rotate") == 1)
        }
    }

    @Test(arguments: [
        ("2026-11-20T00:00:00Z", "2026-11-27"), ("2026-11-20T23:59:59Z", "2026-11-27"),
        ("2026-12-28T12:00:00Z", "2027-01-04"), ("2028-02-26T01:00:00Z", "2028-03-04"),
    ])
    func theDefaultIsSevenDaysOfUTC(time: String, date: String) async throws {
        try await withSandbox { sandbox in
            try sandbox.setClock(time)
            let old = try sandbox.gitlab.addToken(expiresOn: nil)
            let reply = try await Visitor(sandbox).post(Self.path, token: old.secret)
            #expect(reply.json["expires_at"]?.string == date)
        }
    }

    @Test func aDateTooFarAwayRollsBack() async throws {
        try await withSandbox { sandbox in
            let old = try sandbox.gitlab.addToken()
            let visitor = Visitor(sandbox)
            let refused = try await visitor.post(Self.path, token: old.secret, form: "expires_at=2027-11-21")
            #expect(refused.status == 400)
            #expect(refused.json["message"]?.string?.contains("must be before 2027-11-20") == true)
            #expect(sandbox.gitlab.token(old.id)?.active == true)
            let garbled = try await visitor.post(Self.path, token: old.secret, form: "expires_at=soon")
            #expect(garbled.text == #"{"error":"expires_at is invalid"}"#)
            let granted = try await visitor.post(Self.path, token: old.secret, form: "expires_at=2027-11-20")
            #expect(granted.status == 200)
        }
    }

    @Test func aPastDateGivesATokenDeadOnArrival() async throws {
        try await withSandbox { sandbox in
            let old = try sandbox.gitlab.addToken()
            let reply = try await Visitor(sandbox).post(Self.path, token: old.secret, form: "expires_at=2026-11-20")
            #expect(reply.status == 200)
            #expect(reply.json["active"]?.bool == false)
            #expect(sandbox.gitlab.token(old.id)?.revoked == true)
        }
    }

    @Test func aSpentTokenAtARotationTakesTheFamilyWithIt() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let old = try sandbox.gitlab.addToken()
            let other = try sandbox.gitlab.addToken()
            let second = try await visitor.post(Self.path, token: old.secret).json
            let third = try await visitor.post(Self.path, token: try #require(second["token"]?.string)).json
            let replay = try await visitor.post(Self.path, token: old.secret)
            #expect(replay.status == 401)
            #expect(replay.text == factText("gitlab.auth.revoked"))
            #expect(sandbox.gitlab.token(third["id"]?.int ?? 0)?.revoked == true)
            #expect(sandbox.gitlab.token(other.id)?.active == true)
            #expect(sandbox.counters.replays(of: "gitlab.rotate") == 1)
        }
    }

    @Test func lookingWithASpentTokenRevokesNothing() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let old = try sandbox.gitlab.addToken()
            let next = try await visitor.post(Self.path, token: old.secret).json
            for path in ["/api/v4/personal_access_tokens/self", "/api/v4/user", "/api/v4/personal_access_tokens"] {
                #expect(try await visitor.get(path, token: old.secret).text == factText("gitlab.auth.revoked"))
            }
            #expect(sandbox.gitlab.token(next["id"]?.int ?? 0)?.active == true)
        }
    }

    @Test func anExpiredAndSpentTokenLeavesTheFamilyAlone() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let old = try sandbox.gitlab.addToken(expiresOn: "2026-11-21")
            let next = try await visitor.post(Self.path, token: old.secret).json
            try sandbox.setClock("2026-11-21T00:00:00Z")
            let replay = try await visitor.post(Self.path, token: old.secret)
            #expect(replay.text == factText("gitlab.auth.expired"))
            #expect(sandbox.gitlab.token(next["id"]?.int ?? 0)?.active == true)
        }
    }

    @Test func rotatingARevokedTokenByIDWithAnotherCredentialIsABadRequest() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let old = try sandbox.gitlab.addToken()
            let next = try await visitor.post(Self.path, token: old.secret).json
            let other = try sandbox.gitlab.addToken()
            let reply = try await visitor.post(
                "/api/v4/personal_access_tokens/\(old.id)/rotate", token: other.secret)
            #expect(reply.status == 400)
            #expect(reply.text == factText("gitlab.rotate.alreadyRevoked"))
            #expect(sandbox.gitlab.token(next["id"]?.int ?? 0)?.active == true)
        }
    }

    @Test(arguments: [(["self_rotate"], 200), (["api"], 200), (["read_api"], 403), (["read_repository"], 403)])
    func selfRotationNeedsOneOfTwoScopes(scopes: [String], status: Int) async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken(scopes: scopes)
            let reply = try await Visitor(sandbox).post(Self.path, token: token.secret)
            #expect(reply.status == status)
            if status == 403 {
                #expect(reply.json["error"]?.string == "insufficient_scope")
                #expect(reply.json["scope"]?.string == "api self_rotate")
                #expect(reply.header("WWW-Authenticate") == nil)
            }
        }
    }

    @Test func twoRotationsThatBothPassedTheCheckLeaveTwoSiblings() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let old = try sandbox.gitlab.addToken()
            sandbox.addFault(FaultRule(.overlap, path: Self.path, skip: 1))
            let first = try await visitor.post(Self.path, token: old.secret)
            let second = try await visitor.post(Self.path, token: old.secret)
            #expect(first.status == 200 && second.status == 200)
            #expect(sandbox.gitlab.tokens.filter { $0.previousID == old.id && $0.active }.count == 2)
        }
    }

    @Test func oauthAndJobTokensCannotRotate() async throws {
        try await withSandbox { sandbox in
            sandbox.gitlab.addApplication(clientID: "app", secret: "s")
            let grant = try sandbox.gitlab.addGrant(clientID: "app")
            let job = try sandbox.gitlab.addJob()
            let visitor = Visitor(sandbox)
            let byGrant = try await visitor.post(
                Self.path, headers: ["Authorization": "Bearer \(grant.accessToken)"])
            #expect(byGrant.status == 405)
            #expect(try await visitor.post(Self.path, headers: ["JOB-TOKEN": job.secret]).status == 405)
        }
    }
}
