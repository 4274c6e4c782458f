// Arguments and environment as the system takes them, byte for byte where they are our own.

import CPlatform
import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Lists of C strings, overwritten when they go: some hold tokens.
final class ChildImage {
    private(set) var arguments: [UnsafeMutablePointer<CChar>?] = []
    private(set) var environment: [UnsafeMutablePointer<CChar>?] = []
    /// The child's own `PATH`.
    private(set) var search = ProgramSearch.fallback

    /// - Parameter ownArguments: our own arguments: words that are their end are taken from there, since text that is not
    ///   UTF-8 does not survive in a `String`.
    init(
        _ command: ChildCommand,
        ownArguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = CommandLine.unsafeArgv,
        count: Int = Int(CommandLine.argc)
    ) {
        let words = command.words
        let first = count - words.count
        let isOurs =
            first > 0
            && words.indices.allSatisfy { index in
                ownArguments[first + index].map { String(cString: $0) } == words[index]
            }
        for index in words.indices {
            arguments.append(isOurs ? ownArguments[first + index].flatMap { strdup($0) } : strdup(words[index]))
        }
        arguments.append(nil)
        fill(command.environment)
        environment.append(nil)
    }

    private func fill(_ change: EnvironmentChange) {
        var seen: Set<String> = []
        if var entry = outlast_environment() {
            while let line = entry.pointee {
                entry += 1
                guard let equals = strchr(line, Int32(UInt8(ascii: "="))), equals != line else { continue }
                let bytes = UnsafeRawBufferPointer(start: line, count: equals - line)
                let name = String(decoding: bytes, as: UTF8.self)
                guard change.keeps(name) else { continue }
                if name == "PATH", seen.insert(name).inserted { search = String(cString: equals + 1) }
                environment.append(strdup(line))
            }
        }
        var last: [String: Secret] = [:]
        var order: [String] = []
        for (name, value) in change.set where Self.isName(name) {
            if last.updateValue(value, forKey: name) == nil { order.append(name) }
        }
        for name in order {
            guard let value = last[name] else { continue }
            if name == "PATH" { search = value.reveal() }
            environment.append(Self.entry(name, value))
        }
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "=") }
    }

    private static func entry(_ name: String, _ value: Secret) -> UnsafeMutablePointer<CChar>? {
        let length = name.utf8.count + 1 + value.count
        guard let memory = malloc(length + 1) else { return nil }
        var next = memory.assumingMemoryBound(to: UInt8.self)
        for byte in name.utf8 {
            next.pointee = byte
            next += 1
        }
        next.pointee = UInt8(ascii: "=")
        next += 1
        value.withBytes { bytes in
            for byte in bytes {
                next.pointee = byte
                next += 1
            }
        }
        next.pointee = 0
        return memory.assumingMemoryBound(to: CChar.self)
    }

    deinit {
        for entry in arguments + environment {
            guard let entry else { continue }
            outlast_wipe(entry, strlen(entry))
            free(entry)
        }
    }
}
