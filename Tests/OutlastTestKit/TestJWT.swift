// JSON web tokens for tests: true in form, with a signature that nobody can verify.

/// Makes tokens.
public enum TestJWT {
    /// A token with this payload.
    public static func token(payload: String, header: String = #"{"alg":"RS256","typ":"JWT"}"#) -> String {
        [Array(header.utf8), Array(payload.utf8), Array("not a signature".utf8)].map(base64url).joined(separator: ".")
    }

    /// base64url without padding.
    public static func base64url(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            var letters: [UInt8] = []
            for _ in 0..<4 {
                letters.insert(alphabet[value & 63], at: 0)
                value >>= 6
            }
            text += letters.prefix(group.count + 1)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
