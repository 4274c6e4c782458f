import OutlastModel
import Testing

@testable import OutlastConfig

/// A broken file, the line of its first mistake, and parts of what is said about it.
struct Mistake: Sendable, CustomTestStringConvertible {
    let text: String
    let line: Int
    let says: String
    let hints: String

    init(_ text: String, _ line: Int, _ says: String, _ hints: String) {
        self.text = text
        self.line = line
        self.says = says
        self.hints = hints
    }

    /// A mistake in a line of the credential `a`, which is line 4 of the file.
    static func inCredential(_ lines: String, _ line: Int, _ says: String, _ hints: String) -> Mistake {
        let indented = lines.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
        return Mistake("version: 1\ncredentials:\n  a:\n" + indented.joined(separator: "\n"), line, says, hints)
    }

    var testDescription: String { says }
}

@Suite struct MistakeTests {
    static let files: [Mistake] = [
        .init("", 1, "the file is empty", "version: 1"), .init(" \n# only a comment\n", 1, "empty", "version: 1"),
        .init("---\n", 1, "empty", "version: 1"), .init("~", 1, "empty", "version: 1"),
        .init("credentials: {}", 1, "`version` is missing", "version: 1"),
        .init("version: 2", 1, "`version` is `2`, and this outlast reads version 1", "version: 1"),
        .init("version:", 1, "`version` has no value", "1"),
        .init("version: [1]", 1, "`version` must be 1, not a list", "1"),
        .init("- version: 1", 1, "must be a map, not a list", "version: 1"),
        .init("just text", 1, "must be a map, not a text", "version: 1"),
        .init("version: 1\nmargn: 5m", 2, "unknown key `margn`", "did you mean `margin`?"),
        .init("version: 1\nzzz: 5m", 2, "unknown key `zzz`", "known here: version, default_duration"),
        .init("version: 1\nmargin: 5 minutes", 2, "`margin` is not a duration: `5 minutes`", "1h30m"),
        .init("version: 1\nmargin: 300", 2, "`margin` is not a duration: `300`", "90s"),
        .init("version: 1\ndefault_duration: 0", 2, "must be longer than 0", "90s"),
        .init("version: 1\nquantile: 1", 2, "not a number from 0.5 to 0.999: `1`", "0.95"),
        .init("version: 1\nquantile: 0.4", 2, "`quantile`", "0.95"),
        .init("version: 1\nquantile: nan", 2, "`nan`", "0.95"),
        .init("version: 1\nquantile: 9e-1", 2, "`9e-1`", "0.95"),
        .init("version: 1\non_insufficient: warm", 2, "knows no `warm`", "did you mean `warn`?"),
        .init("version: 1\nmargin: 5m\nmargin: 6m", 2, "the same key stands twice in one map: `margin`", "remove one"),
        .init("version: 1\n\tmargin: 5m", 2, "not valid YAML", "spaces"),
        .init("version: 1\nmargin: a: b", 2, "not valid YAML", "quotes"),
        .init("version: 1\nmargin: [5m", 3, "not valid YAML", "brackets"),
        .init("version: 1\nmargin: @x", 2, "not valid YAML", "quotes"),
        .init("version: 1\n---\nversion: 1", 2, "another document", "one document"),
        .init("version: 1\nmargin: *x", 2, "undefined alias", "anchors"),
        .init("version: 1\nmargin: !secret x", 2, "YAML tags", "remove the tag"),
        .init("version: 1\n? [a, b]\n: c", 2, "a key must be a text", "key: value"),
        .init("version: 1\nmargin: \"a\u{7}\"", 2, "a control character (0x7)", "UTF-8"),
        .init("version: 1\nmargin: \"a\\nb\"", 2, "one line without control characters", "plain"),
        .init("version: 1\nmargin: \u{80}", 2, "not valid YAML", "UTF-8"),
        .init("version: 1\ncredentials: [a]", 2, "`credentials` must be a map of names, not a list", "key: value"),
        .init("version: 1\ncredentials: text", 2, "not a text", "key: value"),
        .init("version: 1\ncredentials:\n  a b: {}", 3, "a credential's name is 1 to 64 letters", "rename"),
        .init("version: 1\ncredentials:\n  a:", 3, "`credentials.a` must be a map, not nothing", "key: value"),
        .init("version: 1\ncredentials:\n  <<: {}\n", 3, "`<<`", "rename"),
    ]

    static let credentials: [Mistake] = [
        .inCredential("tokn: {env: A}", 4, "unknown key `credentials.a.tokn`", "did you mean `token`?"),
        .inCredential("<<: {env: A}", 4, "unknown key `credentials.a.<<`", "merge keys"),
        .inCredential("forge: gitlub", 4, "`credentials.a.forge` knows no `gitlub`", "did you mean `gitlab`?"),
        .inCredential("api_url: gitlab.example.com", 4, "is not an address", "https://host/path"),
        .inCredential("api_url: https://u:p@h/api", 4, "is not an address", "without user name"),
        .inCredential("api_url: https://h/api?x=1", 4, "is not an address", "https://"),
        .inCredential("api_url: http://h/api", 4, "unencrypted to h", "--allow-insecure-http"),
        .inCredential("api_url: http://localhost:8080", 4, "unencrypted to localhost:8080", "127.0.0.1"),
        .inCredential(
            "token: A_VARIABLE", 4, "must be {env: NAME}, {file: PATH} or {command: [PROGRAM, …]}", "{env: NAME}"),
        .inCredential("token: {env: A, file: /b}", 4, "names two sources, env and file", "keep one"),
        .inCredential("token: {}", 4, "names no source", "{env: NAME}"),
        .inCredential("token: {var: A}", 4, "unknown key `credentials.a.token.var`", "env, file, command"),
        .inCredential("token: {env: 9A}", 4, "not the name of an environment variable: `9A`", "letters"),
        .inCredential("token: {env: A-B}", 4, "`A-B`", "letters"),
        .inCredential("token: {command: gh auth token}", 4, "must be a list of a program and its arguments", "["),
        .inCredential("token: {command: []}", 4, "not an empty one", "["),
        .inCredential("token:\n  - env: A", 4, "not a list", "{env: NAME}"),
        .inCredential("expires_at: tomorrow", 4, "is not a time: `tomorrow`", "2027-01-31"),
        .inCredential("expires_at: 2027-02-30", 4, "`2027-02-30`", "2027-01-31"),
        .inCredential("hosts: gitlab.example.com", 4, "must be a list of host[:port][/path], not a text", "[FIRST"),
        .inCredential("hosts:\n  - h\n  - 'https://h'", 6, "`credentials.a.hosts[2]` is not host", "without https://"),
        .inCredential("hosts: ['*.example.com']", 4, "`*.example.com`", "wildcards"),
        .inCredential("hosts: ['h/../x']", 4, "`h/../x`", "host/path"),
        .inCredential("username: 'a:b'", 4, "is not a user name", "oauth2"),
        .inCredential("min_remaining: soon", 4, "is not a duration: `soon`", "90s"),
    ]

    static let blocks: [Mistake] = [
        .inCredential("renew: gitlab-rotate", 4, "`credentials.a.renew` must be a map, not a text", "key: value"),
        .inCredential("renew: {by: jobs}", 4, "needs the key `method`", "gitlab-rotate, gitlab-replace"),
        .inCredential("renew: {method: gitlab-rotat}", 4, "knows no `gitlab-rotat`", "did you mean `gitlab-rotate`?"),
        .inCredential("renew: {method: none, by: me}", 4, "knows no `me`", "jobs, operator"),
        .inCredential(
            "renew: {method: oauth2, lifetime: 1d}", 4, "unknown key `credentials.a.renew.lifetime`", "token_url"),
        .inCredential("renew:\n  method: oauth2", 4, "needs the key `client_id`", "add"),
        .inCredential("renew: {method: gitlab-rotate, lifetime: 0}", 4, "longer than 0", "30d"),
        .inCredential(
            "min_remaining: 10d\nrenew: {method: gitlab-rotate, lifetime: 5d}", 4,
            "is not shorter by a day than `renew.lifetime`, 5d", "the lifetime less"),
        .inCredential(
            "min_remaining: 30d\nrenew: {method: gitlab-rotate}", 4,
            "is not shorter by a day than `renew.lifetime`, 30d", "the lifetime less"),
        .inCredential("renew:\n  method: gitlab-replace\n  with: b", 6, "not in this file: `b`", "known here: a"),
        .inCredential(
            "renew: {method: github-app, app_id: 1, client_id: x, private_key: {env: K}, repository: o/r}", 4,
            "takes only one of app_id, client_id", "keep one"),
        .inCredential(
            "renew: {method: github-app, app_id: 1, private_key: {env: K}}", 4,
            "needs one of installation_id, repository, organization", "add one"),
        .inCredential(
            "renew: {method: github-app, app_id: x1, private_key: {env: K}, repository: o/r}", 4, "not a whole number",
            "digits"),
        .inCredential(
            "renew: {method: github-app, app_id: 1, private_key: {command: [x]}, repository: o/r}", 4, "unknown key",
            "env, file"),
        .inCredential(
            "renew: {method: command, command: [a, [b]]}", 4, "`credentials.a.renew.command[2]` must be", "line"),
        .inCredential("publish: {file: {path: /x}}", 4, "must be a list of targets, not a map", "- "),
        .inCredential("publish:\n  - fil: {path: /x}", 5, "names no publish target: `fil`", "did you mean `file`?"),
        .inCredential("publish:\n  - file: {path: /x}\n    dotenv: {}", 5, "must name one target, not 2", "its own"),
        .inCredential("publish:\n  - file:", 5, "`credentials.a.publish[1].file` must be a map, not nothing", "key"),
        .inCredential("publish:\n  - file: {}", 5, "needs the key `path`", "add"),
        .inCredential(
            "publish:\n  - gitlab-variable: {project: g/a, group: b, key: K}", 5, "only one of project, group", "keep"),
        .inCredential("publish:\n  - jenkins-credential: {url: http://ci, id: x}", 5, "unencrypted to ci", "https://"),
        .inCredential("ssh: {}", 4, "`credentials.a.ssh` needs the key `host`", "add"),
        .inCredential("ssh: {host: 'h:22'}", 4, "is not a host name", "`port` is a key"),
        .inCredential("ssh: {host: -oProxyCommand=x}", 4, "is not a host name", "alone"),
        .inCredential("ssh: {host: h, port: 70000}", 4, "is not a port: `70000`", "65535"),
        .inCredential("ssh: {host: h, user: -l}", 4, "is not a user name", "letters"),
        .inCredential("ssh: {host: h, need_push: yes}", 4, "is not true or false: `yes`", "yes and on are texts"),
        .inCredential("ssh: {host: h, host_keys: [SHA256:abc]}", 4, "is not a host key", "ssh-keyscan"),
        .inCredential("ssh: {host: h, key: /root/.ssh/id}", 4, "keys are not written in this file", "{env: NAME}"),
    ]

    private static func target(_ text: String, _ says: String, _ hints: String) -> Mistake {
        .inCredential("publish:\n  - \(text)", 5, says, hints)
    }

    private static func app(_ keys: String, _ says: String, _ hints: String) -> Mistake {
        .inCredential("renew: {method: github-app, private_key: {env: K}, \(keys)}", 4, says, hints)
    }

    /// What no server and no machine could make right.
    static let hopeless: [Mistake] = [
        target(
            "file: {path: rel/x}", "`credentials.a.publish[1].file.path` is not the absolute path", "begin it with `/`"),
        target("file: {path: ~/x}", "is not the absolute path of a file: `~/x`", "begin it"),
        target("file: {path: /run/build/}", "is not the absolute path of a file", "`/`"),
        target("dotenv: {path: build/, name: T}", "is not the path of a file: `build/`", "whole path"),
        target("dotenv: {path: a.env, name: A-B}", "is not the name of a variable: `A-B`", "not a digit first"),
        target("gitlab-variable: {project: g/a, key: A-B}", "is not the key of a variable: `A-B`", "underscores alone"),
        target("gitlab-variable: {project: app, key: K}", "is not the path or the number of a project", "group/name"),
        target(
            "gitlab-variable: {project: 'https://h/g/a', key: K}", "is not the path or the number of a project",
            "without the address"),
        target("gitlab-variable: {group: /g, key: K}", "is not the path or the number of a group: `/g`", "subgroup"),
        target("github-secret: {repository: app, name: S}", "is not owner/name: `app`", "owner/name"),
        target("github-secret: {organization: o/r, name: S}", "is not the name of an account: `o/r`", "alone"),
        target("github-secret: {repository: o/r, name: GITHUB_S}", "is not the name of a secret", "not GITHUB_"),
        target("github-secret: {repository: o/r, name: 9S}", "is not the name of a secret: `9S`", "not a digit first"),
        target(
            "github-secret: {organization: o, name: S, environment: e}",
            "environment` means nothing without `repository`",
            "add `repository`"),
        target("jenkins-credential: {url: 'https://ci/?x=1', id: x}", "is not an address", "https://host/path"),
        .inCredential("renew: {method: gitlab-replace}", 4, "needs the key `with`", "add `with"),
        .inCredential("renew: {method: gitlab-replace, with: a}", 4, "names the credential itself", "may manage"),
        .inCredential("renew: {method: gitlab-pair, with: a}", 4, "names the credential itself", "may manage"),
        app("app_id: 0, repository: o/r", "is not a whole number from 1 on: `0`", "digits"),
        app("app_id: 1, repository: app", "is not owner/name: `app`", "owner/name"),
        app("app_id: 1, organization: o/r", "is not the name of an account", "alone"),
        app("app_id: 1, organization: o, repositories: [r, 'a b']", "`credentials.a.renew.repositories[2]`", "name"),
        app("app_id: 1, organization: o, permissions: {contents: all}", "knows no `all`", "read, write, admin"),
        .inCredential(
            "renew: {method: http, url: 'https://h/x', token_pointer: a}", 4,
            "token_pointer` is not a JSON pointer: `a`",
            "/data/token"),
        .inCredential(
            "renew: {method: http, url: 'https://h/x', expires_pointer: /~2}", 4, "is not a JSON pointer", "`/`"),
        .inCredential(
            "renew: {method: http, url: 'https://h/x', headers: {'X Y': z}}", 4, "is not the name of a header", "colon"),
        Mistake(
            "version: 1\ncredentials:\n  a:\n    renew: {method: gitlab-rotate, with: b}\n  b: {forge: gitlab}", 4,
            "names b, which has no `token`", "add `token: {env: NAME}` to b"),
    ]

    @Test("its own name means the renewed token where that may write, and numbers name projects too")
    func takes() throws {
        for text in [
            "renew: {method: gitlab-rotate, with: a}",
            "renew: {method: github-app, app_id: 1, "
                + "private_key: {env: K}, repository: o/r.s_t}",
            "publish: [{gitlab-variable: {project: 42, key: K, with: a}}]",
            "publish: [{gitlab-variable: {group: a.b/c-d_e, key: K}}]", "publish: [{dotenv: {path: a.env, name: T}}]",
        ] { _ = try Fixture.load("version: 1\ncredentials: {a: {\(text)}}") }
    }

    @Test(arguments: files + credentials + blocks + hopeless)
    func namesFileLineAndFix(mistake: Mistake) throws {
        let failure = try #require(Fixture.failure { try Fixture.load(mistake.text) })
        #expect(failure.code == .configuration)
        #expect(failure.message.hasPrefix("/etc/outlast.yml:\(mistake.line): "), "\(failure.message)")
        #expect(failure.message.contains(mistake.says), "\(failure.message)")
        #expect(failure.hint?.contains(mistake.hints) == true, "\(failure.hint ?? "none")")
    }

    @Test func reportsTheFirstAndCountsTheOthers() throws {
        let failure = try #require(
            Fixture.failure { try Fixture.load("version: 1\nquantile: 7\nmargin: x\ncredentials: {a: {forge: y}}") })
        #expect(failure.message.hasPrefix("/etc/outlast.yml:2: `quantile`"))
        #expect(failure.message.hasSuffix("; 2 more mistakes in this file"))
        let two = try #require(Fixture.failure { try Fixture.load("version: 1\nquantile: 7\nmargin: x") })
        #expect(two.message.hasSuffix("; 1 more mistake in this file"))
    }

    @Test func refusesTextThatIsNotUTF8() throws {
        let files = FilesInMemory(others: ["/c.yml": .file(Array("version: 1\nmargin: ".utf8) + [0xFF, 0xFE])])
        let request = ConfigurationRequest(named: .init(path: "/c.yml", by: "--config"), workingFolder: "/")
        let failure = try #require(Fixture.failure { try Fixture.loader(files).load(request) })
        #expect(failure.message == "/c.yml:2: not UTF-8 text")
    }

    @Test func showsForeignTextSafely() throws {
        let failure = try #require(
            Fixture.failure { try Fixture.load("version: 1\nmargin: \"##vso[task.x]\u{202E}::error::\"") })
        #expect(!failure.message.contains("##vso[") && !failure.message.unicodeScalars.contains("\u{202E}"))
    }
}
