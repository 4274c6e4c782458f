// A folder of a test's own, gone with the last reference to it.

import Foundation

/// A fresh folder below the system's place for temporary files.
final class TemporaryFolder: Sendable {
    /// Its path, with every link in it followed.
    let path: String

    init() throws {
        let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
        path = "\(base)/outlast-system-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a name in it.
    subscript(name: String) -> String { "\(path)/\(name)" }

    /// Writes a file into it.
    func write(_ text: String, to name: String) throws {
        try text.write(toFile: self[name], atomically: false, encoding: .utf8)
    }

    /// Reads a file of it.
    func read(_ name: String) throws -> String { try String(contentsOfFile: self[name], encoding: .utf8) }

    /// The names in it, sorted.
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}
