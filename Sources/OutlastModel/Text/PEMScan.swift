// The search for PEM blocks in bytes that may be a key: by index on borrowed memory, so that nothing is copied about.

/// The steps of mending a pasted PEM text.
enum PEMScan {
    /// A block that was found: what it is and where its body lies.
    struct Block {
        let label: String
        let body: Range<Int>
        var kind: PEMKind { PEMKind(rawValue: label) ?? .other }
    }

    /// The body of a block, taken apart.
    struct Parts {
        /// Header lines (RFC 1421), as in `Proc-Type: 4,ENCRYPTED`.
        let headers: [String]
        /// Everything else without white space: the base64 digits.
        let digits: Secret
        var saysEncrypted: Bool { headers.contains { $0.contains("ENCRYPTED") } }
    }

    /// Turns `\n` and `\r` written as two characters into line ends. A backslash stands nowhere in PEM, so any number of
    /// them before the letter came from escaping more than once; one before a real line end is a shell's continuation.
    static func unescaped(_ pasted: Secret) -> Secret {
        let plain = SecretBuilder(capacity: pasted.count)
        pasted.withBytes { bytes in
            var index = 0
            while index < bytes.count {
                guard bytes[index] == UInt8(ascii: "\\") else {
                    plain.append(bytes[index])
                    index += 1
                    continue
                }
                var next = index
                while next < bytes.count && bytes[next] == UInt8(ascii: "\\") { next += 1 }
                if next < bytes.count && (bytes[next] == UInt8(ascii: "n") || bytes[next] == UInt8(ascii: "r")) {
                    plain.append(UInt8(ascii: "\n"))
                    index = next + 1
                } else if next < bytes.count && isSpace(bytes[next]) {
                    index = next
                } else {
                    plain.append(bytes[index])
                    index += 1
                }
            }
        }
        return plain.finish()
    }

    /// The first private key, else the first block of any kind; nil without a complete block.
    static func block(in bytes: UnsafeRawBufferPointer) -> Block? {
        var first: Block?
        var (start, beginnings) = (0, 0)
        // Each beginning may cost a search to the end: bounded, so that nobody can paste hours of work.
        while beginnings < mostBeginnings, let begin = find(beginning, in: bytes, from: start) {
            beginnings += 1
            start = begin + beginning.count
            guard let label = label(in: bytes, at: start) else { continue }
            let body = start + label.utf8.count + dashes.count
            guard let end = find(Array("-----END \(label)-----".utf8), in: bytes, from: body) else { continue }
            let block = Block(label: label, body: body..<end)
            if block.kind.isPrivate { return block }
            first = first ?? block
            start = end
        }
        return first
    }

    /// Why there is no complete block.
    static func flawWithoutBlock(in bytes: UnsafeRawBufferPointer) -> PEMFlaw {
        guard let start = bytes.firstIndex(where: { !isSpace($0) && $0 != 0x22 && $0 != 0x27 }) else { return .empty }
        let text = bytes[start...]
        if text.starts(with: "LS0tLS1CRUdJTi".utf8) { return .encodedTwice }
        if text.starts(with: "ssh-".utf8) || text.starts(with: "ecdsa-sha2-".utf8) { return .publicLine }
        return find(beginning, in: bytes, from: 0) == nil ? .notPEM : .cutOff
    }

    /// Takes a body apart. A line with a colon is a header: base64 has none.
    static func parts(of body: UnsafeRawBufferPointer) -> Parts {
        let digits = SecretBuilder(capacity: body.count)
        var headers: [String] = []
        for line in body.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            if line.contains(UInt8(ascii: ":")) {
                let kept = line.prefix(longestHeader).split(whereSeparator: isSpace)
                headers.append(kept.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))
            } else {
                digits.append(contentsOf: line.lazy.filter { !isSpace($0) })
            }
        }
        return Parts(headers: headers, digits: digits.finish())
    }

    /// Whether a passphrase protects an OpenSSH key: its cipher, the first field behind the magic, is not `none`; nil when
    /// the bytes are not such a key.
    static func isProtectedOpenSSHKey(_ contents: UnsafeRawBufferPointer) -> Bool? {
        let magic = Array("openssh-key-v1\0".utf8)
        guard contents.starts(with: magic), contents.count >= magic.count + 4 else { return nil }
        let cipher = contents[(magic.count + 4)...]
        let length = contents[magic.count..<magic.count + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= cipher.count else { return nil }
        return !cipher.prefix(length).elementsEqual("none".utf8)
    }

    private static let beginning = Array("-----BEGIN ".utf8)
    private static let dashes = Array("-----".utf8)
    private static let mostBeginnings = 64
    private static let longestLabel = 40
    private static let longestHeader = 200

    private static func label(in bytes: UnsafeRawBufferPointer, at start: Int) -> String? {
        let label = bytes[start...].prefix(longestLabel).prefix { isLabelCharacter($0) }
        guard !label.isEmpty, bytes[label.endIndex...].starts(with: dashes) else { return nil }
        return String(decoding: label, as: UTF8.self)
    }

    private static func isLabelCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "): true
        default: false
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private static func find(_ needle: [UInt8], in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let first = needle.first, bytes.count >= needle.count else { return nil }
        var index = start
        while index <= bytes.count - needle.count {
            if bytes[index] == first && bytes[index...].starts(with: needle) { return index }
            index += 1
        }
        return nil
    }
}
