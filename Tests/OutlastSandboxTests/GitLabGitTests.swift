// Real git against the real `git http-backend` behind GitLab's door.
import OutlastSandbox
import Testing

@Suite struct GitLabGitTests {
    @Test func aTokenClonesAndPushes() async throws {
        try await withSandbox { sandbox in
            try await withWorkTree { tree in
                let token = try sandbox.gitlab.addToken(scopes: ["write_repository"])
                let url = sandbox.gitURL(token.secret)
                try await tree.commit(file: "a", bytes: 3_000_000)
                let push = try await tree.git("push", url, "HEAD:main")
                #expect(push.status == 0, "\(push.error)")
                let list = try await tree.git("ls-remote", url)
                #expect(list.output.contains("refs/heads/main"))
                let clone = try await tree.git("clone", "-q", url, tree.path + "/copy")
                #expect(clone.status == 0, "\(clone.error)")
                #expect(sandbox.counters.commits(of: "git.push.pack") > 0)
                #expect(sandbox.log.allSatisfy { $0.fingerprint == nil || $0.fingerprint == token.fingerprint })
            }
        }
    }

    @Test func aCompressedRequestBodyIsUnderstood() async throws {
        try await withSandbox { sandbox in
            try await withWorkTree { tree in
                let url = try sandbox.gitURL(sandbox.gitlab.addToken().secret)
                try await tree.commit(file: "a", bytes: 10)
                for number in 1...40 { _ = try await tree.git("tag", "-a", "-m", "x", "t\(number)") }
                #expect(try await tree.git("push", "-q", "--tags", url, "HEAD:main").status == 0)
                let clone = try await tree.git(["clone", "-q", url, tree.path + "/copy"], tracing: true)
                #expect(clone.status == 0)
                #expect(clone.error.contains("Content-Encoding: gzip"))
            }
        }
    }

    @Test func refusalsHaveTheForgesWords() async throws {
        try await withSandbox { sandbox in
            try await withWorkTree { tree in
                try sandbox.gitlab.addProject("other/secret", members: ["root": 50])
                let reader = try sandbox.gitlab.addToken(scopes: ["read_repository"])
                let user = try sandbox.gitlab.addToken(scopes: ["read_user"])
                let bot = try sandbox.gitlab.addToken(.project("group/app"), scopes: ["write_repository"])
                let gone = try sandbox.gitlab.addToken()
                sandbox.gitlab.revokeToken(gone.id)
                try await tree.commit(file: "a", bytes: 10)
                func said(_ arguments: String...) async throws -> String {
                    let result = try await tree.git(arguments)
                    #expect(result.status != 0)
                    return result.error
                }
                let other = "other/secret"
                #expect(try await said("ls-remote", sandbox.gitURL("nonsense")).contains("HTTP Basic: Access denied."))
                #expect(try await said("ls-remote", sandbox.gitURL(gone.secret)).contains("Authentication failed"))
                #expect(
                    try await said("ls-remote", sandbox.gitURL(reader.secret, other)).contains(
                        factText("gitlab.git.notFound")))
                #expect(
                    try await said("ls-remote", sandbox.gitURL(bot.secret, other)).contains("Authentication failed"))
                #expect(
                    try await said("ls-remote", sandbox.gitURL(user.secret)).contains(
                        factText("gitlab.git.noDownloadScope")))
                #expect(
                    try await said("push", sandbox.gitURL(reader.secret), "HEAD:main").contains(
                        factText("gitlab.git.noUploadScope")))
            }
        }
    }

    @Test func aTokenMayDieBetweenAdvertisementAndPack() async throws {
        try await withSandbox { sandbox in
            try await withWorkTree { tree in
                let token = try sandbox.gitlab.addToken(scopes: ["api"], diesAfterAdvertisement: true)
                try await tree.commit(file: "a", bytes: 10)
                let push = try await tree.git("push", sandbox.gitURL(token.secret), "HEAD:main")
                #expect(push.status == 1)
                #expect(push.error.contains("RPC failed; HTTP 401"))
                #expect(sandbox.counters.commits(of: "git.push.pack") == 0)
            }
        }
    }

    @Test func failuresBanTheAddressUntilSuccessResetsOrTimePasses() async throws {
        var options = SandboxOptions()
        options.gitlab.gitBan = .init(failures: 3, window: 180, duration: 3600)
        try await withSandbox(options) { sandbox in
            let good = try sandbox.gitlab.addToken()
            let job = try sandbox.gitlab.addJob()
            let visitor = Visitor(sandbox)
            func status(_ user: String, _ secret: String) async throws -> Int {
                try await visitor.get(
                    "/group/app.git/info/refs?service=git-upload-pack",
                    headers: ["Authorization": "Basic " + base64("\(user):\(secret)")]
                ).status
            }
            for _ in 1...5 { #expect(try await status("gitlab-ci-token", "bad") == 401) }
            for _ in 1...2 { #expect(try await status("x", "bad") == 401) }
            #expect(try await status("x", good.secret) == 200)
            for _ in 1...3 { #expect(try await status("x", "bad") == 401) }
            #expect(try await status("x", good.secret) == 403)
            #expect(try await status("gitlab-ci-token", job.secret) == 200)
            sandbox.advanceClock(by: 3600)
            #expect(try await status("x", good.secret) == 200)
        }
    }

    @Test func theLogNeverHoldsASecret() async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken()
            let visitor = Visitor(sandbox)
            _ = try await visitor.get("/api/v4/user?private_token=\(token.secret)")
            _ = try await visitor.get("/api/v4/user", headers: ["Authorization": "Bearer \(token.secret)"])
            _ = try await visitor.get("/api/v4/user", token: token.secret)
            #expect(sandbox.log.map(\.credentialBy) == ["query", "Authorization: Bearer", "PRIVATE-TOKEN"])
            #expect(sandbox.log.allSatisfy { $0.fingerprint == token.fingerprint && $0.status == 200 })
            let text = try await visitor.get("/_sandbox/log").text
            #expect(!text.contains(token.secret) && text.contains(token.fingerprint))
        }
    }
}
