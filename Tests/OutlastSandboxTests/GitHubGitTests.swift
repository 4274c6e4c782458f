// GitHub's door for git.
import OutlastSandbox
import Testing

@Suite struct GitHubGitTests {
    func url(_ sandbox: Sandbox, _ secret: String, _ path: String = StarterWorld.repositoryPath) -> String {
        "http://x-access-token:\(secret)@127.0.0.1:\(sandbox.port)/github-git/\(path).git"
    }

    @Test(arguments: [false, true])
    func anInstallationTokenPushesAndClones(stateless: Bool) async throws {
        try await withSandbox { sandbox in
            try await withWorkTree { tree in
                sandbox.github.changeRules { $0.statelessTokens = stateless }
                let installation = try sandbox.github.install(sandbox.github.addApp())
                let token = try sandbox.github.mintToken(installation: installation)
                try await tree.commit(file: "a", bytes: 100)
                let push = try await tree.git("push", url(sandbox, token), "HEAD:main")
                #expect(push.status == 0, "\(push.error)")
                #expect(try await tree.git("clone", "-q", url(sandbox, token), tree.path + "/copy").status == 0)
                sandbox.advanceClock(by: 3600)
                let late = try await tree.git("ls-remote", url(sandbox, token))
                #expect(late.error.contains(factText("github.git.denied")))
            }
        }
    }

    @Test func refusalsHaveTheForgesWords() async throws {
        try await withSandbox { sandbox in
            try await withWorkTree { tree in
                sandbox.github.addAccount("reader")
                sandbox.github.addAccount("stranger")
                try sandbox.github.addRepository("octo-org/lib", collaborators: ["reader": "read"])
                let installation = try sandbox.github.install(
                    sandbox.github.addApp(), permissions: ["contents": "read"])
                let narrow = try sandbox.github.mintToken(installation: installation)
                let reader = sandbox.github.addToken(login: "reader")
                let stranger = sandbox.github.addToken(login: "stranger")
                try await tree.commit(file: "a", bytes: 10)
                func said(_ arguments: String...) async throws -> String {
                    let result = try await tree.git(arguments)
                    #expect(result.status != 0)
                    return result.error
                }
                #expect(try await said("ls-remote", url(sandbox, stranger)).contains("Repository not found."))
                #expect(
                    try await said("push", url(sandbox, narrow), "HEAD:main").contains(
                        "Write access to repository not granted."))
                #expect(
                    try await said("push", url(sandbox, reader, "octo-org/lib"), "HEAD:main").contains(
                        "Permission to octo-org/lib.git denied to reader."))
            }
        }
    }

    @Test func aNewTokenMayTakeAMomentToBeKnown() async throws {
        try await withSandbox { sandbox in
            sandbox.github.changeRules { $0.propagationSeconds = 2 }
            let token = sandbox.github.addToken()
            let visitor = Visitor(sandbox)
            let path = "/github-git/octo-org/app.git/info/refs?service=git-upload-pack"
            let header = ["Authorization": "Basic " + base64("x:\(token)")]
            let early = try await visitor.get(path, headers: header)
            #expect(early.status == 401)
            sandbox.advanceClock(by: 2)
            #expect(try await visitor.get(path, headers: header).status == 200)
        }
    }
}
