// What a JSON web token says about its own time. Unsigned reading is enough for scheduling and never for trust: nothing
// here verifies a signature, and nothing that comes from here opens anything.

/// The times that a JSON web token claims (facts section 4 [mem, spec]: RFC 7519 NumericDate).
public struct JWTClaims: Hashable, Sendable {
    /// `exp`: the token is dead from this moment on, rounded down to milliseconds.
    public let expiresAt: Instant?
    /// `iat`: when it was made.
    public let issuedAt: Instant?
    /// `nbf`: it does not work before.
    public let notBefore: Instant?
    /// `iss`, raw: pass it through `SafeText` before showing.
    public let issuer: String?
}

/// Reads the claims of a JSON web token without trusting them.
public enum JWTReader {
    /// The most bytes of a token that are looked at; real ones have about 1 kB.
    public static let largest = 16 * 1024

    /// The claims of a token that is a JSON web token or carries one behind a prefix; nil for any other token.
    ///
    /// Forms: `<JWT>`; GitLab's `glcbt-<JWT>` (facts section 1.1 [doc, src]); GitHub's `ghs_<APPID>_<JWT>` (facts section
    /// 2.1 [iss]). The prefixes themselves are not looked at, since forges can change them: what counts is three
    /// segments, of which the first two are JSON objects.
    public static func claims(of token: Secret) -> JWTClaims? {
        guard token.count <= largest else { return nil }
        // The third segment, the signature, is what makes the token a secret; it is not copied.
        let readable = token.withBytes { bytes -> (head: [UInt8], payload: [UInt8])? in
            let dots = bytes.indices.filter { bytes[$0] == UInt8(ascii: ".") }
            guard dots.count == 2 else { return nil }
            return (Array(bytes[..<dots[0]]), Array(bytes[(dots[0] + 1)..<dots[1]]))
        }
        guard let readable, hasHeader(readable.head), let payload = object(readable.payload[...]) else { return nil }
        return JWTClaims(
            expiresAt: moment(payload["exp"]), issuedAt: moment(payload["iat"]), notBefore: moment(payload["nbf"]),
            issuer: payload["iss"]?.text)
    }

    /// `exp` of a token that is a JSON web token or carries one; nil where there is none.
    public static func expiry(of token: Secret) -> Instant? { claims(of: token)?.expiresAt }

    /// Whether a first segment is a JWT header, alone or behind a prefix that ends with `-` or `_`. Both are also letters
    /// of base64url, so every place behind one of them is tried.
    private static func hasHeader(_ segment: [UInt8]) -> Bool {
        if object(segment[...]) != nil { return true }
        let opening = Array("eyJ".utf8)
        return segment.indices.dropLast().contains { index in
            let byte = segment[index]
            guard byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") else { return false }
            let rest = segment[(index + 1)...]
            return rest.starts(with: opening) && object(rest) != nil
        }
    }

    private static func object(_ segment: ArraySlice<UInt8>) -> JSONValue? {
        guard let bytes = decoded(segment), let value = try? JSONValue(parsing: bytes, deepest: 16),
            value.members != nil
        else { return nil }
        return value
    }

    /// NumericDate: seconds, may have a fraction. What lies outside of the years 1970 to 9999 is no date.
    private static func moment(_ value: JSONValue?) -> Instant? {
        let seconds: Double
        switch value {
        case .integer(let whole): seconds = Double(whole)
        case .number(let fraction): seconds = fraction
        default: return nil
        }
        guard seconds.isFinite, (0..<253_402_300_800).contains(seconds) else { return nil }
        return Instant(milliseconds: Int64((seconds * 1000).rounded(.down)))
    }

    /// base64url (RFC 4648, section 5); padding is allowed and not needed. Nil for other characters.
    static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var digits = text
        while digits.last == UInt8(ascii: "=") { digits.removeLast() }
        guard !digits.isEmpty, digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var buffer: UInt32 = 0
        var bits = 0
        for character in digits {
            guard let value = value(of: character) else { return nil }
            buffer = (buffer << 6 | UInt32(value)) & 0xFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(buffer >> UInt32(bits) & 0xFF))
            }
        }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
