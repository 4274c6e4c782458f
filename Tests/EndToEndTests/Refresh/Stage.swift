// A machine that may renew: a forge whose clock goes with the machine's, a key, and a store that somebody named. Every token
// that the forge makes is looked for everywhere when the test is over.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

/// The machine with its forge.
struct Stage: Sendable {
    let scene: Scene
    let sandbox: Sandbox
    /// What a job of an operator who wants renewals has in its environment.
    let variables: [String: String]

    /// The store.
    var state: String { scene.folder + "/volume/state.db" }

    init(_ scene: Scene, _ sandbox: Sandbox) {
        self.scene = scene
        self.sandbox = sandbox
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        let key = Data(bytes).base64EncodedString()
        scene.secret(key)
        variables = ["OUTLAST_KEY": key, "OUTLAST_STATE": scene.folder + "/volume/state.db"]
    }

    /// A date of the forge's, so many days from its today.
    func date(_ days: Int) -> String { (sandbox.now.day + days).text }

    /// The configuration of one credential named `release` with these lines, in a file outside of the working folder.
    @discardableResult
    func configure(_ release: String, others: String = "") throws -> String {
        let lines = release.split(separator: "\n").map { "    \($0)\n" }.joined()
        let more = others.split(separator: "\n").map { "  \($0)\n" }.joined()
        return try scene.write(
            "version: 1\ncredentials:\n  release:\n\(lines)\(more)", to: scene.folder + "/configuration/outlast.yml")
    }

    /// The file of the configuration.
    var configuration: String { scene.folder + "/configuration/outlast.yml" }

    /// `outlast refresh --json` with what `configure` wrote, if it wrote anything.
    @discardableResult
    func refresh(
        _ line: String = "", _ more: [String: String] = [:], without: [String] = [],
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Run {
        var words = ["refresh", "--json"] + line.split(separator: " ").map(String.init)
        if scene.read(configuration) != nil { words += ["--config", configuration] }
        var environment = variables.merging(more) { $1 }
        for name in without { environment[name] = nil }
        let run = try await scene.run(words, environment, at: location)
        for token in sandbox.gitlab.tokens { scene.secret(token.secret) }
        let complaint = Shape.complaint(run.json, .object(Shape.refresh))
        #expect(complaint == nil, "\(run.everything)", sourceLocation: location)
        return run
    }

    /// A file for a new token, where secrets are not looked for.
    var home: String { scene.vault + "/published" }

    /// What was published there, from now on looked for everywhere else.
    func published(at location: SourceLocation = #_sourceLocation) throws -> String {
        let text = try #require(scene.read(home), sourceLocation: location)
        return scene.secret(text)
    }

    /// By what the contract calls a token.
    func fingerprint(_ token: String) -> String { Fingerprint(of: Secret(token), salt: []).text }
}

/// Waits where the day ends within a minute: a token that ends "tomorrow" would die in the middle of the test.
private func letMidnightPass() async throws {
    let day = 86400.0
    let left = day - Date().timeIntervalSince1970.truncatingRemainder(dividingBy: day)
    if left < 60 { try await Task.sleep(for: .seconds(left + 1)) }
}

/// Runs a test on such a machine.
func withStage(
    at location: SourceLocation = #_sourceLocation, _ body: (Stage) async throws -> Void
) async throws {
    try await letMidnightPass()
    try await withScene(at: location) { scene in
        try await withSandbox(SandboxOptions(clock: .running(offset: 0))) { sandbox in
            try await body(Stage(scene, sandbox))
        }
    }
}

extension Run {
    /// Expects how a refresh ended.
    func expect(
        _ outcome: String, _ code: OutlastModel.ExitCode = .done, generation: Int64? = nil,
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(text("outcome") == outcome, "\(everything)", sourceLocation: location)
        #expect(exit == code, "\(everything)", sourceLocation: location)
        if let generation {
            #expect(number("generation") == generation, "\(everything)", sourceLocation: location)
        }
    }
}

extension Shape {
    static let refresh: [(String, Sort)] = [
        ("schema", .number), ("outcome", .optionalText), ("credential", .optionalText),
        ("fingerprint", .optionalText), ("previous_fingerprint", .optionalText), ("generation", .number),
        ("expires_at", .moment), ("remaining_s", .number), ("waited_s", .number),
        ("published", .listOf(.object([("target", .text), ("status", .text), ("error", .optionalText)]))),
    ]
}
