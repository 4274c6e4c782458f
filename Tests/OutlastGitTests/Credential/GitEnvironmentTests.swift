// The environment that makes ours the only helper: which settings, in which order, and no token among them.

import OutlastGit
import OutlastModel
import Testing

@Suite("git's environment")
struct GitEnvironmentTests {
    private let token = "glpat-0123456789-0123456789"

    private func environment(
        _ settings: [(String, String)], _ variables: [String: String] = [:], usesPath: Bool = false,
        server: String = "https://git.example.com"
    ) throws -> GitEnvironment {
        let origin = try #require(ServerURL(server)?.origin)
        return Git().environment(
            GitEnvironmentRequest(
                servers: [GitServer(origin: origin, usesPath: usesPath)], command: "!'/x/outlast' credential",
                settings: settings.map { GitSetting(key: $0.0, value: Secret($0.1)) },
                variables: Variables(variables)))
    }

    /// `key=value` of each setting, in order.
    private func settings(_ environment: GitEnvironment) -> [String] {
        let byName = Dictionary(environment.variables.map { ($0.name, shown($0)) }) { first, _ in first }
        return (0..<200).compactMap { number in
            guard let key = byName["GIT_CONFIG_KEY_\(number)"], let value = byName["GIT_CONFIG_VALUE_\(number)"] else {
                return nil
            }
            return "\(key)=\(value)"
        }
    }

    private func shown(_ variable: GitVariable) -> String {
        variable.parts.map { part in
            switch part {
            case .text(let text): text
            case .variable(let name): "${\(name)}"
            }
        }.joined()
    }

    private let base = [
        "credential.https://git.example.com.helper=",
        "credential.https://git.example.com.helper=!'/x/outlast' credential",
    ]
    private let header = "http.https://git.example.com/.extraheader="

    @Test("the list of helpers is emptied, then ours is the only one; headers are forgotten")
    func plain() throws {
        let made = try environment([])
        #expect(settings(made) == base + [header] && made.notes.isEmpty)
        #expect(made.variables.first == GitVariable("GIT_CONFIG_COUNT", [.text("3")]))
        #expect(made.variables.contains(GitVariable("GIT_TERMINAL_PROMPT", [.text("0")])))
        let paths = try environment([], usesPath: true)
        #expect(settings(paths) == base + ["credential.https://git.example.com.useHttpPath=true", header])
    }

    @Test("settings that the environment has already stay, and ours are not added twice")
    func continued() throws {
        var variables = [
            "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "a.b", "GIT_CONFIG_VALUE_0": "c", "GIT_CONFIG_KEY_1": "d.e",
            "GIT_CONFIG_VALUE_1": "f",
        ]
        let made = try environment([], variables)
        #expect(made.variables.first == GitVariable("GIT_CONFIG_COUNT", [.text("5")]))
        #expect(
            made.variables.contains { $0.name == "GIT_CONFIG_KEY_2" }
                && !made.variables.contains { $0.name == "GIT_CONFIG_KEY_1" })
        for variable in made.variables { variables[variable.name] = variable.text }
        #expect(settings(try environment([], variables)).isEmpty)
        let broken = try environment([], ["GIT_CONFIG_COUNT": "many"])
        #expect(broken.variables.first == GitVariable("GIT_CONFIG_COUNT", [.text("3")]) && broken.notes.count == 1)
    }

    @Test("headers at narrower addresses of the server are forgotten one by one, others are left alone")
    func headers() throws {
        let made = try environment([
            ("http.https://git.example.com/.extraheader", "AUTHORIZATION: basic \(token)"),
            ("http.https://git.example.com/group/app.extraheader", "Authorization: Bearer \(token)"),
            ("http.https://other.example.com/.extraheader", "Authorization: Bearer \(token)"),
            ("http.https://git.example.com:8443/.extraheader", "Authorization: Bearer \(token)"),
            ("http.extraheader", "Authorization: Bearer \(token)"),
        ])
        #expect(settings(made) == base + [header, "http.https://git.example.com/group/app.extraheader="])
        #expect(made.notes.isEmpty)
        let trace = try environment([("http.https://git.example.com/.extraheader", "X-Trace: 1")])
        #expect(trace.notes.count == 1 && trace.notes[0].contains("git.example.com"))
    }

    @Test("a header at an address with a password is forgotten without that being spelled out; git compares user names")
    func headersAtAddressesWithTokens() throws {
        let made = try environment(
            [
                ("http.https://oauth2:\(token)@git.example.com/.extraheader", "Authorization: Bearer x"),
                ("http.https://\(token)@git.example.com/group.extraheader", "Authorization: Bearer x"),
                ("http.https://someone@git.example.com/.extraheader", "Authorization: Bearer x"),
            ], ["JOB_TOKEN": token, "USER": "someone"])
        #expect(
            settings(made) == base + [
                header, "http.https://oauth2@git.example.com/.extraheader=",
                "http.https://${JOB_TOKEN}@git.example.com/group.extraheader=",
                "http.https://someone@git.example.com/.extraheader=",
            ])
        #expect(!"\(made)".contains(token))
    }

    @Test("a token in an address is taken out by the name of the variable that holds it")
    func addresses() throws {
        let made = try environment(
            [
                ("remote.origin.url", "https://oauth2:\(token)@git.example.com/group/app.git"),
                ("remote.origin.pushurl", "https://oauth2:\(token)@git.example.com/group/app.git"),
                ("submodule.lib.url", "https://\(token)@git.example.com/group/lib.git"),
                ("remote.up.url", "https://\(token):@GIT.example.com:443/group/lib.git"),
                ("remote.named.url", "https://someone@git.example.com/group/app.git"),
                ("remote.clean.url", "https://git.example.com/group/app.git"),
                ("remote.ssh.url", "ssh://git@git.example.com/group/app.git"),
                ("remote.elsewhere.url", "https://oauth2:\(token)@other.example.com/group/app.git"),
                ("remote.local.url", "/srv/git/app.git"),
            ], ["JOB_TOKEN": token, "1BAD": token])
        let clean = "url.https://git.example.com/.insteadOf="
        #expect(
            settings(made) == base + [
                header, clean + "https://oauth2:${JOB_TOKEN}@git.example.com/",
                clean + "https://${JOB_TOKEN}@git.example.com/",
                "url.https://GIT.example.com:443/.insteadOf=https://${JOB_TOKEN}:@GIT.example.com:443/",
            ])
        #expect(!"\(made)".contains(token))
    }

    @Test("a password that no variable holds is never spelled out, and said to stay")
    func unknownPassword() throws {
        let made = try environment([("remote.origin.url", "https://oauth2:\(token)@git.example.com/group/app.git")])
        #expect(settings(made) == base + [header] && made.notes.count == 1)
        #expect(made.notes[0].contains("remote.origin.url") && !"\(made)".contains(token))
    }

    @Test("git's list of settings is read, whatever its values hold")
    func reading() {
        let output = Secret("remote.origin.url\nhttps://a/b\nc\0http.extraheader\n\0odd\0\0remote.x.url\nd\0")
        let settings = Git().settings(output)
        #expect(settings.map(\.key) == ["remote.origin.url", "http.extraheader", "remote.x.url"])
        #expect(settings.map { $0.value.reveal() } == ["https://a/b\nc", "", "d"])
        #expect(Git().settings(Secret("")).isEmpty)
    }
}
