// One renewal as a job would have it, for every method: what it is configured with, the secrets it begins with, and how the
// forge can be asked afterwards whether a token lives.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

/// The ways to renew, with the variants that settle a lost answer in different ways.
enum RigKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case gitlabRotate = "gitlab-rotate"
    case gitlabReplace = "gitlab-replace"
    case gitlabPair = "gitlab-pair"
    /// GitLab's own OAuth, where the access token can be asked about.
    case gitlabOAuth = "oauth2 at GitLab"
    /// A server with an introspection endpoint.
    case oauth = "oauth2 with introspection"
    /// A server that can be asked nothing.
    case blindOAuth = "oauth2 without a question"
    case githubUser = "github-user"
    case githubApp = "github-app"
    case command
    case http

    var testDescription: String { rawValue }
}

/// A fresh family's renewal on a stage.
struct RenewalRig: Sendable {
    let kind: RigKind
    let stage: Stage
    /// The environment of the job, tokens and key.
    let variables: [String: String]
    /// Where the token is published.
    let home: String
    /// The configuration's file.
    let configuration: String
    /// The token that the job begins with; nil where one is minted.
    let first: String?
    /// How long one run waits for the forge. Long, unless answers that never come are what a test is about: a busy machine
    /// must not look like a forge that is away.
    var patience = "30s"

    /// The words after `outlast`.
    func words(_ more: [String] = []) -> [String] {
        // What mints begins without a token: the first run is due by itself.
        let isForced = first != nil
        return ["refresh", "--json", "--credential", "release", "--config", configuration, "--timeout", patience]
            + (isForced ? ["--force"] : []) + more
    }

    /// Makes a rig with secrets of its own; number tells rigs of one stage apart.
    static func make(_ kind: RigKind, on stage: Stage, number: Int, patience: String = "30s") throws -> RenewalRig {
        var builder = Builder(kind: kind, stage: stage, number: number)
        var rig = try builder.build()
        rig.patience = patience
        return rig
    }

    /// Whether the forge accepts a token now.
    func isAlive(_ token: String) -> Bool {
        let sandbox = stage.sandbox
        switch kind {
        case .gitlabRotate, .gitlabReplace, .gitlabPair:
            return sandbox.gitlab.tokens.contains { $0.secret == token && $0.active }
        case .gitlabOAuth: return sandbox.gitlab.isAlive(token)
        case .oauth, .blindOAuth: return sandbox.oauth.isAlive(token)
        case .githubUser, .githubApp: return sandbox.github.isAlive(token)
        case .command, .http: return token.hasPrefix("minted-")
        }
    }
}

extension RenewalRig {
    /// Sets up one of each kind.
    private struct Builder {
        let kind: RigKind
        let stage: Stage
        let number: Int
        var variables: [String: String] = [:]
        var lines = ""
        var others = ""
        var first: String?
        var sandbox: Sandbox { stage.sandbox }

        mutating func build() throws -> RenewalRig {
            try describe()
            let home = "\(stage.scene.vault)/published-\(number)"
            let all = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
            let more = others.split(separator: "\n").map { "  \($0)\n" }.joined()
            let path = try stage.scene.write(
                "version: 1\ncredentials:\n  release:\n\(all)    publish: [{file: {path: \(home)}}]\n\(more)",
                to: "\(stage.scene.folder)/configuration/rig-\(number).yml")
            for secret in variables.values { stage.scene.secret(secret) }
            return RenewalRig(
                kind: kind, stage: stage, variables: stage.variables.merging(variables) { $1 }, home: home,
                configuration: path, first: first)
        }

        private mutating func describe() throws {
            switch kind {
            case .gitlabRotate: try gitlab("gitlab-rotate", "")
            case .gitlabReplace: try gitlab("gitlab-replace", ", with: admin, grace: 1s")
            case .gitlabPair: try gitlab("gitlab-pair", ", with: admin")
            case .gitlabOAuth: try gitlabGrant()
            case .oauth: grant(isBlind: false)
            case .blindOAuth: grant(isBlind: true)
            case .githubUser: try githubUser()
            case .githubApp: try githubApp()
            case .command: try command()
            case .http: http()
            }
        }

        private mutating func gitlab(_ method: String, _ settings: String) throws {
            let token = try sandbox.gitlab.addToken(
                name: "release-\(number)", scopes: ["api", "self_rotate"], expiresOn: stage.date(1))
            first = token.secret
            variables["RELEASE_TOKEN"] = token.secret
            lines = """
                forge: gitlab
                api_url: \(sandbox.gitlabAPI)
                token: {env: RELEASE_TOKEN}
                renew: {method: \(method), lifetime: 30d\(settings)}
                """
            guard settings.contains("admin") else { return }
            let admin = try sandbox.gitlab.addToken(
                .personal(user: "root"), name: "admin-\(number)", scopes: ["api"], expiresOn: stage.date(300))
            variables["ADMIN_TOKEN"] = admin.secret
            others = """
                admin:
                  forge: gitlab
                  api_url: \(sandbox.gitlabAPI)
                  token: {env: ADMIN_TOKEN}
                """
        }

        private mutating func pair(_ grant: SandboxGrant) {
            first = grant.accessToken
            variables["RELEASE_TOKEN"] = grant.accessToken
            variables["RELEASE_REFRESH"] = grant.refreshToken
        }

        private mutating func gitlabGrant() throws {
            let client = "client-\(number)"
            sandbox.gitlab.addApplication(clientID: client, secret: "client-secret-\(number)-of-a-test")
            pair(try sandbox.gitlab.addGrant(clientID: client))
            variables["CLIENT_SECRET"] = "client-secret-\(number)-of-a-test"
            lines = """
                forge: gitlab
                api_url: \(sandbox.gitlabAPI)
                token: {env: RELEASE_TOKEN}
                renew:
                  method: oauth2
                  token_url: \(sandbox.baseURL)/oauth/token
                  client_id: \(client)
                  client_secret: {env: CLIENT_SECRET}
                  refresh_token: {env: RELEASE_REFRESH}
                """
        }

        private mutating func grant(isBlind: Bool) {
            let client = "client-\(number)"
            sandbox.oauth.addClient(client, secret: "client-secret-\(number)-of-a-test")
            pair(sandbox.oauth.addGrant(client: client))
            variables["CLIENT_SECRET"] = "client-secret-\(number)-of-a-test"
            let place = isBlind ? "  token_url: \(sandbox.baseURL)/oauth2/token\n" : ""
            let issuer = isBlind ? "" : "api_url: \(sandbox.oauthIssuer)\n"
            lines = """
                forge: oauth2
                \(issuer)token: {env: RELEASE_TOKEN}
                renew:
                  method: oauth2
                \(place)  client_id: \(client)
                  client_secret: {env: CLIENT_SECRET}
                  refresh_token: {env: RELEASE_REFRESH}
                """
        }

        private mutating func githubUser() throws {
            let app = try sandbox.github.addApp(slug: "user-\(number)")
            pair(sandbox.github.addUserGrant(app))
            variables["CLIENT_SECRET"] = app.clientSecret
            lines = """
                forge: github
                api_url: \(sandbox.githubAPI)
                token: {env: RELEASE_TOKEN}
                renew:
                  method: github-user
                  client_id: \(app.clientID)
                  client_secret: {env: CLIENT_SECRET}
                  refresh_token: {env: RELEASE_REFRESH}
                """
        }

        private mutating func githubApp() throws {
            let app = try sandbox.github.addApp(slug: "app-\(number)")
            let installation = try sandbox.github.install(app)
            variables["APP_KEY"] = app.privateKey
            lines = """
                forge: github
                api_url: \(sandbox.githubAPI)
                renew:
                  method: github-app
                  app_id: \(app.id)
                  private_key: {env: APP_KEY}
                  installation_id: \(installation)
                """
        }

        private mutating func command() throws {
            let end = Int(Date().timeIntervalSince1970) + 86_400
            let script = try stage.scene.hide(
                "#!/bin/sh\nprintf '{\"token\":\"minted-%s-by-a-program\",\"expires_at\":\(end)}' \"$$\"\n",
                in: "mint-\(number)")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
            variables["CACHE_KEY"] = "cache-key-\(number)-of-a-test-\(UUID().uuidString)"
            lines = """
                forge: generic
                renew:
                  method: command
                  command: ["\(script)"]
                  cache_key: {env: CACHE_KEY}
                """
        }

        private mutating func http() {
            let end = Int(Date().timeIntervalSince1970) + 86_400
            let answer = "{\"token\":\"minted-\(number)-by-a-service\",\"expires_at\":\(end)}"
            sandbox.addFault(
                FaultRule(
                    .body(answer, contentType: "application/json", .before), path: "/mint-\(number)", match: .exact,
                    times: nil))
            variables["CACHE_KEY"] = "cache-key-\(number)-of-a-test-\(UUID().uuidString)"
            lines = """
                forge: generic
                renew:
                  method: http
                  url: \(sandbox.baseURL)/mint-\(number)
                  cache_key: {env: CACHE_KEY}
                """
        }
    }
}
