// The one look at the process's surroundings. Everything else is handed what this found, as plain values.

import CPlatform
public import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What the process was started with.
public struct ProcessFacts: Sendable {
    /// The arguments, without the program's own name.
    public let arguments: [String]
    /// The environment.
    public let variables: Variables
    /// The working folder; nil when it was removed or can't be told.
    public let folder: String?
    /// What the streams are connected to.
    public let terminal: Terminal
    /// The program's own absolute path, links resolved; nil where the system does not tell.
    public let executable: String?

    /// Collects facts.
    public init(
        arguments: [String], variables: Variables, folder: String?, terminal: Terminal, executable: String? = nil
    ) {
        self.arguments = arguments
        self.variables = variables
        self.folder = folder
        self.terminal = terminal
        self.executable = executable
    }
}

/// Reads the process's arguments, environment, working folder and terminal.
public enum InvocationReader {
    /// Reads everything once.
    public static func read() -> ProcessFacts {
        ProcessFacts(
            arguments: Array(CommandLine.arguments.dropFirst()), variables: Variables(environment()),
            folder: workingFolder(), terminal: .current(), executable: executable())
    }

    /// The environment. Of a name that is there twice the first value counts, as for `getenv`; bytes that are not UTF-8
    /// are replaced.
    static func environment() -> [String: String] {
        var found: [String: String] = [:]
        guard var entry = outlast_environment() else { return found }
        while let line = entry.pointee {
            let text = String(cString: line).utf8
            if let equals = text.dropFirst().firstIndex(of: UInt8(ascii: "=")) {
                let name = String(Substring(text[..<equals]))
                if found[name] == nil { found[name] = String(Substring(text[text.index(after: equals)...])) }
            }
            entry += 1
        }
        return found
    }

    private static func executable() -> String? {
        var path = [CChar](repeating: 0, count: 4096)
        guard outlast_own_path(&path, path.count) == 0 else { return nil }
        return String(decoding: path.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func workingFolder() -> String? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }
}
