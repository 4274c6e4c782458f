// `doctor` by the built program: a healthy machine passes, and each fault that was sown is found, named, and given its
// remedy.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

/// A fault of a machine that is otherwise well.
struct SownFault: Sendable, CustomTestStringConvertible {
    let name: String
    /// The check that has to find it.
    let check: String
    let status: String
    /// Words of its detail, and of its remedy.
    let detail: String
    let remedy: String
    /// Sows it; what comes back is added to the environment, an empty value takes a variable away.
    let sow: @Sendable (Stage) async throws -> [String: String]

    var testDescription: String { name }

    static let all: [SownFault] = [
        SownFault(
            name: "a token that is not there", check: "token release", status: "fail", detail: "is not set",
            remedy: "set it"
        ) { _ in ["RELEASE_TOKEN": ""] },
        SownFault(
            name: "a token that has ended", check: "token release", status: "fail", detail: "has expired",
            remedy: "give the job a token"
        ) { ["RELEASE_TOKEN": try $0.sandbox.gitlab.addToken(expiresOn: $0.date(-1)).secret] },
        SownFault(
            name: "a token that was revoked", check: "token release", status: "fail", detail: "revoked",
            remedy: "find who"
        ) {
            let token = try $0.sandbox.gitlab.addToken(expiresOn: $0.date(20))
            $0.sandbox.gitlab.revokeToken(token.id)
            return ["RELEASE_TOKEN": token.secret]
        },
        SownFault(
            name: "a token that may not renew itself", check: "renewal release", status: "fail", detail: "scope",
            remedy: ""
        ) { ["RELEASE_TOKEN": try $0.sandbox.gitlab.addToken(scopes: ["read_api"], expiresOn: $0.date(20)).secret] },
        SownFault(
            name: "a server that does not listen", check: "network 127.0.0.1:1", status: "fail", detail: "refused",
            remedy: ""
        ) { stage in
            try stage.configure(
                "forge: gitlab\napi_url: http://127.0.0.1:1/api/v4\ntoken: {env: RELEASE_TOKEN}\nrenew: {method: gitlab-rotate}"
            )
            return [:]
        },
        SownFault(
            name: "an old server", check: "forge 127.0.0.1", status: "warn", detail: "16.10", remedy: "upgrade"
        ) {
            $0.sandbox.gitlab.changeRules { $0.version = "16.4.0" }
            return [:]
        },
        SownFault(
            name: "a clock that is wrong", check: "clock 127.0.0.1", status: "warn", detail: "ahead of", remedy: "NTP"
        ) {
            $0.sandbox.advanceClock(by: 600)
            return [:]
        },
        SownFault(
            name: "no key", check: "key", status: "fail", detail: "none is set", remedy: "key generate"
        ) { _ in ["OUTLAST_KEY": ""] },
        SownFault(
            name: "two keys", check: "key", status: "fail", detail: "two keys are set", remedy: "leave one"
        ) { _ in ["OUTLAST_PASSPHRASE": "correct horse battery"] },
        SownFault(
            name: "a wrong key", check: "key", status: "fail", detail: "not the one", remedy: ""
        ) { stage in
            try await stage.refresh(
                "--force", ["RELEASE_TOKEN": try stage.sandbox.gitlab.addToken(expiresOn: stage.date(20)).secret])
            return ["OUTLAST_KEY": Data(repeating: 7, count: 32).base64EncodedString()]
        },
        SownFault(
            name: "a state that others can write", check: "state", status: "fail", detail: "can write", remedy: "chmod"
        ) { stage in
            try await stage.scene.run("record start --project g/a --job j --run 1", stage.variables)
            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: stage.state)
            return [:]
        },
        SownFault(
            name: "a damaged state", check: "state", status: "fail", detail: "", remedy: ""
        ) { stage in
            try await stage.scene.run("record start --project g/a --job j --run 1", stage.variables)
            try await stage.scene.run("record finish --project g/a --job j --run 1", stage.variables)
            let file = try FileHandle(forUpdating: URL(filePath: stage.state))
            try file.seek(toOffset: 4096 + 8)
            try file.write(contentsOf: Data(repeating: 0xFF, count: 3000))
            try file.close()
            return [:]
        },
        SownFault(
            name: "a place to publish that is not there", check: "publish release to file", status: "fail",
            detail: "", remedy: ""
        ) { stage in
            try stage.configure(Self.release(stage) + "\npublish:\n  - file: {path: /proc/none/token}")
            return [:]
        },
        SownFault(
            name: "another helper", check: "git-helpers", status: "warn", detail: "store", remedy: "credential env"
        ) { stage in
            try await stage.scene.shell("git config --global credential.helper store")
            return [:]
        },
        SownFault(
            name: "a header that is sent with everything", check: "git-headers", status: "warn",
            detail: "extraheader", remedy: "credential env"
        ) { stage in
            let value = stage.scene.secret("c3RhbGU6c3RhbGVTdGFsZVN0YWxlU3RhbGU=")
            let home = try stage.scene.hide(
                "[http \"https://git.example.com/\"]\n\textraheader = AUTHORIZATION: basic \(value)\n")
            return ["GIT_CONFIG_GLOBAL": home]
        },
        SownFault(
            name: "the tool turned off", check: "mode", status: "warn", detail: "warn", remedy: "unset it"
        ) { _ in ["OUTLAST_MODE": "warn"] },
        SownFault(
            name: "no git", check: "git", status: "warn", detail: "no git", remedy: "install git"
        ) { _ in ["PATH": "/nonexistent"] },
        SownFault(
            name: "no ssh", check: "ssh", status: "fail", detail: "no ssh", remedy: "openssh-client"
        ) { stage in
            try stage.configure(Self.release(stage) + "\nssh: {host: git.example.com, key: {env: DEPLOY_KEY}}")
            return ["PATH": "/nonexistent"]
        },
        SownFault(
            name: "a deploy key that is not there", check: "ssh-key release", status: "fail", detail: "is not set",
            remedy: "set it"
        ) { try Self.fallback($0, "env: DEPLOY_KEY") },
        SownFault(
            name: "a deploy key that is none", check: "ssh-key release", status: "fail",
            detail: "private key of release",
            remedy: ""
        ) { try Self.fallback($0, "env: DEPLOY_KEY").merging(["DEPLOY_KEY": "ssh-ed25519 AAAA"]) { $1 } },
        SownFault(
            name: "a deploy key with a passphrase", check: "ssh-key release", status: "fail", detail: "passphrase",
            remedy: "without one"
        ) { stage in
            try await stage.scene.shell("ssh-keygen -q -t ed25519 -N secret -f '\(stage.scene.vault)/deploy'")
            return try Self.fallback(stage, "file: \(stage.scene.vault)/deploy")
        },
        SownFault(
            name: "a deploy key that others may read", check: "ssh-key release", status: "warn", detail: "others than",
            remedy: "chmod 600"
        ) { try await Self.fallback($0, "file: \(Self.key($0, mode: "640"))") },
        SownFault(
            name: "no host key", check: "ssh-host-keys release", status: "fail", detail: "no host key is pinned",
            remedy: "--host-key"
        ) { try Self.fallback($0, "env: DEPLOY_KEY", pins: "need_push: false") },
        SownFault(
            name: "a server for ssh that does not answer", check: "ssh-host-keys release", status: "warn",
            detail: "does not answer ssh", remedy: "may reach it"
        ) { try await Self.fallback($0, "file: \(Self.key($0, mode: "600"))") },
        SownFault(
            name: "a configuration with a mistake", check: "configuration", status: "fail", detail: "tokn",
            remedy: ""
        ) { stage in
            try stage.configure("tokn: {env: RELEASE_TOKEN}")
            return [:]
        },
        SownFault(
            name: "a configuration from a change of somebody else's", check: "configuration", status: "warn",
            detail: "working tree", remedy: "keep it outside"
        ) { stage in
            let text = try #require(stage.scene.read(stage.configuration))
            let path = try stage.scene.write(text, to: "outlast-config.yml")
            return stage.sandbox.gitlabJob.merging([
                "OUTLAST_CONFIG": path, "CI_PROJECT_DIR": stage.scene.work, "CI_PIPELINE_SOURCE": "merge_request_event",
                "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "fork/app", "CI_MERGE_REQUEST_PROJECT_PATH": "group/app",
            ]) { $1 }
        },
        SownFault(
            name: "authorities that cannot be read", check: "authorities", status: "fail", detail: "SSL_CERT_FILE",
            remedy: "PEM file"
        ) { _ in ["SSL_CERT_FILE": "/proc/none.pem"] },
    ]

    /// A deploy key's file.
    static func key(_ stage: Stage, mode: String) async throws -> String {
        let path = "\(stage.scene.vault)/deploy"
        try await stage.scene.shell("ssh-keygen -q -t ed25519 -N '' -f '\(path)'; chmod \(mode) '\(path)'")
        return path
    }

    /// A fallback whose server is not there.
    static func fallback(_ stage: Stage, _ key: String, pins: String? = nil) throws -> [String: String] {
        let pins =
            pins ?? "host_keys: [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\"]"
        try stage.configure(release(stage) + "\nssh: {host: 127.0.0.1, port: 1, key: {\(key)}, \(pins)}")
        return [:]
    }

    static func release(_ stage: Stage) -> String {
        "forge: gitlab\napi_url: \(stage.sandbox.gitlabAPI)\ntoken: {env: RELEASE_TOKEN}\nrenew: {method: gitlab-rotate}"
    }
}

@Suite("doctor", .timeLimit(.minutes(5)))
struct DoctorTests {
    /// Runs it on a machine that is well but for what was sown.
    private func examine(_ stage: Stage, sow: (Stage) async throws -> [String: String]) async throws -> (Run, Run) {
        try stage.configure(SownFault.release(stage))
        var variables = stage.variables
        let token = try stage.sandbox.gitlab.addToken(scopes: ["api", "self_rotate"], expiresOn: stage.date(20))
        variables["RELEASE_TOKEN"] = token.secret
        variables["OUTLAST_CONFIG"] = stage.configuration
        // The settings of this machine's git are nobody's fault, and the proxy of all scenes is told by the check of it.
        variables["GIT_CONFIG_NOSYSTEM"] = "1"
        variables["HTTPS_PROXY"] = ""
        for (name, value) in try await sow(stage) {
            variables[name] = value.isEmpty ? nil : value
            if name.hasSuffix("TOKEN"), !value.isEmpty { stage.scene.secret(value) }
        }
        stage.scene.secret(token.secret)
        let asked = stage.sandbox.log.count { $0.method != "GET" }
        let object = try await stage.scene.run(["doctor", "--json"], variables)
        let text = try await stage.scene.run(["doctor"], variables)
        #expect(stage.sandbox.log.count { $0.method != "GET" } == asked, "it changes nothing")
        return (object, text)
    }

    private func checks(_ run: Run) -> [JSONValue] { run["checks"]?.elements ?? [] }

    @Test("a machine that is well passes, whoever looks")
    func healthy() async throws {
        try await withStage { stage in
            let (object, text) = try await examine(stage) { stage in
                try await stage.scene.run("record start --project g/a --job j --run 1", stage.variables)
                return [:]
            }
            #expect(object.exit == .done && text.exit == .done, "\(object.everything)\(text.everything)")
            let notes = checks(object).filter { $0["status"]?.text != "pass" }
            #expect(notes.isEmpty, "\(notes)")
            for check in checks(object) {
                #expect(check.members?.map(\.key) == ["name", "status", "detail", "remedy"])
            }
            #expect(text.output.contains("pass  renewal release: can be renewed by gitlab-rotate"), "\(text.output)")
        }
    }

    @Test("each fault is found, named, and told what to do about", arguments: SownFault.all)
    func fault(_ fault: SownFault) async throws {
        try await withStage { stage in
            let (object, text) = try await examine(stage, sow: fault.sow)
            let found = checks(object).first { check in
                check["name"]?.text?.hasPrefix(fault.check) == true && check["status"]?.text == fault.status
            }
            let (detail, remedy) = (found?["detail"]?.text ?? "", found?["remedy"]?.text ?? "")
            #expect(fault.detail.isEmpty || detail.contains(fault.detail), "\(object.everything)")
            #expect(!remedy.isEmpty && (fault.remedy.isEmpty || remedy.contains(fault.remedy)), "\(object.everything)")
            #expect(object.exit == (fault.status == "fail" ? .unexpected : .done), "\(object.everything)")
            #expect(text.code == object.code, "\(text.everything)")
        }
    }

    @Test("one thing that is missing is told once")
    func once() async throws {
        try await withStage { stage in
            let (object, _) = try await examine(stage) { _ in ["RELEASE_TOKEN": ""] }
            let told = checks(object).filter { $0["detail"]?.text?.contains("RELEASE_TOKEN") == true }
            #expect(told.count == 1 && told.first?["name"]?.text == "token release", "\(object.output)")
        }
    }

    @Test("a fallback that is whole passes, its server's host key included")
    func fallback() async throws {
        try await withStage { stage in
            let server = try await SSHServer.start(beside: stage.scene)
            defer { server.remove() }
            let key = try await server.key("deploy")
            let (object, text) = try await examine(stage) { stage in
                try stage.configure(
                    SownFault.release(stage)
                        + "\nssh: {host: 127.0.0.1, port: \(server.port), key: {file: \(key)}, host_keys: [\"\(server.hostKey)\"]}"
                )
                return [:]
            }
            #expect(object.exit == .done, "\(object.everything)")
            #expect(text.output.contains("pass  ssh-key release: a whole private key"), "\(text.output)")
            #expect(
                text.output.contains("pass  ssh-host-keys release: 127.0.0.1:\(server.port) shows a key"),
                "\(text.output)")
            _ = try await server.makeKey("another")
            try await server.listen(hostKey: "other")
            let (changed, _) = try await examine(stage) { stage in
                try stage.configure(
                    SownFault.release(stage)
                        + "\nssh: {host: 127.0.0.1, port: \(server.port), key: {file: \(key)}, host_keys: [\"\(server.hostKey)\"]}"
                )
                return [:]
            }
            let found = checks(changed).first { $0["name"]?.text == "ssh-host-keys release" }
            #expect(found?["status"]?.text == "fail", "\(changed.output)")
        }
    }

    @Test("a machine with nothing set up is told so, and nothing is made on it")
    func bare() async throws {
        try await withScene { scene in
            let run = try await scene.run("doctor", ["GIT_CONFIG_NOSYSTEM": "1", "HTTPS_PROXY": ""])
            #expect(run.exit == .done, "\(run.everything)")
            #expect(run.output.contains("there is none: flags and the CI's own variables are used"), "\(run.output)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: scene.home).isEmpty)
        }
    }
}
