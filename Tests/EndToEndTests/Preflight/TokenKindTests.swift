// Every kind of token against a forge that follows the real ones: what it is called, how its end is known, what comes of it.

import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

/// A token to look at, and what preflight has to say of it when a job needs an hour.
struct KindCase: Sendable, CustomTestStringConvertible {
    let kind: String
    let decision: String
    let source: String
    let end: String?
    var variable = "RELEASE_TOKEN"
    var options: @Sendable (Sandbox) -> String = { $0.gitlab4 }
    var job: @Sendable (Sandbox) -> [String: String] = { _ in [:] }
    let make: @Sendable (Sandbox) throws -> String

    var testDescription: String { "\(kind), \(source)" }

    static let all = gitlab + github + others

    static let gitlab = [
        KindCase(kind: "gitlab-personal", decision: "sufficient", source: "forge", end: "2026-12-20T00:00:00Z") {
            try $0.gitlab.addToken().secret
        },
        KindCase(kind: "gitlab-project", decision: "sufficient", source: "forge", end: "2026-11-21T00:00:00Z") {
            try $0.gitlab.addToken(.project("group/app"), expiresOn: "2026-11-21").secret
        },
        KindCase(kind: "gitlab-group", decision: "sufficient", source: "forge", end: "2026-11-22T00:00:00Z") {
            try $0.gitlab.addToken(.group("group"), expiresOn: "2026-11-22").secret
        },
        KindCase(kind: "gitlab-service-account", decision: "sufficient", source: "forge", end: nil) {
            try $0.gitlab.addToken(.serviceAccount(group: "group"), expiresOn: nil).secret
        },
        KindCase(kind: "gitlab-access-token", decision: "sufficient", source: "forge", end: "2027-01-01T00:00:00Z") {
            try $0.gitlab.addToken(scopes: ["read_repository"], expiresOn: "2027-01-01").secret
        },
        KindCase(kind: "gitlab-oauth", decision: "sufficient", source: "forge", end: "2026-11-21T00:10:00Z") {
            $0.gitlab.addApplication(clientID: "app", secret: "s")
            return try $0.gitlab.addGrant(clientID: "app").accessToken
        },
        KindCase(
            kind: "gitlab-job", decision: "sufficient", source: "ci", end: nil, variable: "CI_JOB_TOKEN",
            options: { _ in "" }, job: { $0.gitlabJob }
        ) { try $0.gitlab.addJob().secret },
        KindCase(kind: "gitlab-deploy", decision: "unknown", source: "unknown", end: nil) {
            try $0.gitlab.addDeployToken().secret
        },
    ]

    static let github = [
        KindCase(
            kind: "github-pat-classic", decision: "sufficient", source: "forge", end: "2026-12-01T12:00:00Z",
            options: { $0.github3 }
        ) { $0.github.addToken(.classic, expiresAt: SandboxInstant("2026-12-01T12:00:00Z")) },
        KindCase(
            kind: "github-pat-classic", decision: "sufficient", source: "forge", end: nil, options: { $0.github3 }
        ) { $0.github.addToken(.classic) },
        KindCase(
            kind: "github-pat-fine-grained", decision: "insufficient", source: "forge", end: "2026-11-20T22:40:00Z",
            options: { $0.github3 }
        ) { $0.github.addToken(.fineGrained, expiresAt: SandboxInstant("2026-11-20T22:40:00Z")) },
        KindCase(kind: "github-oauth", decision: "sufficient", source: "forge", end: nil, options: { $0.github3 }) {
            $0.github.addToken(.oauth)
        },
        KindCase(
            kind: "github-app-installation", decision: "unknown", source: "unknown", end: nil,
            options: { $0.github3 }
        ) { try $0.github.mintToken(installation: $0.github.install($0.github.addApp())) },
        KindCase(
            kind: "github-app-installation", decision: "insufficient", source: "jwt", end: "2026-11-20T23:10:00Z",
            options: { $0.github3 }
        ) {
            $0.github.changeRules { $0.statelessTokens = true }
            return try $0.github.mintToken(installation: $0.github.install($0.github.addApp()))
        },
        KindCase(
            kind: "github-app-user", decision: "unknown", source: "unknown", end: nil, options: { $0.github3 }
        ) { try $0.github.addUserGrant($0.github.addApp()).accessToken },
        KindCase(
            kind: "github-actions", decision: "unknown", source: "unknown", end: nil, variable: "GITHUB_TOKEN",
            options: { _ in "" }, job: { ["GITHUB_ACTIONS": "true", "GITHUB_API_URL": $0.githubAPI] }
        ) { try $0.github.addActionsToken(installation: $0.github.install($0.github.addApp())) },
    ]

    static let others = [
        KindCase(
            kind: "azure-devops-pat", decision: "unknown", source: "unknown", end: nil,
            options: { "--forge azure-devops --api-url \($0.others.azureURL)" }
        ) { $0.others.addAzureToken() },
        KindCase(
            kind: "bitbucket-access-token", decision: "unknown", source: "unknown", end: nil,
            options: { "--api-url \($0.others.bitbucketAPI)" }
        ) { $0.others.addBitbucketToken() },
        KindCase(
            kind: "oauth2", decision: "expired", source: "flag", end: "2001-11-20T22:30:00Z",
            options: { _ in "--forge oauth2 --expires-at 2001-11-20T22:30:00Z" }
        ) { _ in "oauth2-0123456789-abcdefghijklmnop" },
        KindCase(
            kind: "opaque", decision: "sufficient", source: "flag", end: "2099-01-01T00:00:00Z",
            options: { _ in "--expires-at 2099-01-01" }
        ) { _ in "hunter2-hunter2-hunter2-hunter2" },
        KindCase(
            kind: "jwt", decision: "sufficient", source: "jwt", end: "2099-12-31T22:13:20Z", options: { _ in "" }
        ) { _ in TestJWT.token(payload: #"{"exp":4102438400,"jti":"b7c1d9f04e5a4f6c8d2e"}"#) },
        KindCase(
            kind: "jwt", decision: "expired", source: "jwt", end: "2001-09-09T01:46:40Z", options: { _ in "" }
        ) { _ in TestJWT.token(payload: #"{"exp":1000000000,"jti":"0f7e9ab13c5d4e8f9a6b"}"#) },
    ]
}

@Suite("Every kind of token", .timeLimit(.minutes(10)))
struct TokenKindTests {
    @Test("is told by its kind, and its end by whoever knows it", arguments: KindCase.all)
    func kinds(_ item: KindCase) async throws {
        try await withForge { scene, sandbox in
            let token = scene.secret(try item.make(sandbox))
            var variables = item.job(sandbox)
            variables[item.variable] = token
            let line = "preflight --token-env \(item.variable) \(item.options(sandbox)) --duration 1h --json"
            let run = try await scene.run(line, variables)
            #expect(run.text("decision") == item.decision, "\(run.output)")
            #expect(run.text("credentials.0.kind") == item.kind, "\(run.output)")
            #expect(run.text("credentials.0.source") == item.source, "\(run.output)")
            #expect(run.text("credentials.0.expires_at") == item.end, "\(run.output)")
            #expect(Shape.complaint(run.json, .object(Shape.preflight)) == nil)
            let known = try await scene.run(line + " --require-known", variables)
            #expect(known.exit == (item.decision == "unknown" ? .lifetimeUnknown : run.exit), "\(known.output)")
        }
    }

    @Test("of the list in the contract is among the cases or told by the CI alone")
    func complete() {
        let kinds = Set(KindCase.all.map(\.kind))
        let contract = """
            gitlab-personal gitlab-project gitlab-group gitlab-service-account gitlab-access-token gitlab-oauth gitlab-job \
            gitlab-deploy github-app-installation github-actions github-pat-classic github-pat-fine-grained github-oauth \
            github-app-user azure-devops-pat azure-devops-job bitbucket-access-token oauth2 jwt opaque
            """
        #expect(Set(contract.split(separator: " ").map(String.init)).subtracting(kinds) == ["azure-devops-job"])
    }

    @Test("the job's own token ends with its time-out, counted from its start")
    func jobTokens() async throws {
        try await withForge { scene, sandbox in
            var job = sandbox.gitlabJob
            job["CI_JOB_TOKEN"] = scene.secret(try sandbox.gitlab.addJob().secret)
            job["CI_JOB_STARTED_AT"] = "2026-11-20T22:00:00Z"
            job["CI_JOB_TIMEOUT"] = "3600"
            // Without any source it is the CI's own token that is judged.
            let run = try await scene.run("preflight --json", job)
            #expect(run.text("credentials.0.kind") == "gitlab-job" && run.text("credentials.0.source") == "ci")
            #expect(run.text("credentials.0.expires_at") == "2026-11-20T23:00:00Z")
            let azure = [
                "TF_BUILD": "True", "SYSTEM_COLLECTIONURI": sandbox.others.azureURL,
                "SYSTEM_ACCESSTOKEN": scene.secret(sandbox.others.addAzureToken()),
            ]
            let other = try await scene.run("preflight --offline --json", azure)
            #expect(other.text("credentials.0.kind") == "azure-devops-job", "\(other.output)")
        }
    }
}
