// The encodings of the wire, hand-written because full Foundation is not welcome here.

/// `text` with `%XX` resolved; broken escapes stay as they are, `+` is left alone.
func percentDecoded(_ text: String) -> String {
    guard text.contains("%") else { return text }
    var output: [UInt8] = []
    let bytes = Array(text.utf8)
    var position = 0
    while position < bytes.count {
        if bytes[position] == UInt8(ascii: "%"), position + 2 < bytes.count,
            let value = UInt8(String(decoding: bytes[position + 1...position + 2], as: UTF8.self), radix: 16)
        {
            output.append(value)
            position += 3
        } else {
            output.append(bytes[position])
            position += 1
        }
    }
    return String(decoding: output, as: UTF8.self)
}

/// The members of an `application/x-www-form-urlencoded` text, in order, duplicates kept.
func formMembers(_ text: String) -> [JSON.Member] {
    text.split(separator: "&").map { pair in
        let pieces = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let decoded = pieces.map {
            percentDecoded($0.split(separator: "+", omittingEmptySubsequences: false).joined(separator: " "))
        }
        return JSON.Member(decoded[0], .string(decoded.count > 1 ? decoded[1] : ""))
    }
}

/// Form-encoded text of members, for servers that answer that way.
func formEncoded(_ members: [JSON.Member]) -> String {
    members.map { "\(percentEncoded($0.key))=\(percentEncoded($0.value.string ?? $0.value.text))" }.joined(
        separator: "&")
}

/// `text` with everything but RFC 3986's unreserved characters escaped.
func percentEncoded(_ text: String) -> String {
    var output = ""
    for byte in text.utf8 {
        let scalar = Unicode.Scalar(byte)
        if byte < 0x80, scalar.properties.isAlphabetic || "0123456789-._~".unicodeScalars.contains(scalar) {
            output.unicodeScalars.append(scalar)
        } else {
            let digits = String(byte, radix: 16, uppercase: true)
            output += "%" + (digits.count == 1 ? "0" : "") + digits
        }
    }
    return output
}

private let base64Alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// Standard base64 with padding.
func base64Encoded(_ bytes: [UInt8]) -> String {
    var output: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for index in 0..<4 {
            output.append(index <= group.count ? base64Alphabet[bits >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
        }
    }
    return String(decoding: output, as: UTF8.self)
}

/// base64url without padding, as in a JWT.
func base64URLEncoded(_ bytes: [UInt8]) -> String {
    String(base64Encoded(bytes).compactMap { $0 == "=" ? nil : $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
}

/// The bytes of base64 or base64url text, padded or not; `nil` when a character belongs to neither.
func base64Decoded(_ text: String) -> [UInt8]? {
    var output: [UInt8] = []
    var bits = 0
    var count = 0
    for byte in text.utf8 where byte != UInt8(ascii: "=") && byte != 0x0A && byte != 0x0D {
        let plain = byte == UInt8(ascii: "-") ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
        guard let value = base64Alphabet.firstIndex(of: plain) else { return nil }
        bits = (bits << 6 | value) & 0xFFFFFF
        count += 6
        if count >= 8 {
            count -= 8
            output.append(UInt8(truncatingIfNeeded: bits >> count))
        }
    }
    return output
}
