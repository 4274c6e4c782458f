// Makes secrets in the shapes the forges use. Seeded, so that a rehearsal can be repeated to the byte.

/// A source of secrets and ids. Not for anything but rehearsal: the generator is predictable by design.
struct TokenMint: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64: small, fast, and the same everywhere.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 24) }
    }

    mutating func hexDigits(_ count: Int) -> String {
        String(hex(bytes((count + 1) / 2)).prefix(count))
    }

    mutating func alphanumeric(_ count: Int) -> String {
        String((0..<count).map { _ in base62[Int(next() >> 33) % 62] })
    }

    /// `glpat-` and 20 characters, the classic form.
    mutating func gitlabToken(prefix: String) -> String {
        prefix + alphanumeric(20)
    }

    /// GitHub's 40-character form: prefix, 30 random characters, CRC-32 in base62.
    mutating func githubClassic(prefix: String) -> String {
        let random = alphanumeric(30)
        return prefix + random + githubChecksum(random)
    }

    /// GitHub's stateless installation token: about 520 characters with two dots.
    mutating func githubStateless(appID: Int, expires: SandboxInstant) -> String {
        let header = base64URLEncoded(Array(#"{"alg":"ES256","typ":"JWT"}"#.utf8))
        let claims: JSON = [
            "iss": "https://github.invalid", "sub": .string("installation"), "exp": .int(expires.seconds),
            "jti": .string(hexDigits(32)), "pad": .string(alphanumeric(176)),
        ]
        let payload = base64URLEncoded(Array(claims.text.utf8))
        return "ghs_\(appID)_\(header).\(payload).\(base64URLEncoded(bytes(64)))"
    }
}

private let base62 = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

/// The last six characters of a GitHub token: CRC-32 of its random part in base62, filled with zeros on the left.
func githubChecksum(_ random: String) -> String {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in random.utf8 {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    var number = Int(~crc)
    var digits: [Character] = []
    while number > 0 {
        digits.insert(base62[number % 62], at: 0)
        number /= 62
    }
    return String(repeating: "0", count: 6 - digits.count) + String(digits)
}
