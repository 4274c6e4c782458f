// Bodies of requests that carry secrets. The bytes go from one wiped buffer into the next and are never a `String`.
import OutlastModel

/// A JSON object, member by member.
struct SecretJSON {
    private let text: SecretBuilder
    private var isEmpty = true

    init(capacity: Int = 512) {
        text = SecretBuilder(capacity: capacity)
        text.append(UInt8(ascii: "{"))
    }

    /// Adds a member that is no secret.
    mutating func add(_ key: String, _ value: JSONValue) {
        begin(key)
        text.append(contentsOf: value.encoded.utf8)
    }

    /// Adds a secret as a JSON string.
    mutating func add(_ key: String, secret: Secret) {
        begin(key)
        text.append(UInt8(ascii: "\""))
        secret.withBytes { for byte in $0 { append(escaping: byte) } }
        text.append(UInt8(ascii: "\""))
    }

    /// The object as a request's body.
    func body() -> HTTPRequest.Body {
        let whole = SecretBuilder(capacity: text.count + 1)
        whole.append(text.finish())
        whole.append(UInt8(ascii: "}"))
        return HTTPRequest.Body(contentType: "application/json", content: whole.finish())
    }

    private mutating func begin(_ key: String) {
        if !isEmpty { text.append(UInt8(ascii: ",")) }
        isEmpty = false
        text.append(contentsOf: JSONValue.string(key).encoded.utf8)
        text.append(UInt8(ascii: ":"))
    }

    private func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            text.append(UInt8(ascii: "\\"))
            text.append(byte)
        case 0..<0x20, 0x7F:
            text.append(contentsOf: "\\u00".utf8)
            text.append(hex: byte)
        default: text.append(byte)
        }
    }
}

/// A form (`application/x-www-form-urlencoded`), field by field.
struct SecretForm {
    private let text = SecretBuilder(capacity: 512)

    /// Adds a field that is no secret.
    func add(_ name: String, _ value: String) {
        begin(name)
        text.append(contentsOf: ServerURL.encoded(value).utf8)
    }

    /// Adds a secret field.
    func add(_ name: String, secret: Secret) {
        begin(name)
        text.append(Self.encoded(secret))
    }

    /// The form as a request's body.
    func body() -> HTTPRequest.Body {
        HTTPRequest.Body(contentType: "application/x-www-form-urlencoded", content: text.finish())
    }

    /// A secret percent-encoded, all but letters, digits, `-`, `_`, `.` and `~`.
    static func encoded(_ secret: Secret) -> Secret {
        let text = SecretBuilder(capacity: secret.count * 3)
        secret.withBytes { bytes in
            for byte in bytes {
                switch byte {
                case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "~"):
                    text.append(byte)
                default:
                    text.append(UInt8(ascii: "%"))
                    text.append(hex: byte)
                }
            }
        }
        return text.finish()
    }

    private func begin(_ name: String) {
        if text.count > 0 { text.append(UInt8(ascii: "&")) }
        text.append(contentsOf: ServerURL.encoded(name).utf8)
        text.append(UInt8(ascii: "="))
    }
}

extension SecretBuilder {
    /// Two hex digits.
    fileprivate func append(hex byte: UInt8) {
        for digit in [byte >> 4, byte & 15] {
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
        }
    }
}
