// A night on a machine that may renew: jobs that begin, use real git, fail, tell why, and are asked about afterwards.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

/// A night.
struct Night: Sendable {
    let stage: Stage
    var scene: Scene { stage.scene }
    var sandbox: Sandbox { stage.sandbox }

    /// What a job has in its environment; git gives the token in `T` to whoever asks.
    func job(_ run: String = "4711", _ name: String = "release", token: String? = nil) -> [String: String] {
        var variables = sandbox.gitlabJob.merging(stage.variables) { $1 }
        (variables["CI_JOB_ID"], variables["CI_JOB_NAME"]) = (run, name)
        variables["S"] = sandbox.baseURL
        variables["GIT_TERMINAL_PROMPT"] = "0"
        guard let token else { return variables }
        variables["T"] = scene.secret(token)
        variables["GIT_CONFIG_COUNT"] = "1"
        variables["GIT_CONFIG_KEY_0"] = "credential.helper"
        variables["GIT_CONFIG_VALUE_0"] =
            "!f() { test \"$1\" = get && echo username=oauth2 && echo \"password=$T\"; }; f"
        return variables
    }

    /// The configuration of the credential `release`, whose token is in `T`.
    func configure(_ more: String = "") throws {
        try stage.configure("forge: gitlab\napi_url: \(sandbox.gitlabAPI)\ntoken: {env: T}\n\(more)")
    }

    /// A preflight of a job that goes on whatever it says.
    @discardableResult
    func preflight(
        _ variables: [String: String], _ options: String = "", at location: SourceLocation = #_sourceLocation
    ) async throws -> Run {
        let run = try await scene.run(
            "preflight --config \(stage.configuration) --credential release --on-insufficient warn --json \(options)",
            variables, at: location)
        #expect(run.code == 0, "\(run.everything)", sourceLocation: location)
        return run
    }

    /// Runs lines that must fail in a job, tells of it as a job would, and asks why.
    func fail(
        _ script: String, _ variables: [String: String], as operation: String? = nil,
        then more: (() async throws -> Void)? = nil,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Run {
        try await scene.run("record start", variables, at: location)
        let folder = "job-\(variables["CI_JOB_ID"] ?? "")"
        let run = try await scene.shell(
            """
            mkdir \(folder); cd \(folder); git init -q -b main .; echo x >f; git add f; git commit -q -m f
            if (\(script)) 2>../err; then echo "did not fail"; exit 1; fi
            """, variables, at: location)
        #expect(run.code == 0, "\(run.everything) \(scene.read("err") ?? "")", sourceLocation: location)
        let telling = operation.map { "usage --operation \($0) --outcome denied" } ?? "failure"
        try await scene.run("record \(telling) --stderr-file err", variables, at: location)
        try await more?()
        try await scene.run("record finish --status failed", variables, at: location)
        return try await explain("--last-failed", at: location)
    }

    /// Asks why.
    func explain(_ choice: String, at location: SourceLocation = #_sourceLocation) async throws -> Run {
        let run = try await scene.run("history explain \(choice) --json", stage.variables, at: location)
        #expect(run.code == 0, "\(run.everything)", sourceLocation: location)
        #expect(Shape.complaint(run.json, .object(Shape.explain)) == nil, "\(run.output)", sourceLocation: location)
        let moments = run["evidence"]?.elements?.compactMap { $0["at"]?.text } ?? []
        #expect(moments == moments.sorted(), "\(run.output)", sourceLocation: location)
        let text = try await scene.run("history explain \(choice)", stage.variables, at: location)
        #expect(
            text.output.hasPrefix((run.text("cause.sentence") ?? "?") + "\n"), "\(text.output)",
            sourceLocation: location)
        return run
    }
}

/// Runs a test in such a night.
func withNight(
    clock: SandboxClock = .running(offset: 0), at location: SourceLocation = #_sourceLocation,
    _ body: (Night) async throws -> Void
) async throws {
    try await withScene(at: location) { scene in
        try await withSandbox(SandboxOptions(clock: clock)) { try await body(Night(stage: Stage(scene, $0))) }
    }
}

extension Run {
    /// Expects the cause: its class, and parts of its sentence in their order.
    func expectCause(_ kind: String, _ parts: [String], at location: SourceLocation = #_sourceLocation) {
        #expect(text("cause.class") == kind, "\(output)", sourceLocation: location)
        var rest = Substring(text("cause.sentence") ?? "")
        for part in parts {
            guard let found = rest.range(of: part) else {
                Issue.record("\(part) is not said: \(output)", sourceLocation: location)
                return
            }
            rest = rest[found.upperBound...]
        }
    }

    /// Whether a piece of evidence of a source says something.
    func shows(_ source: String, _ words: String) -> Bool {
        self["evidence"]?.elements?.contains {
            $0["source"]?.text == source && $0["what"]?.text?.contains(words) == true
        }
            ?? false
    }
}

extension Shape {
    static let job: [(String, Sort)] = [
        ("job_id", .text), ("forge", .text), ("project", .text), ("job", .text), ("run", .text), ("attempt", .number),
        ("status", .text), ("started_at", .moment), ("finished_at", .moment), ("duration_s", .number),
        ("decision", .optionalText),
    ]
    static let explain: [(String, Sort)] = [
        ("schema", .number), ("job", .optional(.object(job))),
        ("cause", .object([("class", .text), ("sentence", .text), ("confidence", .text)])),
        ("evidence", .listOf(.object([("at", .moment), ("what", .text), ("source", .text)]))),
        ("would_have_saved", .listOf(.text)), ("similar", .listOf(.object([("at", .moment), ("class", .text)]))),
    ]
    static let ending: [(String, Sort)] = [
        ("fingerprint", .text), ("kind", .text), ("forge", .text), ("token_id", .optionalText),
        ("name", .optionalText), ("expires_at", .moment), ("remaining_s", .number), ("last_seen_at", .moment),
        ("used_by", .listOf(.text)), ("credential", .optionalText), ("next_failure", .anything),
    ]
}
