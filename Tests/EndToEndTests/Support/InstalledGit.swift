// The gits that scenes are played with: the system's, and a newer one where Debian has it (`Tests/tools/newer-git.sh`).

import Foundation
import Testing

/// A git.
struct InstalledGit: Sendable, CustomTestStringConvertible {
    /// Its version.
    let testDescription: String
    /// What an environment needs to find it.
    let variables: [String: String]

    /// The system's.
    static let system = InstalledGit(testDescription: "the system's git", variables: [:])

    /// The folder of the newer one.
    private static let folder = Program.repository + "/.build/newer-git"

    /// The newer one; nil when there is none.
    static let newer: InstalledGit? = {
        guard FileManager.default.fileExists(atPath: folder + "/.complete-1") else { return nil }
        return InstalledGit(
            testDescription: text("version") ?? "a newer git",
            variables: ["PATH": "\(folder)/bin:/usr/bin:/bin", "GIT_EXEC_PATH": "\(folder)/exec"])
    }()

    /// All there are.
    static let all = [system] + (newer.map { [$0] } ?? [])

    /// Why there is no newer one, as the script that looked for it says.
    static var reason: String? { text("why-not") }

    private static func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: "\(folder)/\(name)").map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }
}
