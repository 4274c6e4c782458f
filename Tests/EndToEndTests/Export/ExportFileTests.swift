// `refresh --export` in its other forms: GitHub's file of variables, dotenv, a file; and tokens that could not be handed on.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("refresh --export github, dotenv and file", .timeLimit(.minutes(5)))
struct ExportFileTests {
    /// The variables of a step of GitHub Actions.
    private func step(_ stage: Stage, _ more: [String: String]) throws -> [String: String] {
        let file = try stage.scene.hide("BEFORE=1", in: "github-env")
        return stage.variables.merging(more) { $1 }.merging(
            ["GITHUB_ACTIONS": "true", "GITHUB_ENV": file, "GITHUB_WORKSPACE": stage.scene.work]) { $1 }
    }

    /// Runs `refresh` without noting the new token as a secret: the lines that mask it have to show it.
    private func refresh(_ stage: Stage, _ line: String, _ variables: [String: String]) async throws -> Run {
        try await stage.scene.run(
            ["refresh"] + line.split(separator: " ").map(String.init), stage.variables.merging(variables) { $1 },
            isWellMannered: false)
    }

    @Test("github: later steps have the variable, and the token is masked in all its forms before anything is said")
    func github() async throws {
        try await withStage { stage in
            let (line, variables) = try stage.dueToken()
            let run = try await refresh(stage, line + " --export github", try step(stage, variables))
            #expect(run.exit == .done, "\(run.everything)")
            let token = try stage.living()
            let written = try #require(stage.scene.read(stage.scene.vault + "/github-env"))
            let match = try #require(written.wholeMatch(of: /BEFORE=1\nT<<([A-Za-z0-9_]+)\n(.+)\n([A-Za-z0-9_]+)\n/))
            #expect(match.output.2 == token && match.output.1 == match.output.3)
            let said = run.output.split(separator: "\n")
            let masked = said.prefix { $0.hasPrefix("::add-mask::") }.map { $0.dropFirst(12) }
            #expect(masked.first == token[...] && said.last?.hasPrefix("renewed: token, generation 2") == true)
            let header = Data("oauth2:\(token)".utf8).base64EncodedString()
            #expect(masked.contains(header[...]), "\(masked.count)")
            #expect(said.dropFirst(masked.count).allSatisfy { !$0.contains(token) } && !run.errors.contains(token))

            let json = try await refresh(stage, line + " --export github --json", try step(stage, variables))
            #expect(json.text("outcome") == "reused" && !json.output.contains(token), "\(json.everything)")
            #expect(json.errors.hasPrefix("::add-mask::\(token)\n"))
        }
    }

    @Test("github: outside of a step it is a mistake, before anything is asked")
    func noStep() async throws {
        try await withStage { stage in
            let (line, variables) = try stage.dueToken()
            let run = try await stage.refresh(line + " --export github", variables)
            run.expect("failed", .usage)
            #expect(run.text("error.message")?.contains("GITHUB_ENV") == true && stage.sandbox.questions == 0)
        }
    }

    @Test("dotenv: refused in the CI's workspace unless the artifact is wanted; other lines stay")
    func dotenv() async throws {
        try await withStage { stage in
            let (line, variables) = try stage.dueToken()
            let workspace = stage.scene.vault + "/workspace"
            try FileManager.default.createDirectory(atPath: workspace, withIntermediateDirectories: false)
            let job = stage.sandbox.gitlabJob.merging(variables) { $1 }.merging(["CI_PROJECT_DIR": workspace]) { $1 }
            let inside = "\(line) --export dotenv:\(workspace)/job.env"
            let refused = try await stage.refresh(inside, job)
            refused.expect("failed", .usage)
            #expect(refused.text("error.hint")?.contains("--plaintext-artifact") == true, "\(refused.output)")
            #expect(stage.sandbox.questions == 0)

            _ = try stage.scene.hide("OTHER=1\nT=old\n", in: "job.env")
            let path = stage.scene.vault + "/job.env"
            try await stage.refresh("\(line) --export dotenv:\(path)", job).expect("renewed", generation: 2)
            let token = try stage.living()
            #expect(stage.scene.read(path) == "OTHER=1\nT=\(token)\n")
            #expect(try stage.scene.permissions(path) == 0o600)
            try await stage.refresh(inside + " --plaintext-artifact", job).expect("reused", generation: 2)
            #expect(stage.scene.read(workspace + "/job.env") == "T=\(token)\n")
            try await stage.refresh("\(line) --plaintext-artifact", job).expect("failed", .usage)
        }
    }

    @Test("file: the bare token for its owner alone, whatever came of the renewal")
    func file() async throws {
        try await withStage { stage in
            let (line, variables) = try stage.dueToken()
            for outcome in ["renewed", "reused"] {
                try await stage.refresh("\(line) --export file:\(stage.home)", variables).expect(outcome, generation: 2)
                #expect(try stage.published() == stage.living())
                #expect(try stage.scene.permissions(stage.home) == 0o600)
                try FileManager.default.removeItem(atPath: stage.home)
            }
            try await stage.refresh("\(line) --export file:\(stage.home) --publish-only", variables)
                .expect("reused", generation: 2)
            #expect(try stage.published() == stage.living())
        }
    }

    @Test(
        "a place that cannot take the token is found before anything is asked",
        arguments: ["file:/proc/none/token", "file:.", "dotenv:/nowhere/job.env", "file:missing/token", "file:"])
    func places(_ form: String) async throws {
        try await withStage { stage in
            let (line, variables) = try stage.dueToken()
            let run = try await refresh(stage, "--json \(line) --export \(form)", variables)
            #expect([.usage, .unexpected].contains(run.exit) && run.text("outcome") == "failed", "\(run.everything)")
            #expect(stage.sandbox.questions == 0)
        }
    }

    @Test("--unpublished says that the caller carries the token away: a job that runs alone needs no other home")
    func unpublished() async throws {
        try await withStage { stage in
            let (line, variables) = try stage.dueToken()
            let job = stage.sandbox.gitlabJob.merging(variables) { $1 }
            let export = "\(line) --exclusive --export file:\(stage.home)"
            try await stage.refresh(export, job, without: ["OUTLAST_STATE"]).expect("failed", .renewalFailed)
            #expect(stage.sandbox.questions == 0)
            let run = try await stage.refresh(export + " --unpublished", job, without: ["OUTLAST_STATE"])
            run.expect("renewed", generation: 2)
            #expect(try stage.published() == stage.living())
        }
    }

    @Test(
        "renewed and not handed on: 1 where the token is safe, and the next run has it; 21 where it goes with the job")
    func undelivered() async throws {
        for isSafe in [true, false] {
            try await withStage { stage in
                let (line, variables) = try stage.dueToken()
                let folder = stage.scene.vault + "/out"
                let (state, scene) = (isSafe ? stage.state : "", stage.scene)
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
                let job = stage.sandbox.gitlabJob.merging(variables) { $1 }.merging(["OUTLAST_STATE": state]) { $1 }
                let command = "outlast refresh --json \(line) --exclusive --unpublished --export file:\(folder)/token"
                let run = try await stage.whileAnswerTravels {
                    try await stage.script(command, job, without: isSafe ? [] : ["OUTLAST_STATE"])
                } _: {
                    try FileManager.default.removeItem(atPath: folder)
                }
                let object = try JSONValue(parsing: Array(run.output.utf8))
                #expect(object["outcome"]?.text == "renewed" && object["generation"]?.wholeNumber == 2, "\(run)")
                #expect(object["error"]?["code"]?.wholeNumber == Int64(run.code), "\(run)")
                let said = run.errors
                if isSafe {
                    #expect(run.code == 1 && said.contains("was not handed on") && said.contains("is safe"), "\(run)")
                    let next = try await stage.refresh("\(line) --export file:\(stage.home)", job)
                    next.expect("reused", generation: 2)
                    #expect(try scene.read(stage.home) == stage.living())
                } else {
                    #expect(run.code == OutlastModel.ExitCode.renewalInDoubt.rawValue, "\(run)")
                    #expect(said.contains("only in this job's own folder"), "\(run)")
                }
            }
        }
    }
}
