import OutlastModel
import Testing

@testable import OutlastConfig

@Suite struct WholeFileTests {
    @Test func readsTheGeneralSettings() throws {
        let configuration = try Fixture.load(Fixture.whole)
        #expect(configuration.path == "/etc/outlast.yml" && !configuration.isFound)
        #expect(configuration.defaultDuration == .seconds(5400) && configuration.margin == .seconds(600))
        #expect(configuration.quantile == 0.9 && configuration.recheckAfter == .zero)
        #expect(configuration.onInsufficient == .auto)
        #expect(
            configuration.credentials.map(\.name) == ["admin", "release", "hub", "sso", "vault.a-b_c", "script", "off"])
    }

    @Test func readsACredentialWithEverything() throws {
        let credential = try Fixture.load(Fixture.whole).credentials[1]
        #expect(credential.forge == "gitlab" && credential.apiURL?.text == "https://gitlab.example.com/api/v4")
        #expect(credential.token == .env("RELEASE_TOKEN") && credential.username == "oauth2")
        #expect(credential.expiresAt?.text == "2027-01-01T00:00:00Z" && credential.minRemaining == .seconds(172_800))
        #expect(
            credential.hosts == [
                HostPattern(host: "gitlab.example.com", port: nil, path: ["group"]),
                HostPattern(host: "git.example.com", port: 8443, path: []),
            ])
        #expect(credential.renew?.method == "gitlab-replace" && credential.renew?.by == .operator)
        #expect(credential.renew?.settings.duration("lifetime") == .seconds(2_592_000))
        #expect(credential.renew?.settings.text("with") == "admin")
        let ssh = try #require(credential.ssh)
        #expect(ssh.host == "gitlab.example.com" && ssh.port == 2222 && ssh.user == "git" && ssh.needPush)
        #expect(ssh.key == .env("DEPLOY_KEY") && ssh.knownHosts == "/etc/ssh/known")
        #expect(ssh.hostKeys == ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn"])
    }

    @Test func readsEveryPublishTarget() throws {
        let publish = try Fixture.load(Fixture.whole).credentials[1].publish
        #expect(publish.map(\.target) == PublishSchemas.all.map(\.name))
        #expect(publish[0].settings.text("project") == "group/app")
        #expect(publish[0].settings.text("environment_scope") == "*")
        #expect(publish[1].settings.text("environment") == "prod")
        #expect(publish[2].settings.url("url")?.text == "https://ci.example.com")
        #expect(publish[3].settings.text("path") == "/run/build/token")
        #expect(publish[4].settings.text("name") == "RELEASE_TOKEN")
        #expect(publish[5].settings.texts("command") == ["vault", "kv", "put", "secret/release"])
    }

    @Test func readsEveryOtherRenewalMethod() throws {
        let credentials = try Fixture.load(Fixture.whole).credentials
        #expect(credentials[2].token == .command(["gh", "auth", "token"]))
        let app = try #require(credentials[2].renew?.settings)
        #expect(app.text("app_id") == "12345" && app.secret("private_key") == .file("/run/secrets/app.pem"))
        #expect(app.texts("repositories") == ["r", "s"])
        #expect(app.map("permissions")?.map(\.name) == ["contents", "pull_requests"])
        let sso = try #require(credentials[3].renew?.settings)
        #expect(sso.secret("refresh_token") == .file("/run/secrets/refresh") && sso.text("scope") == "api openid")
        let http = try #require(credentials[4].renew?.settings)
        #expect(http.url("url")?.query == "role=ci")
        #expect(
            http.map("headers") == [
                .init(name: "X-Vault-Token", value: .secret(.env("VAULT_TOKEN"))),
                .init(name: "Accept", value: .text("application/json")),
            ])
        #expect(credentials[5].renew?.settings.texts("command") == ["mint", "--for", "ci"])
        #expect(credentials[6].renew?.method == "none")
    }

    @Test(arguments: [
        "version: 1", "version: 1\ncredentials:\n", "version: 1\ncredentials: {}\n", "\u{FEFF}version: \"1\"\r\n",
    ])
    func takesTheDefaultsForWhatIsNotSaid(text: String) throws {
        let configuration = try Fixture.load(text)
        #expect(configuration.credentials.isEmpty && configuration.quantile == 0.95)
        #expect(configuration.defaultDuration == .seconds(3600) && configuration.margin == .seconds(300))
        #expect(configuration.recheckAfter == .seconds(600) && configuration.onInsufficient == .fail)
    }

    @Test(arguments: ["gitlab-rotate", "gitlab-replace", "gitlab-pair"])
    func takesLifetimeAndManagingCredentialForEveryGitLabMethod(method: String) throws {
        let renew = "{method: \(method), by: jobs, lifetime: 30d, with: b}"
        let text = "version: 1\ncredentials:\n  a: {renew: \(renew)}\n  b: {token: {env: B}}\n"
        let settings = try Fixture.load(text).credentials[0].renew?.settings
        #expect(settings?.duration("lifetime") == .seconds(2_592_000) && settings?.text("with") == "b")
    }

    @Test func followsAFewAliases() throws {
        let configuration = try Fixture.load(
            """
            version: 1
            credentials:
              a: &a {forge: gitlab, token: {env: A}}
              b: *a
            """)
        #expect(configuration.credentials.map(\.token) == [.env("A"), .env("A")])
    }

    @Test func takesInsecureAddressesWhenToldTo() throws {
        let text = "version: 1\ncredentials: {a: {api_url: 'http://gitlab.lan/api/v4'}}"
        #expect(try Fixture.load(text, allowInsecureHTTP: true).credentials[0].apiURL?.origin.scheme == "http")
        #expect(Fixture.failure { try Fixture.load(text) }?.message.contains("unencrypted") == true)
        let loopback = "version: 1\ncredentials: {a: {api_url: 'http://127.0.0.1:8080/api/v4'}}"
        #expect(try Fixture.load(loopback).credentials[0].apiURL?.origin.port == 8080)
    }
}
