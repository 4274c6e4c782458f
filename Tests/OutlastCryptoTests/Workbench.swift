// Real programs judge what was made here: a folder of one test's own, and a way to run them in it.

import Foundation

/// A temporary folder that goes with its last reference.
final class Workbench {
    /// What a program left.
    struct Result {
        let status: Int32
        let output: Data
        let complaints: String
        var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// A program ended with another status than 0.
    struct Refusal: Error { let program: String, complaints: String }

    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("outlast-crypto-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    /// Writes a file that only its owner reads, which `ssh-keygen` asks for.
    func write(_ name: String, _ bytes: [UInt8]) throws {
        guard
            FileManager.default.createFile(
                atPath: path(name), contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
    }

    func read(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    @discardableResult
    func run(_ program: String, _ arguments: [String]) throws -> Result {
        let result = try attempt(program, arguments)
        guard result.status == 0 else { throw Refusal(program: program, complaints: result.complaints) }
        return result
    }

    func attempt(_ program: String, _ arguments: [String]) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.currentDirectoryURL = folder
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        try write("complaints", [])
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: path("complaints")))
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: data, complaints: try read("complaints"))
    }
}
