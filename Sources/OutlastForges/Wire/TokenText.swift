// A new token that was shown once must not be lost to a detail of the answer around it: it is looked for where it belongs,
// then anywhere, then in the raw bytes.
import OutlastModel

/// Finds secrets and moments in answers, leniently.
enum TokenText {
    /// The secret under a name: at the top, else the first one at any depth, else the first `"name":"…"` of a body that
    /// is no clean JSON (a banner before it, something after it, an end that is missing).
    static func find(_ name: String, in answer: APIAnswer) -> Secret? {
        if let json = answer.json {
            return token(json[name]) ?? deep(name, in: json, level: 0)
        }
        return scan(name, in: answer.response.body)
    }

    /// A JSON string that can be a token.
    static func token(_ value: JSONValue?) -> Secret? {
        guard let text = value?.text, !text.isEmpty else { return nil }
        let secret = Secret(text)
        return secret.isPrintableToken ? secret : nil
    }

    private static func deep(_ name: String, in value: JSONValue, level: Int) -> Secret? {
        guard level < 6 else { return nil }
        let children = value.elements ?? value.members?.map(\.value) ?? []
        for child in children {
            if let found = token(child[name]) ?? deep(name, in: child, level: level + 1) { return found }
        }
        return nil
    }

    private static func scan(_ name: String, in body: [UInt8]) -> Secret? {
        let mark = Array("\"\(name)\"".utf8)
        guard let found = body.firstRange(of: mark) else { return nil }
        let isBlank: (UInt8) -> Bool = { $0 == 32 || (9...13).contains($0) }
        var rest = body[found.upperBound...].drop(while: isBlank)
        guard rest.first == UInt8(ascii: ":") else { return nil }
        rest = rest.dropFirst().drop(while: isBlank)
        guard rest.first == UInt8(ascii: "\"") else { return nil }
        rest = rest.dropFirst()
        guard let end = rest.firstIndex(of: UInt8(ascii: "\"")), end > rest.startIndex else { return nil }
        let value = rest[rest.startIndex..<end]
        guard !value.contains(UInt8(ascii: "\\")) else { return nil }
        let secret = Secret(bytes: value)
        return secret.isPrintableToken ? secret : nil
    }

    /// An end that is written as a moment or a date, or as seconds: since 1970 when they are as many, else from `start`.
    static func end(_ value: JSONValue?, from start: Instant) -> Expiry {
        switch value {
        case .string(let text)?:
            if let moment = Instant(text: text) { return .at(moment) }
            return Int64(text).map { end(.integer($0), from: start) } ?? .unknown
        case .integer?, .number?:
            guard let seconds = value?.wholeNumber, (0...32_503_680_000).contains(seconds) else { return .unknown }
            return .at(seconds >= 1_000_000_000 ? Instant(seconds: seconds) : start.advanced(by: .seconds(seconds)))
        default: return .unknown
        }
    }
}
