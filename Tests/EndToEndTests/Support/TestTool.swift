// Servers of the tests are scripts in `Tests/tools`: each says when it is ready, in one line of JSON, and ends with its stdin.

import Foundation
import Subprocess
import SystemPackage

/// Why a script did not start.
private struct NotStarted: Error, CustomStringConvertible {
    let description: String
}

/// Runs a script while a closure runs, which gets what the script has said.
func withTool(_ name: String, _ words: [String], _ body: ([String: Any]) async throws -> Void) async throws {
    let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
    let complaints = "\(base)/outlast-complaints-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: complaints) }
    let errors = try FileDescriptor.open(
        FilePath(complaints), .writeOnly, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
    var options = PlatformOptions()
    // What it has started ends with it, if it is asked.
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(30))]
    let result = try await Subprocess.run(
        .path(FilePath("\(Program.repository)/Tests/tools/\(name)")), arguments: Arguments(words),
        environment: .custom(["PATH": "/usr/bin:/bin"]), platformOptions: options, input: .inputWriter,
        output: .sequence, error: .fileDescriptor(errors, closeAfterSpawningProcess: true)
    ) { program -> Result<Void, any Error> in
        let told = try await line(of: program.standardOutput, complaints)
        do {
            try await body(told)
            try? program.send(signal: .terminate)
            return .success(())
        } catch {
            // Thrown from here it would end the script before it has ended its own.
            try? program.send(signal: .terminate)
            return .failure(error)
        }
    }
    try result.closureResult.get()
}

/// The line of JSON.
private func line(of output: SubprocessOutputSequence, _ complaints: String) async throws -> [String: Any] {
    for try await line in output.strings() {
        if let told = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] { return told }
    }
    let text = FileManager.default.contents(atPath: complaints) ?? Data()
    throw NotStarted(description: String(decoding: text, as: UTF8.self))
}
