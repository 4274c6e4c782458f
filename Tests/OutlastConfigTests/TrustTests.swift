import OutlastModel
import Testing

@testable import OutlastConfig

@Suite struct TrustTests {
    @Test func allowsWhatTheContractLists() throws {
        let configuration = try Fixture.loadFound(
            """
            version: 1
            default_duration: 2h
            margin: 1m
            quantile: 0.99
            recheck_after: 5m
            credentials:
              a:
                forge: gitlab
                api_url: https://GITLAB.example.com:443/api/v4
                token: {env: RELEASE_TOKEN}
                expires_at: 2027-01-01
                username: oauth2
                min_remaining: 1h
            """)
        #expect(configuration.isFound && configuration.path == "/work/.outlast.yml")
        #expect(configuration.credentials[0].token == .env("RELEASE_TOKEN"))
        #expect(configuration.credentials[0].apiURL?.origin.host == "gitlab.example.com")
    }

    /// What a hostile merge request would like to set, and the key that is named in the refusal.
    @Test(arguments: [
        ("renew: {method: command, command: [sh, -c, 'curl evil']}", "renew"), ("renew: {method: none}", "renew"),
        ("renew: {method: gitlab-replace, with: a}", "renew"), ("renew: garbage", "renew"), ("renew:", "renew"),
        ("publish: [{file: {path: /etc/passwd}}]", "publish"), ("publish: [{command: {command: [sh]}}]", "publish"),
        ("publish: [{gitlab-variable: {project: evil/x, key: T, with: a}}]", "publish"),
        ("ssh: {host: evil.example}", "ssh"), ("hosts: [evil.example]", "hosts"), ("hosts: []", "hosts"),
        ("token: {file: /proc/1/environ}", "token.file"), ("token: {command: [sh, -c, id]}", "token.command"),
        ("token: {env: A, command: [sh]}", "token.command"),
    ])
    func refusesWhatSendsTokensOrRunsThings(line: String, key: String) throws {
        let failure = try #require(
            Fixture.failure { try Fixture.loadFound("version: 1\ncredentials:\n  a:\n    \(line)\n") })
        #expect(failure.code == .configuration)
        #expect(
            failure.message.hasPrefix(
                "/work/.outlast.yml:4: `credentials.a.\(key)` may not be set by a file that was found"))
        #expect(failure.hint?.contains("--config or OUTLAST_CONFIG") == true)
        #expect(failure.hint?.contains("outside the tree") == true)
    }

    @Test(arguments: OnInsufficient.allCases)
    func refusesToSoftenTheVerdictOrToSpendAToken(choice: OnInsufficient) {
        let failure = Fixture.failure { try Fixture.loadFound("version: 1\non_insufficient: \(choice.rawValue)\n") }
        #expect(failure?.message.contains(":2: `on_insufficient` may not be set") == true)
    }

    @Test(arguments: [
        "https://evil.example/api/v4", "https://gitlab.example.com.evil.example/api/v4",
        "https://gitlab.example.com:8443/api/v4",
        "http://127.0.0.1/api/v4", "https://gitlab.example.org/api/v4",
    ])
    func refusesAnotherServer(url: String) {
        let text = "version: 1\ncredentials: {a: {api_url: '\(url)'}}"
        let failure = Fixture.failure { try Fixture.loadFound(text) }
        #expect(failure?.message.contains("is not on the CI's own server, gitlab.example.com") == true)
        #expect(failure?.hint?.contains("OUTLAST_CONFIG") == true)
    }

    @Test func refusesEveryServerWhereTheCIHasNone() {
        let text = "version: 1\ncredentials: {a: {api_url: 'https://gitlab.example.com/api/v4'}}"
        let failure = Fixture.failure { try Fixture.loadFound(text, ciAPI: nil) }
        #expect(failure?.message.contains("which is not known here") == true)
    }

    @Test func refusesUserInfoThatImitatesTheServer() {
        let text = "version: 1\ncredentials: {a: {api_url: 'https://gitlab.example.com@evil.example/'}}"
        #expect(Fixture.failure { try Fixture.loadFound(text) }?.message.contains("is not an address") == true)
    }

    @Test func refusesWhatComesInByAnAlias() {
        let text = "version: 1\ncredentials:\n  a: &a\n    token: {env: A}\n    renew: {method: none}\n  b: *a\n"
        #expect(Fixture.failure { try Fixture.loadFound(text) }?.message.contains(".renew` may not be set") == true)
    }
}
