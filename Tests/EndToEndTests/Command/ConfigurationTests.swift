// The configuration as the program meets it: which file, mistakes with their line, and a file in the working tree that
// somebody else may have written.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

/// A hostile file of the working tree, with the line and a word of the complaint.
struct HostileFile: Sendable, CustomTestStringConvertible {
    let name: String
    let line: Int
    let words: String
    let text: String

    var testDescription: String { name }

    private static func credential(_ name: String, _ setting: String) -> HostileFile {
        HostileFile(
            name: name, line: 5, words: "working tree",
            text: "version: 1\ncredentials:\n  release:\n    token: {env: RELEASE_TOKEN}\n    \(setting)\n")
    }

    static let all = [
        credential("sends the token elsewhere", "api_url: https://evil.example.com/api/v4"),
        credential("runs a program to renew", "renew: {method: command, command: [sh, -c, 'touch OWNED']}"),
        credential("rotates by itself", "renew: {method: gitlab-rotate}"),
        credential("publishes to a file", "publish: [{file: {path: OWNED}}]"),
        credential("publishes by a program", "publish: [{command: {command: [touch, OWNED]}}]"),
        credential("answers for other hosts", "hosts: [evil.example.com]"),
        credential("pins its own host key", "ssh: {host: evil.example.com}"),
        HostileFile(
            name: "reads a file", line: 4, words: "working tree",
            text: "version: 1\ncredentials:\n  release:\n    token: {file: /etc/passwd}\n"),
        HostileFile(
            name: "runs a program for the token", line: 4, words: "working tree",
            text: "version: 1\ncredentials:\n  release:\n    token: {command: [touch, OWNED]}\n"),
        HostileFile(
            name: "softens the verdict", line: 2, words: "working tree", text: "version: 1\non_insufficient: warn\n"),
        HostileFile(
            name: "is a bomb", line: 1, words: "",
            text: "version: 1\na: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\ndefault_duration: *c\n"),
        HostileFile(name: "is nested without end", line: 1, words: "", text: String(repeating: "[", count: 100_000)),
        HostileFile(name: "is larger than any", line: 1, words: "", text: String(repeating: "# x\n", count: 1 << 20)),
    ]
}

@Suite("The configuration", .timeLimit(.minutes(10)))
struct ConfigurationTests {
    private static let token = "config-0123456789-config-0123456789"

    @Test("a hostile file in the working tree is refused with its line, and does nothing", arguments: HostileFile.all)
    func hostile(_ file: HostileFile) async throws {
        try await withForge { scene, sandbox in
            var variables = sandbox.gitlabJob
            variables["RELEASE_TOKEN"] = scene.secret(try sandbox.gitlab.addToken().secret)
            let path = try scene.write(file.text, to: ".outlast.yml")
            let run = try await scene.run("preflight --json", variables)
            #expect(run.exit == .configuration, "\(run.everything)")
            let message = try #require(run.text("error.message"))
            #expect(
                (file.words.isEmpty || message.contains(file.words)) && message.contains(".outlast.yml"), "\(message)")
            if !file.words.isEmpty {
                #expect(message.hasPrefix("\(path):\(file.line):"), "\(message)")
                #expect(run.text("error.hint")?.contains("--config") == true)
            }
            #expect(sandbox.questions == 0 && scene.read("OWNED") == nil)
        }
    }

    @Test("a link in the working tree is not followed")
    func link() async throws {
        try await withScene { scene in
            let secret = scene.secret("inner-0123456789-inner-0123456789")
            let file = try scene.hide("password: \(secret)\n")
            try FileManager.default.createSymbolicLink(atPath: scene.work + "/.outlast.yml", withDestinationPath: file)
            let run = try await scene.run("preflight --token-env T", ["T": Self.token])
            #expect(run.exit == .configuration && run.errors.contains("symbolic link"))
        }
    }

    @Test("what a found file may set, it may set; the CI's own server too")
    func harmless() async throws {
        try await withForge { scene, sandbox in
            var variables = sandbox.gitlabJob
            variables["RELEASE_TOKEN"] = scene.secret(try sandbox.gitlab.addToken().secret)
            try scene.write("", to: ".git/HEAD")
            try scene.write(
                """
                version: 1
                default_duration: 30m
                margin: 1m
                quantile: 0.9
                recheck_after: 1m
                credentials:
                  release: {forge: gitlab, api_url: "\(sandbox.gitlabAPI)", token: {env: RELEASE_TOKEN}, username: ci,
                    expires_at: 2027-01-01, min_remaining: 1d}
                """, to: ".outlast.yml")
            let run = try await scene.run("preflight --json", variables)
            #expect(run.exit == .done && run.number("needed.needed_s") == 1860, "\(run.everything)")
            #expect(run.text("credentials.0.name") == "release" && sandbox.questions > 0)
        }
    }

    @Test("which file: the flag, the variable, the working tree, the user's own")
    func precedence() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            let line = "preflight --token-env T --expires-at 2099-01-01 --json"
            func write(_ minutes: Int, _ path: String) throws -> String {
                try scene.write("version: 1\nmargin: \(minutes)m\n", to: path)
            }
            func margin(_ more: String = "", _ variables: [String: String] = [:]) async throws -> Int64? {
                try await scene.run(line + more, ["T": Self.token].merging(variables) { $1 }).number("needed.margin_s")
            }
            #expect(try await margin() == 300)
            _ = try write(1, scene.home + "/.config/outlast/config.yml")
            #expect(try await margin() == 60)
            _ = try write(2, scene.folder + "/xdg/outlast/config.yml")
            #expect(try await margin("", ["XDG_CONFIG_HOME": scene.folder + "/xdg"]) == 120)
            _ = try write(3, ".outlast.yml")
            #expect(try await margin() == 180)
            let variable = try write(4, scene.home + "/variable.yml")
            #expect(try await margin("", ["OUTLAST_CONFIG": variable]) == 240)
            let flag = try write(5, scene.home + "/flag.yml")
            #expect(try await margin(" --config \(flag)", ["OUTLAST_CONFIG": variable]) == 300)
            #expect(try await margin(" --config \(flag) --margin 6m") == 360)
        }
    }

    @Test("mistakes name file and line, and every one has a next step")
    func mistakes() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            let pasted = scene.secret("glpat-pA5tEdInT0fIlE9aBcDe")
            let files: [(String, Int)] = [
                ("version: 2\n", 1), ("margin: 1m\n", 1), ("version: 1\nmargn: 1m\n", 2),
                ("version: 1\nmargin: soon\n", 2), ("version: 1\nmargin: [1m]\n", 2), ("version: 1\nquantile: 2\n", 2),
                ("version: 1\ncredentials:\n  a:\n    token: {env: A, file: b}\n", 4),
                ("version: 1\ncredentials:\n  a:\n    token: \(pasted)\n", 4),
                ("version: 1\ncredentials:\n  a:\n    forge: sourceforge\n", 4),
                ("version: 1\ncredentials:\n  a:\n    expires_at: tomorrow\n", 4),
                ("version: 1\ncredentials:\n  a:\n    api_url: http://gitlab.example.com\n", 4),
                ("version: 1\nmargin: 1m\nmargin: 2m\n", 2), ("version: 1\n\tmargin: 1m\n", 2), ("- version: 1\n", 1),
            ]
            for (text, line) in files {
                let path = try scene.write(text, to: scene.vaultFile("c.yml"))
                let run = try await scene.run("preflight --token-env T --config \(path) --json", ["T": Self.token])
                #expect(run.exit == .configuration, "\(text): \(run.everything)")
                #expect(run.text("error.message")?.hasPrefix("\(path):\(line):") == true, "\(text): \(run.output)")
                #expect(run.text("error.hint") != nil, "\(text)")
            }
            for named in ["--config missing.yml", "--config ."] {
                #expect(
                    try await scene.run("preflight --token-env T \(named)", ["T": Self.token]).exit == .configuration)
            }
        }
    }
}

extension Scene {
    /// A file where secrets are not looked for.
    func vaultFile(_ name: String) -> String { "\(vault)/\(name)" }
}
