// git's credential protocol, read: `key=value` lines up to an empty one. What git would never write is refused whole, so
// that no two readers can disagree about it.

internal import OutlastModel

/// Reads what git writes to a helper.
struct CredentialReader {
    /// The most bytes of all lines together; git's own bound is one for a single line.
    static let largest = 65_535

    private var question = GitQuestion()
    private var seen: Set<String> = []

    /// - Throws: `malformedInput` (65) for more than `largest` bytes, a NUL or carriage return, a line without `=` or
    ///   without a key, and a value that is told twice. Nothing of the input is repeated.
    static func question(_ bytes: [UInt8]) throws(Failure) -> GitQuestion {
        guard bytes.count <= largest else { throw malformed("it is longer than \(largest) bytes") }
        guard !bytes.contains(0) else { throw malformed("it holds a NUL character") }
        guard !bytes.contains(UInt8(ascii: "\r")) else { throw malformed("it holds a carriage return") }
        var reader = CredentialReader()
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            // What stands behind the empty line is not git's.
            if line.isEmpty { break }
            try reader.take(line)
        }
        return reader.question
    }

    private mutating func take(_ line: ArraySlice<UInt8>) throws(Failure) {
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")), equals > line.startIndex else {
            throw Self.malformed("a line has no key")
        }
        let key = String(decoding: line[..<equals], as: UTF8.self)
        let value = line[(equals + 1)...]
        if key == "capability[]" {
            takeCapability(String(decoding: value, as: UTF8.self))
            return
        }
        guard ["protocol", "host", "path", "username", "password"].contains(key) else { return }
        guard seen.insert(key).inserted else { throw Self.malformed("`\(key)` is there twice") }
        switch key {
        case "protocol": question.scheme = String(decoding: value, as: UTF8.self)
        case "host": question.host = String(decoding: value, as: UTF8.self)
        case "path": question.path = String(decoding: value, as: UTF8.self)
        case "username": question.username = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
        default: question.password = Secret(bytes: value)
        }
    }

    /// An empty value takes back all that were told before.
    private mutating func takeCapability(_ name: String) {
        if name.isEmpty { question.takesEphemeral = false }
        if name == "authtype" { question.takesEphemeral = true }
    }

    private static func malformed(_ what: String) -> Failure {
        Failure(
            .malformedInput, "this is not git's credential protocol: \(what)",
            hint: "git itself calls `outlast credential`; `outlast credential env` tells it to")
    }
}
