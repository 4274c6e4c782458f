// A credential in a Jenkins store (facts section 9.3). Its XML is read (secrets redacted), one element is replaced, and the
// whole is written back, so that type, scope, user name and description stay.
import OutlastModel

/// The target `jenkins-credential`.
struct JenkinsCredential: PublishTarget {
    let canBeRead = false

    var schema: SettingsSchema { PublishSchemas.jenkinsCredential }

    func label(_ settings: Settings) -> String {
        let folder = settings.text("folder").map { " of \($0)" } ?? ""
        return SafeText.line("jenkins-credential \(settings.text("id") ?? "")\(folder)", limit: 200)
    }

    func check(_ context: PublishContext) async throws(Failure) {
        _ = try await JenkinsExchange(context, label: label(context.settings)).read()
    }

    func publish(_ token: Secret, _ context: PublishContext) async throws(Failure) {
        let exchange = try JenkinsExchange(context, label: label(context.settings))
        let before = try await exchange.read()
        try await exchange.write(before.body(with: token))
        let after = try await exchange.read()
        guard after.type == before.type else {
            throw context.refused(
                exchange.label, "it is of type \(after.type) now and was of type \(before.type)",
                hint: "set it up anew in Jenkins")
        }
    }

    /// Jenkins shows every secret redacted.
    func read(_ context: PublishContext) async throws(Failure) -> Secret? { nil }
}

/// A credential's `config.xml`, as far as it has to be understood: its type, and the one element that is the secret.
struct JenkinsDocument: Sendable {
    /// Types by the end of their class name, with the element that holds the secret.
    private static let secretElements = [
        "StringCredentialsImpl": "secret", "UsernamePasswordCredentialsImpl": "password",
    ]

    /// The class name.
    let type: String
    private let head: [UInt8]
    private let tail: [UInt8]

    /// Finds type and secret; nil for a type that holds no single token.
    init?(_ bytes: [UInt8]) {
        guard let root = Self.rootElement(bytes) else { return nil }
        let short = root.split(separator: ".").last.map(String.init) ?? root
        guard let element = Self.secretElements[short] else { return nil }
        type = root
        let open = Array("<\(element)>".utf8)
        let close = Array("</\(element)>".utf8)
        guard let start = bytes.firstRange(of: open),
            let end = bytes[start.upperBound...].firstRange(of: close)
        else { return nil }
        head = Array(bytes[..<start.upperBound])
        tail = Array(bytes[end.lowerBound...])
    }

    /// The document with another secret.
    func body(with token: Secret) -> HTTPRequest.Body {
        let text = SecretBuilder(capacity: head.count + tail.count + token.count + 64)
        text.append(contentsOf: head)
        token.withBytes { bytes in
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "&"): text.append(contentsOf: "&amp;".utf8)
                case UInt8(ascii: "<"): text.append(contentsOf: "&lt;".utf8)
                case UInt8(ascii: ">"): text.append(contentsOf: "&gt;".utf8)
                default: text.append(byte)
                }
            }
        }
        text.append(contentsOf: tail)
        return HTTPRequest.Body(contentType: "application/xml", content: text.finish())
    }

    /// The name of the first element that is neither a declaration nor a comment.
    static func rootElement(_ bytes: [UInt8]) -> String? {
        var rest = bytes[...]
        while let open = rest.firstIndex(of: UInt8(ascii: "<")) {
            rest = rest[(open + 1)...]
            guard let first = rest.first, first != UInt8(ascii: "?"), first != UInt8(ascii: "!") else { continue }
            let name = rest.prefix { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "._$-".utf8.contains(byte)
            }
            return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
        }
        return nil
    }
}
