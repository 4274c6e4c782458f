// Rules of the house that the compiler does not see, checked over the text of all sources.

import FoundationEssentials
import Testing

@Suite("Rules of the house")
struct SourceRulesTests {
    struct Source: Sendable, CustomTestStringConvertible {
        let path: String
        let lines: [Substring]
        var target: String { String(path.split(separator: "/").dropFirst().first ?? "") }
        var testDescription: String { path }
    }

    static let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }

    static let sources: [Source] = {
        let files = FileManager.default
        let found = (try? files.subpathsOfDirectory(atPath: root + "/Sources")) ?? []
        return found.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
            guard let data = files.contents(atPath: root + "/Sources/" + path) else { return nil }
            let text = String(decoding: data, as: UTF8.self)
            return Source(
                path: "Sources/" + path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }()

    static func imports(_ source: Source) -> [String] {
        source.lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let at = words.firstIndex(of: "import"), at + 1 < words.count, at <= 2, !line.hasPrefix("//") else {
                return nil
            }
            let isImport = words[..<at].allSatisfy {
                ["public", "package", "internal", "private", "fileprivate"].contains($0) || $0.hasPrefix("@")
            }
            return isImport ? String(words[at + 1]) : nil
        }
    }

    @Test("there are sources to look at")
    func sourcesAreFound() { #expect(Self.sources.count > 40) }

    @Test("model and flows import nothing but each other and FoundationEssentials")
    func pureTargets() {
        let allowed = [
            "OutlastModel": ["FoundationEssentials"], "OutlastFlows": ["OutlastModel", "FoundationEssentials"],
        ]
        for source in Self.sources {
            guard let allowed = allowed[source.target] else { continue }
            for name in Self.imports(source) { #expect(allowed.contains(name), "\(source.path) imports \(name)") }
        }
    }

    @Test("no source imports full Foundation")
    func noFoundation() {
        for source in Self.sources {
            #expect(!Self.imports(source).contains("Foundation"), "\(source.path) imports Foundation")
        }
    }

    @Test(
        "clock, environment and sleep are met in the system's adapter alone",
        arguments: [
            "Date()", "Date.now", "Task.sleep", "ContinuousClock", "SuspendingClock", "getenv(", "ProcessInfo",
            "CommandLine.",
            "clock_gettime",
        ])
    func theWorldIsReadOnce(_ word: String) {
        let rooms = ["OutlastSystem", "OutlastSandbox", "outlast-sandbox", "CPlatform"]
        for source in Self.sources where !rooms.contains(source.target) {
            let uses = source.lines.contains { $0.contains(word) && !$0.drop { $0 == " " }.hasPrefix("//") }
            #expect(!uses, "\(source.path) uses \(word)")
        }
    }

    @Test("nothing traps on outside input", arguments: ["fatalError(", "try!", "as!", "preconditionFailure("])
    func noTraps(_ word: String) {
        for source in Self.sources {
            #expect(!source.lines.contains { $0.contains(word) }, "\(source.path) uses \(word)")
        }
    }

    @Test(
        "no forge or CI is named in model and flows outside comments",
        arguments: ["gitlab", "github", "jenkins", "bitbucket"])
    func noForgeIsNamed(_ name: String) {
        for source in Self.sources where ["OutlastModel", "OutlastFlows"].contains(source.target) {
            // The configuration's schemas are data that name the methods of the contract.
            if source.path.hasSuffix("KnownSchemas.swift") { continue }
            for line in source.lines where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                #expect(!line.lowercased().contains(name), "\(source.path): \(line)")
            }
        }
    }

    @Test("no file has a name that says nothing", arguments: ["Util", "Helper", "Common.swift", "Manager", "Misc"])
    func telling(_ word: String) {
        for source in Self.sources { #expect(!source.path.contains(word), "\(source.path)") }
    }

    @Test("every file opens with a comment on its rule")
    func opens() {
        for source in Self.sources {
            #expect(source.lines.first?.hasPrefix("//") == true, "\(source.path)")
        }
    }
}
