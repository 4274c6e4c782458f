// When a GitLab token is alive: dates end at their beginning.
import OutlastSandbox
import Testing

@Suite struct GitLabLifetimeTests {
    static let path = "/api/v4/personal_access_tokens/self"

    @Test(arguments: [
        ("2026-11-20T23:59:59Z", 200), ("2026-11-21T00:00:00Z", 401), ("2026-11-21T12:00:00Z", 401),
    ])
    func aTokenIsDeadAtMidnightOfItsDate(time: String, status: Int) async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken(expiresOn: "2026-11-21")
            try sandbox.setClock(time)
            let reply = try await Visitor(sandbox).get(Self.path, token: token.secret)
            #expect(reply.status == status)
            if status == 401 {
                #expect(reply.text == factText("gitlab.auth.expired"))
                #expect(reply.header("WWW-Authenticate")?.contains(#"error="invalid_token""#) == true)
            }
        }
    }

    @Test func onItsVeryDateATokenIsInNeitherList() async throws {
        try await withSandbox { sandbox in
            let asking = try sandbox.gitlab.addToken(name: "asking", expiresOn: nil)
            try sandbox.gitlab.addToken(name: "ending", expiresOn: "2026-11-21")
            func names(_ state: String) async throws -> [String] {
                let reply = try await Visitor(sandbox).get(
                    "/api/v4/personal_access_tokens?state=\(state)", token: asking.secret)
                return (reply.json.array ?? []).compactMap { $0["name"]?.string }
            }
            try sandbox.setClock("2026-11-20T23:59:59Z")
            #expect(try await names("active") == ["asking", "ending"])
            try sandbox.setClock("2026-11-21T00:00:00Z")
            #expect(try await names("active") == ["asking"])
            #expect(try await names("inactive") == [])
            try sandbox.setClock("2026-11-22T00:00:00Z")
            #expect(try await names("inactive") == ["ending"])
        }
    }

    @Test func anExpiredAndRevokedTokenSaysExpired() async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken(expiresOn: "2026-11-21")
            sandbox.gitlab.revokeToken(token.id)
            let visitor = Visitor(sandbox)
            #expect(try await visitor.get(Self.path, token: token.secret).text == factText("gitlab.auth.revoked"))
            try sandbox.setClock("2026-11-21T00:00:00Z")
            #expect(try await visitor.get(Self.path, token: token.secret).text == factText("gitlab.auth.expired"))
        }
    }

    @Test func everyAnswerCarriesTheSandboxDate() async throws {
        try await withSandbox { sandbox in
            try sandbox.setClock("2027-02-28T23:59:59Z")
            sandbox.advanceClock(by: 1)
            let reply = try await Visitor(sandbox).get("/api/v4/version")
            #expect(reply.status == 401)
            #expect(reply.header("Date") == "Mon, 01 Mar 2027 00:00:00 GMT")
        }
    }

    @Test func filtersCutListsAndPagesAreLinked() async throws {
        try await withSandbox { sandbox in
            for month in 1...5 { try sandbox.gitlab.addToken(name: "t\(month)", expiresOn: "2027-0\(month)-01") }
            let asking = try sandbox.gitlab.addToken(name: "asking", expiresOn: nil)
            let visitor = Visitor(sandbox)
            func list(_ query: String) async throws -> Reply {
                try await visitor.get("/api/v4/personal_access_tokens?\(query)", token: asking.secret)
            }
            func names(_ reply: Reply) -> [String] { (reply.json.array ?? []).compactMap { $0["name"]?.string } }
            #expect(names(try await list("expires_before=2027-03-01")) == ["t1", "t2"])
            #expect(names(try await list("expires_after=2027-03-01")) == ["t3", "t4", "t5"])
            #expect(names(try await list("search=T4")) == ["t4"])
            let first = try await list("per_page=2&sort=name_desc")
            #expect(names(first) == ["t5", "t4"])
            #expect(first.header("X-Next-Page") == "2")
            let last = try await list("per_page=2&page=3&sort=name_desc")
            #expect(names(last) == ["t1", "asking"])
            #expect(last.header("X-Next-Page") == "")
            #expect(first.header("Link")?.contains(#"page=2&per_page=2>; rel="next""#) == true)
        }
    }
}
