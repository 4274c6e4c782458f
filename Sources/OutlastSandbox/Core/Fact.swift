// One fact: what a forge answers in one situation. The text lives in `Facts/*.json`, never in code, so that the
// sandbox that answers and the client tests that read cannot drift apart.

/// A status, headers and a body that a forge is known (or believed) to answer with.
public struct Fact: Sendable, Hashable {
    /// The name by which sandbox and tests refer to it, such as `gitlab.auth.expired`.
    public let id: String
    /// The HTTP status code.
    public let status: Int
    /// Headers with their placeholders.
    public let headers: [Header]
    /// What the body is made of.
    public let body: Body
    /// How it is known: `src`, `doc`, `iss`, `run`, `mem`, `inf`, or several joined by `/`.
    public let tag: String
    /// The section of the collected facts it was taken from.
    public let source: String
    /// What is not certain about it, or why it reads as it does.
    public let note: String?

    /// A header field of a fact.
    public struct Header: Sendable, Hashable {
        /// The field's name as it goes over the wire.
        public let name: String
        /// The field's value with its placeholders.
        public let value: String
    }

    /// The body of a fact before its placeholders are filled.
    public enum Body: Sendable, Hashable {
        /// JSON, members in order.
        case json(SandboxJSON)
        /// Any other text, exactly.
        case text(String)
        /// Nothing at all.
        case none
    }

    /// Whether any part of it rests on memory alone, without a source that was read or a run that was seen.
    public var verified: Bool { !tag.split(separator: "/").contains("mem") }

    /// The body's text with the placeholders filled.
    ///
    /// A JSON string that is exactly `{{name}}` becomes the bound value, and `null` when it is not bound;
    /// `{{name?}}` takes its whole member away when it is not bound; inside other text the value's text is put in.
    public func bodyText(_ bindings: [String: SandboxJSON] = [:]) -> String {
        switch body {
        case .json(let json): Self.fill(json, bindings)?.text ?? "null"
        case .text(let text): Self.fill(text, bindings)
        case .none: ""
        }
    }

    /// The body as JSON with the placeholders filled; `nil` when it is not JSON.
    public func bodyJSON(_ bindings: [String: SandboxJSON] = [:]) -> SandboxJSON? {
        if case .json(let json) = body { Self.fill(json, bindings) } else { nil }
    }

    /// The headers with the placeholders filled.
    public func filledHeaders(_ bindings: [String: SandboxJSON] = [:]) -> [Header] {
        headers.map { Header(name: $0.name, value: Self.fill($0.value, bindings)) }
    }

    private static func fill(_ json: SandboxJSON, _ bindings: [String: SandboxJSON]) -> SandboxJSON? {
        switch json {
        case .string(let text):
            guard let name = wholePlaceholder(text) else { return .string(fill(text, bindings)) }
            if name.hasSuffix("?") { return bindings[String(name.dropLast())] }
            return bindings[name] ?? .null
        case .array(let elements): return .array(elements.compactMap { fill($0, bindings) })
        case .object(let members):
            return .object(
                members.compactMap { member in
                    fill(member.value, bindings).map { SandboxJSON.Member(member.key, $0) }
                })
        default: return json
        }
    }

    private static func wholePlaceholder(_ text: String) -> String? {
        guard text.hasPrefix("{{"), text.hasSuffix("}}") else { return nil }
        let name = text.dropFirst(2).dropLast(2)
        return name.contains("{") ? nil : String(name)
    }

    private static func fill(_ text: String, _ bindings: [String: SandboxJSON]) -> String {
        var output = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            output += rest[..<open.lowerBound]
            let value = bindings[String(rest[open.upperBound..<close.lowerBound])] ?? .null
            output += value.string ?? (value == .null ? "" : value.text)
            rest = rest[close.upperBound...]
        }
        return output + rest
    }
}
