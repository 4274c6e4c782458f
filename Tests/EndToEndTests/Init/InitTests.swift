// `init` by the built program: what it finds, what it writes, and that it destroys nothing.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

/// A repository that begins.
struct Beginning: Sendable, CustomTestStringConvertible {
    /// The CI that is to be found.
    let ci: String
    /// A file of that CI.
    let mark: String
    /// Variables of that CI's jobs.
    let variables: [String: String]
    /// The templates that it gets: path in the repository, path in ci-templates.
    let templates: [String: String]
    var testDescription: String { ci }

    static let all: [Beginning] = [
        Beginning(
            ci: "gitlab", mark: ".gitlab-ci.yml", variables: ["GITLAB_CI": "true"],
            templates: [
                ".gitlab/outlast.yml": "gitlab/outlast.yml",
                ".gitlab/outlast-rotate.yml": "gitlab/examples/rotate.yml",
            ]),
        Beginning(
            ci: "github", mark: ".github/workflows/ci.yml", variables: ["GITHUB_ACTIONS": "true"],
            templates: [
                ".github/actions/outlast/action.yml": "github/action.yml",
                ".github/actions/outlast/start.js": "github/start.js",
                ".github/actions/outlast/main.js": "github/main.js",
                ".github/actions/outlast/post.js": "github/post.js",
            ]),
        Beginning(
            ci: "jenkins", mark: "Jenkinsfile",
            variables: ["JENKINS_URL": "https://ci.example.com/", "JOB_NAME": "app", "BUILD_NUMBER": "1"],
            templates: ["Jenkinsfile.outlast": "jenkins/examples/Jenkinsfile.plain"]),
        Beginning(
            ci: "azure-pipelines", mark: "azure-pipelines.yml", variables: ["TF_BUILD": "True"],
            templates: ["azure-pipelines.outlast.yml": "azure/azure-pipelines.yml"]),
        Beginning(
            ci: "circleci", mark: ".circleci/config.yml", variables: ["CIRCLECI": "true"],
            templates: [".circleci/outlast.yml": "circleci/config.yml"]),
        Beginning(
            ci: "bitbucket", mark: "bitbucket-pipelines.yml", variables: ["BITBUCKET_BUILD_NUMBER": "7"],
            templates: ["bitbucket-pipelines.outlast.yml": "bitbucket/bitbucket-pipelines.yml"]),
        Beginning(
            ci: "buildkite", mark: ".buildkite/pipeline.yml", variables: ["BUILDKITE": "true"],
            templates: [
                ".buildkite/hooks/pre-command": "buildkite/hooks/pre-command",
                ".buildkite/hooks/pre-exit": "buildkite/hooks/pre-exit",
            ]),
    ]
}

@Suite("init", .timeLimit(.minutes(5)))
struct InitTests {
    private let remote = "git@gitlab.example.com:group/app.git"

    /// A repository with a remote.
    private func begin(_ scene: Scene, remote: String?, mark: String? = nil) async throws {
        let add = remote.map { "git remote add origin \($0)" } ?? "true"
        try await scene.shell("git init -q .; \(add)")
        if let mark { try scene.write("# there before\n", to: mark) }
    }

    private func template(_ path: String) throws -> String {
        try String(contentsOfFile: "\(Program.repository)/ci-templates/\(path)", encoding: .utf8)
    }

    @Test("a CI is found by its files, and gets its template word for word", arguments: Beginning.all)
    func files(_ beginning: Beginning) async throws {
        try await withScene { scene in
            try await begin(scene, remote: remote, mark: beginning.mark)
            let run = try await scene.run("init --json")
            #expect(run.exit == .done, "\(run.everything)")
            #expect(run.text("ci") == beginning.ci)
            for (path, template) in beginning.templates {
                let text = try self.template(template)
                #expect(scene.read(path) == text, "\(path)")
            }
            let written = run["files"]?.elements?.compactMap { $0["path"]?.text } ?? []
            #expect(
                Set(written) == Set(beginning.templates.keys).union([".outlast.yml", "outlast-operator.yml"]),
                "\(written)")
            #expect(scene.read(beginning.mark) == "# there before\n")
            #expect(run["next"]?.elements?.last?.text?.contains("git does not ignore it") == true)
        }
    }

    @Test("a CI is found by the variables of its jobs, before any file", arguments: Beginning.all)
    func variables(_ beginning: Beginning) async throws {
        try await withScene { scene in
            try await begin(scene, remote: nil, mark: beginning.ci == "jenkins" ? ".gitlab-ci.yml" : "Jenkinsfile")
            let run = try await scene.run("init --dry-run --json", beginning.variables)
            #expect(run.text("ci") == beginning.ci, "\(run.everything)")
            #expect(scene.read(".outlast.yml") == nil)
        }
    }

    @Test("a host whose name tells nothing has the forge that its CI is part of")
    func ownServer() async throws {
        for (ci, forge) in [("gitlab", "gitlab"), ("github", "github"), ("jenkins", "generic")] {
            try await withScene { scene in
                try await begin(scene, remote: "https://code.example.com/group/app")
                try await scene.run(["init", "--ci", ci])
                let text = try #require(scene.read("outlast-operator.yml"))
                #expect(text.contains("forge: \(forge)"), "\(text)")
            }
        }
    }

    @Test("both parts of the configuration are taken, each in its own place", arguments: Beginning.all)
    func configuration(_ beginning: Beginning) async throws {
        for address in [remote, "https://github.com/owner/app.git", "https://git.example.com/group/app"] {
            try await withScene { scene in
                try await begin(scene, remote: address)
                try await scene.run(["init", "--ci", beginning.ci])
                var variables = ["RELEASE_TOKEN": scene.secret("glpat-" + String(repeating: "x7", count: 12))]
                // The tree's part, found where it lies.
                let found = try await scene.run("preflight --offline", variables)
                #expect(found.exit != .configuration && found.exit != .malformedInput, "\(found.everything)")
                // The operator's part, named.
                variables["OUTLAST_CONFIG"] = scene.work + "/outlast-operator.yml"
                variables["APP_PRIVATE_KEY"] = "none"
                let named = try await scene.run("credential env", variables)
                #expect(named.exit == .done, "\(address) \(named.everything)")
                // Found in the tree it would be refused: it is the operator's.
                try scene.write(try #require(scene.read("outlast-operator.yml")), to: ".outlast.yml")
                variables["OUTLAST_CONFIG"] = nil
                let misplaced = try await scene.run("preflight --offline", variables)
                #expect(misplaced.exit == .configuration, "\(address) \(misplaced.everything)")
            }
        }
    }

    @Test("a token of GitLab is the operator's to rotate, by a scheduled job")
    func rotation() async throws {
        try await withScene { scene in
            try await begin(scene, remote: remote, mark: ".gitlab-ci.yml")
            let run = try await scene.run("init")
            let text = try #require(scene.read("outlast-operator.yml"))
            for line in [
                "api_url: https://gitlab.example.com/api/v4", "method: gitlab-rotate", "by: operator",
                "gitlab-variable: {project: group/app, key: RELEASE_TOKEN}", "OUTSIDE of the repository",
            ] { #expect(text.contains(line), "\(line)") }
            #expect(scene.read(".gitlab/outlast-rotate.yml")?.contains("$CI_PIPELINE_SOURCE == \"schedule\"") == true)
            #expect(run.output.contains("OUTLAST_CONFIG (type File"))
            #expect(run.output.contains("Pipeline schedules"))
        }
    }

    @Test("the way out over SSH pins host keys, unless they are known here")
    func hostKeys() async throws {
        for (address, isKnown) in [
            (remote, false), ("https://gitlab.com/group/app.git", true), ("https://github.com/o/r.git", true),
        ] {
            try await withScene { scene in
                try await begin(scene, remote: address)
                try await scene.run("init --ci jenkins")
                let text = try #require(scene.read("outlast-operator.yml"))
                #expect(text.contains("host_keys: [") != isKnown, "\(text)")
                // Uncommented it is taken, with the pin that its comment asks for.
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                let first = try #require(lines.firstIndex { $0.contains("# ssh:") })
                let print = "SHA256:" + String(repeating: "A", count: 43)
                let taken = lines.enumerated().map { index, line in
                    guard index >= first, let mark = line.range(of: "# ") else { return String(line) }
                    return String(line[..<mark.lowerBound])
                        + line[mark.upperBound...].replacing("SHA256:…", with: print)
                }
                let file = try scene.write(taken.joined(separator: "\n"), to: "\(scene.home)/outlast.yml")
                let run = try await scene.run("ssh-fallback --status", ["OUTLAST_CONFIG": file])
                #expect(run.exit == .done, "\(run.everything)\(taken)")
            }
        }
    }

    @Test("nothing is written when a file is in the way, and --force overwrites")
    func force() async throws {
        try await withScene { scene in
            try await begin(scene, remote: remote, mark: ".gitlab-ci.yml")
            try scene.write("version: 1\n", to: ".outlast.yml")
            let refused = try await scene.run("init")
            #expect(refused.exit == .usage)
            #expect(refused.errors.contains(".outlast.yml is there already, so nothing was written"))
            #expect(scene.read(".outlast.yml") == "version: 1\n")
            #expect(scene.read(".gitlab/outlast.yml") == nil)
            let forced = try await scene.run("init --force")
            #expect(forced.exit == .done)
            #expect(scene.read(".outlast.yml")?.contains("RELEASE_TOKEN") == true)
            let again = try await scene.run("init --json")
            let statuses = again["files"]?.elements?.compactMap { $0["status"]?.text } ?? []
            #expect(Set(statuses) == ["unchanged"], "\(again.everything)")
        }
    }

    @Test("--dry-run prints every file and writes none")
    func dryRun() async throws {
        try await withScene { scene in
            try await begin(scene, remote: remote, mark: ".gitlab-ci.yml")
            try scene.write("version: 1\n", to: ".outlast.yml")
            let run = try await scene.run("init --dry-run")
            #expect(run.exit == .done)
            #expect(run.output.contains("planned: .gitlab/outlast.yml"))
            #expect(run.output.contains("does every credential outlast this job?"))
            #expect(scene.read(".gitlab/outlast.yml") == nil)
            #expect(scene.read(".outlast.yml") == "version: 1\n")
        }
    }

    @Test("a folder that leads out of the repository is not followed")
    func links() async throws {
        try await withScene { scene in
            try await begin(scene, remote: remote, mark: ".gitlab-ci.yml")
            try await scene.shell("mkdir \(scene.home)/elsewhere; ln -s \(scene.home)/elsewhere .gitlab")
            let run = try await scene.run("init --force")
            #expect(run.exit == .usage, "\(run.everything)")
            #expect(run.errors.contains(".gitlab is no folder"))
            let names = try FileManager.default.contentsOfDirectory(atPath: scene.home + "/elsewhere")
            #expect(names == [])
            #expect(scene.read(".outlast.yml") == nil)
        }
    }

    @Test("it begins at the repository's root, and without any CI it says how to name one")
    func elsewhere() async throws {
        try await withScene { scene in
            let none = try await scene.run("init")
            #expect(none.exit == .usage)
            #expect(none.errors.contains("--ci gitlab, github"))
            let bare = try await scene.run("init --ci circleci --json")
            #expect(bare.text("forge") == "generic", "\(bare.everything)")
            #expect(bare["project"] == .null)
        }
        try await withScene { scene in
            try await scene.shell("git init -q ..; git -C .. remote add origin https://user:pw@github.com/o/r.git")
            let run = try await scene.run("init --json")
            #expect(run.text("root") == scene.folder && run.text("project") == "o/r", "\(run.everything)")
            #expect(run.text("ci") == "github" && run.text("forge") == "github")
            #expect(!run.everything.contains("pw@"))
        }
    }

    @Test("a name that is none is refused")
    func names() async throws {
        try await withScene { scene in
            let ci = try await scene.run("init --ci travis")
            #expect(ci.exit == .usage)
            let forge = try await scene.run("init --ci gitlab --forge gitea")
            #expect(forge.exit == .usage)
        }
    }
}
