// Base64 (RFC 4648) in its four usual forms, strictly: a text has one value and a value one text, so that what was
// compared or signed as text is what was decoded.

/// A form of base64: an alphabet, with or without padding.
public struct Base64Text: Sendable {
    private let digits: [UInt8]
    private let isPadded: Bool

    private init(_ last: String, padded: Bool) {
        digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\(last)".utf8)
        isPadded = padded
    }

    /// `+` and `/`, padded: what forges' interfaces and PEM files use.
    public static let standard = Base64Text("+/", padded: true)
    /// `+` and `/`, not padded: SSH fingerprints.
    public static let unpadded = Base64Text("+/", padded: false)
    /// `-` and `_`, not padded: JSON Web Tokens.
    public static let url = Base64Text("-_", padded: false)
    /// `-` and `_`, padded.
    public static let urlPadded = Base64Text("-_", padded: true)

    /// The text of bytes.
    public func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.underestimatedCount + 2) / 3 * 4)
        encode(bytes) { text.append($0) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The text of a secret, which is as secret.
    public func encode(_ secret: Secret) -> Secret {
        let text = SecretBuilder(capacity: (secret.count + 2) / 3 * 4)
        secret.withBytes { encode($0) { text.append($0) } }
        return text.finish()
    }

    /// The bytes of a text; nil for any character outside the alphabet (white space too), for missing, superfluous or
    /// unexpected padding, and for bits that belong to no byte but are not zero.
    public func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 4 * 3)
        return decode(text.utf8) { bytes.append($0) } ? bytes : nil
    }

    /// The bytes of a secret text, by the same rules.
    public func decode(_ text: Secret) -> Secret? {
        let bytes = SecretBuilder(capacity: text.count / 4 * 3)
        return text.withBytes { decode($0) { bytes.append($0) } } ? bytes.finish() : nil
    }

    private func encode(_ bytes: some Sequence<UInt8>, put: (UInt8) -> Void) {
        var pending: UInt32 = 0
        var bits: UInt32 = 0
        var written = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                put(digits[Int(pending >> bits & 63)])
                written += 1
            }
            pending &= (1 << bits) - 1
        }
        if bits > 0 {
            put(digits[Int(pending << (6 - bits) & 63)])
            written += 1
        }
        guard isPadded else { return }
        while written % 4 != 0 {
            put(UInt8(ascii: "="))
            written += 1
        }
    }

    private func decode(_ text: some Sequence<UInt8>, put: (UInt8) -> Void) -> Bool {
        var pending: UInt32 = 0
        var bits: UInt32 = 0
        var (digitCount, paddingCount) = (0, 0)
        for character in text {
            if character == UInt8(ascii: "=") {
                paddingCount += 1
                continue
            }
            guard paddingCount == 0, let value = value(of: character) else { return false }
            digitCount += 1
            pending = pending << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                put(UInt8(truncatingIfNeeded: pending >> bits))
                pending &= (1 << bits) - 1
            }
        }
        let expectedPadding = isPadded ? (4 - digitCount % 4) % 4 : 0
        return digitCount % 4 != 1 && pending == 0 && paddingCount == expectedPadding
    }

    private func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case digits[62]: 62
        case digits[63]: 63
        default: nil
        }
    }
}

/// Base64 as JSON Web Tokens write it (RFC 7515, section 2): the URL alphabet without padding.
public enum Base64URL {
    /// The text of bytes.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String { Base64Text.url.encode(bytes) }

    /// The bytes of a text; nil for anything that `encode` does not write.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? { Base64Text.url.decode(text) }
}
