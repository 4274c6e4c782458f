// Job, OAuth and unknown tokens: which endpoints are asked, in which order, and when that ends.

import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("GitLab's other tokens")
struct GitLabOtherKindTests {
    typealias Lines = GitLabAnswerTests

    static func job() throws -> HTTPResponse {
        try .fact(
            "gitlab.job",
            ["id": .int(9), "name": "build", "status": "running", "web_url": "https://gitlab.example.com/g/p/-/jobs/9"])
    }

    static func info(expiresIn: SandboxJSON, headers: [(name: String, value: String)] = []) throws -> HTTPResponse {
        try .fact(
            "gitlab.oauth.info",
            ["user_id": .int(7), "scopes": ["api"], "expires_in": expiresIn, "uid": "app", "created_at": .int(1)],
            headers: headers)
    }

    @Test("a job token is asked about by its own header, and ends with its job")
    func jobToken() async throws {
        let (reading, credentials) = try await GitLab().ask(
            GitLab.job, at: Lines.api, [.init(Lines.jobLine, try Self.job())])
        #expect(credentials == ["JOB-TOKEN: …"])
        #expect(reading.standing == .alive && reading.kind == GitLab.job && reading.expiry == .unknown)
        let (dead, _) = try await GitLab().ask(
            GitLab.job, at: Lines.api, [.init(Lines.jobLine, try .fact("gitlab.auth.unknown"))])
        #expect(dead.standing == .rejected)
        #expect(dead.detail?.contains("does not tell whether its job is over") == true)
        let (other, _) = try await GitLab().ask(
            GitLab.job, at: Lines.api, [.init(Lines.jobLine, try .fact("gitlab.job.notFound"))])
        #expect(other.standing == .alive && other.kind == nil)
    }

    @Test("an OAuth token ends so many seconds from now, on the forge's clock")
    func oauth() async throws {
        let rows: [(SandboxJSON, [(name: String, value: String)], Expiry)] = [
            (.int(600), [], .at(Instant(seconds: 1_795_212_600 + 600))),
            (.int(600), [("Date", "Fri, 20 Nov 2026 22:20:00 GMT")], .at(Instant(seconds: 1_795_212_600 + 1200))),
            (.null, [], .never),
        ]
        for (expiresIn, headers, expiry) in rows {
            let (reading, credentials) = try await GitLab().ask(
                GitLab.oauth, at: Lines.api,
                [.init(Lines.infoLine, try Self.info(expiresIn: expiresIn, headers: headers))])
            #expect(credentials == ["Authorization: Bearer …"])
            #expect(reading.standing == .alive && reading.kind == GitLab.oauth && reading.expiry == expiry)
            #expect(reading.scopes == ["api"])
        }
    }

    @Test("the OAuth endpoints lie at the server's root, below its own folder where it has one")
    func relativeRoot() async throws {
        let (reading, _) = try await GitLab().ask(
            GitLab.oauth, at: "https://example.com/gitlab/api/v4",
            [.init("GET https://example.com/gitlab/oauth/token/info", try Self.info(expiresIn: .int(1)))])
        #expect(reading.standing == .alive)
    }

    @Test("a dead OAuth token: in the newer dialect at once, in the older one by the API's own check")
    func deadOAuth() async throws {
        let rows: [(String, String?, TokenStanding)] = [
            ("gitlab.oauth.info.expired", nil, .expired), ("gitlab.oauth.info.revoked", nil, .revoked),
            ("gitlab.oauth.info.older", "gitlab.auth.expired", .expired),
            ("gitlab.oauth.info.older", "gitlab.auth.revoked", .revoked),
            ("gitlab.oauth.info.invalid", "gitlab.auth.unknown", .rejected),
        ]
        for (info, check, standing) in rows {
            var steps = [ScriptedTransport.Step(Lines.infoLine, try .fact(info))]
            if let check { steps.append(.init(Lines.selfLine, try .fact(check))) }
            let (reading, _) = try await GitLab().ask(GitLab.oauth, at: Lines.api, steps)
            #expect(reading.standing == standing, "\(info)")
        }
    }

    @Test("a token of which nothing is known is asked about as each kind in turn, until one answer is definite")
    func opaque() async throws {
        let (access, credentials) = try await GitLab().ask(
            .opaque, at: Lines.api, [.init(Lines.selfLine, try Lines.token())])
        #expect(access.kind == GitLab.accessToken && credentials == ["Authorization: Bearer …"])

        let (oauth, _) = try await GitLab().ask(
            .opaque, at: Lines.api,
            [
                .init(Lines.selfLine, try .fact("gitlab.self.wrongType")),
                .init(Lines.infoLine, try Self.info(expiresIn: .int(60))),
            ])
        #expect(oauth.kind == GitLab.oauth && oauth.expiry != .unknown)

        let (job, _) = try await GitLab().ask(
            .opaque, at: Lines.api,
            [.init(Lines.selfLine, try .fact("gitlab.auth.unknown")), .init(Lines.jobLine, try Self.job())])
        #expect(job.kind == GitLab.job)

        let (unknown, _) = try await GitLab().ask(
            .opaque, at: Lines.api,
            [
                .init(Lines.selfLine, try .fact("gitlab.auth.unknown")),
                .init(Lines.jobLine, try .fact("gitlab.auth.unknown")),
            ])
        #expect(unknown.standing == .rejected && unknown.detail?.contains("knows no such token") == true)

        let (expired, _) = try await GitLab().ask(
            .opaque, at: Lines.api, [.init(Lines.selfLine, try .fact("gitlab.auth.expired"))])
        #expect(expired.standing == .expired)
    }

    @Test("a token that GitLab accepts as no access token lives, even where its end is not told")
    func acceptedOtherwise() async throws {
        for answer in [HTTPResponse.html("<h1>404</h1>", status: 404), try .fact("gitlab.oauth.info.older")] {
            let (reading, _) = try await GitLab().ask(
                GitLab.accessToken, at: Lines.api,
                [
                    .init(Lines.selfLine, try .fact("gitlab.self.wrongType")), .init(Lines.infoLine, answer),
                    .init(Lines.jobLine, try .fact("gitlab.job.notFound")),
                ])
            #expect(reading.standing == .alive && reading.expiry == .unknown && reading.kind == nil)
        }
        let (job, _) = try await GitLab().ask(
            .opaque, at: Lines.api,
            [
                .init(Lines.selfLine, try .fact("gitlab.self.wrongType")),
                .init(Lines.infoLine, try .fact("gitlab.oauth.info.invalid")), .init(Lines.jobLine, try Self.job()),
            ])
        #expect(job.standing == .alive && job.kind == GitLab.job)
    }

    @Test("nobody is asked about deploy tokens, and why")
    func deploy() {
        #expect(!GitLab().canInspect(GitLab.deploy))
        #expect(GitLab().obstacle(toInspecting: GitLab.deploy)?.contains("cannot call GitLab's API") == true)
    }
}
