// Each fault as a client meets it, and whether the forge has done the work meanwhile.
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OutlastSandbox
import Testing

@Suite struct FaultTests {
    static let path = "/api/v4/personal_access_tokens/self/rotate"

    /// Rotates under a fault; says what came back (`nil`: no whole answer) and whether the old token was spent.
    func rotate(_ kind: FaultKind) async throws -> (reply: Reply?, spent: Bool) {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken()
            sandbox.addFault(FaultRule(kind, method: "post", path: Self.path))
            let reply = try? await Visitor(sandbox).post(Self.path, token: token.secret)
            #expect(sandbox.counters.requests(of: "gitlab.rotate") == 1)
            let spent = sandbox.gitlab.token(token.id)?.revoked ?? false
            #expect(sandbox.counters.commits(of: "gitlab.rotate") == (spent ? 1 : 0))
            #expect(sandbox.log.last?.fault != nil)
            return (reply, spent)
        }
    }

    @Test(arguments: [FaultRule.Phase.before, .after])
    func aDroppedAnswerMayHideACommit(phase: FaultRule.Phase) async throws {
        let result = try await rotate(.drop(phase))
        #expect(result.reply == nil && result.spent == (phase == .after))
    }

    @Test(arguments: [500, 502, 504], [FaultRule.Phase.before, .after])
    func anErrorMayHideACommit(status: Int, phase: FaultRule.Phase) async throws {
        let result = try await rotate(.status(status, phase, retryAfter: nil))
        #expect(result.reply?.status == status && result.spent == (phase == .after))
    }

    @Test func theOthersSpoilWhatTheySay() async throws {
        let limited = try await rotate(.status(429, .before, retryAfter: "7"))
        #expect(limited.reply?.header("Retry-After") == "7" && !limited.spent)
        let cut = try await rotate(.truncate(bytes: 30))
        #expect(cut.reply == nil && cut.spent)
        let page = try await rotate(.html(.after))
        #expect(page.reply?.status == 200 && page.reply?.text.contains("<html>") == true && page.spent)
        let hollow = try await rotate(.empty(.after))
        #expect(hollow.reply?.text == "" && hollow.spent)
        let large = try await rotate(.oversize(bytes: 10_000_000))
        #expect(large.reply?.text.utf8.count ?? 0 > 10_000_000 && large.spent)
        let slow = try await rotate(.drip(milliseconds: 1))
        #expect(slow.reply?.json["token"] != nil && slow.spent)
        let late = try await rotate(.delay(milliseconds: 5, .after))
        #expect(late.reply?.status == 200 && late.spent)
        let other = try await rotate(.body("{\"id\":", contentType: "application/json", .before))
        #expect(other.reply?.json == .null && !other.spent)
    }

    @Test func anyFactOfTheBookCanBeTheAnswer() async throws {
        let answer = try await rotate(.fact("gitlab.tooManyIPs", ["wait": 30], .before))
        #expect(answer.reply?.status == 403 && answer.reply?.text == "")
        #expect(answer.reply?.header("Retry-After") == "30" && !answer.spent)
    }

    @Test func aPushWhoseAnswerIsLostHasArrived() async throws {
        try await withSandbox { sandbox in
            try await withWorkTree { tree in
                let url = try sandbox.gitURL(sandbox.gitlab.addToken().secret)
                try await tree.commit(file: "a", bytes: 100)
                sandbox.addFault(FaultRule(.drop(.after), path: "/git-receive-pack", match: .contains))
                #expect(try await tree.git("push", url, "HEAD:main").status != 0)
                #expect(try await tree.git("ls-remote", url).output.contains("refs/heads/main"))
            }
        }
    }

    @Test func aRedirectGoesWhereItIsTold() async throws {
        try await withSandbox { sandbox in
            sandbox.addFault(FaultRule(.redirect("http://127.0.0.2:1/x", status: 307), path: "/api/v4/user"))
            let plain = HTTPClient.Configuration(redirectConfiguration: .disallow)
            try await HTTPClient.withHTTPClient(configuration: plain) { client in
                let request = HTTPClientRequest(url: sandbox.gitlabAPI + "/user")
                let reply = try await client.execute(request, timeout: .seconds(60))
                #expect(reply.status.code == 307)
                #expect(reply.headers.first(name: "Location") == "http://127.0.0.2:1/x")
            }
        }
    }

    @Test func rulesSkipCountAndMatch() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let token = try sandbox.gitlab.addToken().secret
            sandbox.addFault(
                FaultRule(
                    .status(500, .before, retryAfter: nil), path: "^/api/v4/(user|version)$", match: .regex, skip: 1,
                    times: 2))
            var statuses: [Int] = []
            for path in ["user", "version", "job", "user", "user"] {
                statuses.append(try await visitor.get("/api/v4/" + path, token: token).status)
            }
            #expect(statuses == [200, 500, 404, 500, 200])
        }
    }

    @Test func faultsReachGitToo() async throws {
        try await withSandbox { sandbox in
            try await withWorkTree { tree in
                let url = try sandbox.gitURL(sandbox.gitlab.addToken().secret)
                try await tree.commit(file: "a", bytes: 2_000_000)
                #expect(try await tree.git("push", url, "HEAD:main").status == 0)
                sandbox.addFault(FaultRule(.status(503, .before, retryAfter: nil), path: "/group/app.git/info"))
                #expect(try await tree.git("ls-remote", url).error.contains("error: 503"))
                sandbox.addFault(
                    FaultRule(.truncate(bytes: 100_000), path: "git-upload-pack", match: .contains, skip: 1))
                let clone = try await tree.git("clone", "-q", url, tree.path + "/copy")
                #expect(clone.status == 128, "\(clone.error)")
                #expect(try await tree.git("clone", "-q", url, tree.path + "/copy").status == 0)
            }
        }
    }
}
