// Host keys as they are pinned: a key, its fingerprint, or an authority that signs keys; never one that was simply offered.

/// A server's public key.
public struct HostKey: Hashable, Sendable {
    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, …
    public let type: String
    /// Its bytes in base64.
    public let blob: String

    /// Makes a key from a type and base64. Nil when the bytes are not a key of that type.
    public init?(type: String, blob: String) {
        let name = Array(type.utf8)
        guard Self.types.contains(type), blob.utf8.count <= 8192, let bytes = Base64Text.standard.decode(blob),
            bytes.count > name.count + 4, bytes[0..<4].elementsEqual([0, 0, 0, UInt8(name.count)]),
            bytes[4..<(4 + name.count)].elementsEqual(name)
        else { return nil }
        self.type = type
        self.blob = blob
    }

    /// Reads `TYPE BASE64 [comment]`.
    public init?(_ text: String) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        guard words.count >= 2 else { return nil }
        self.init(type: words[0], blob: words[1])
    }

    /// `SHA256:` and 43 characters, as `ssh-keygen -l` shows it.
    public var fingerprint: String {
        SSHKeyPair.fingerprint(ofPublicKey: Base64Text.standard.decode(blob) ?? [])
    }

    /// `TYPE BASE64`
    public var text: String { "\(type) \(blob)" }

    /// Types that servers have keys of.
    public static let types = [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]

    /// Whether a text is a fingerprint: `SHA256:` and 43 characters of base64.
    public static func isFingerprint(_ text: String) -> Bool {
        guard text.hasPrefix("SHA256:"), text.utf8.count == 50 else { return false }
        return Base64Text.unpadded.decode(text.dropFirst(7))?.count == 32
    }
}

/// A line of a known_hosts file, or of something like it.
public struct HostKeyLine: Hashable, Sendable {
    /// What the line says about its key.
    public enum Mark: Hashable, Sendable { case trusted, revoked, authority }

    /// What it says.
    public let mark: Mark
    /// The names, as they are written; empty for a bare key.
    public let names: String
    /// The key.
    public let key: HostKey

    /// Reads a line; nil for comments, blank lines, and keys that are none.
    public init?(_ line: String) {
        var words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let first = words.first, !first.hasPrefix("#") else { return nil }
        switch first {
        case "@revoked": mark = .revoked
        case "@cert-authority": mark = .authority
        default:
            guard !first.hasPrefix("@") else { return nil }
            mark = .trusted
        }
        if mark != .trusted { words.removeFirst() }
        guard let head = words.first else { return nil }
        if HostKey.types.contains(head) {
            names = ""
        } else {
            names = head
            words.removeFirst()
        }
        guard words.count >= 2, let key = HostKey(type: words[0], blob: words[1]) else { return nil }
        self.key = key
    }

    /// Whether the line is for a server: a bare key is for every one. Hashed names and patterns are not for this to tell.
    public func names(_ server: SSHServer) -> Bool {
        names.isEmpty || names.split(separator: ",").contains { $0.lowercased() == server.knownName }
            || (server.port == 22 && names.split(separator: ",").contains { $0.lowercased() == "[\(server.host)]:22" })
    }
}

/// Where sshd listens.
public struct SSHServer: Hashable, Sendable {
    /// Lower case.
    public let host: String
    /// The port.
    public let port: Int

    /// Makes a place.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Its name in known_hosts: `host`, or `[host]:port`.
    public var knownName: String { port == 22 ? host : "[\(host)]:\(port)" }
    /// `host` or `host:port`, for messages.
    public var text: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port == 22 ? shown : "\(shown):\(port)"
    }
}

/// What a server is recognised by.
public struct HostKeyPins: Sendable {
    /// Keys that are accepted.
    public var keys: [HostKey] = []
    /// Keys that sign accepted keys.
    public var authorities: [HostKey] = []
    /// Keys that are refused.
    public var revoked: [HostKey] = []
    /// Fingerprints of accepted keys that are not known as a whole.
    public var fingerprints: [String] = []

    /// No pins.
    public init() {}

    /// Whether nothing would be accepted.
    public var isEmpty: Bool { keys.isEmpty && authorities.isEmpty && fingerprints.isEmpty }

    /// Takes a line in.
    public mutating func add(_ line: HostKeyLine) {
        switch line.mark {
        case .trusted: if !keys.contains(line.key) { keys.append(line.key) }
        case .revoked: if !revoked.contains(line.key) { revoked.append(line.key) }
        case .authority: if !authorities.contains(line.key) { authorities.append(line.key) }
        }
    }

    /// Takes a fingerprint in.
    public mutating func add(fingerprint: String) {
        if !fingerprints.contains(fingerprint) { fingerprints.append(fingerprint) }
    }

    /// Takes out what is refused.
    ///
    /// - Returns: what was refused, `name` or fingerprint.
    public mutating func refuse(_ retired: [RetiredHostKey]) -> [String] {
        var refused: [String] = []
        for one in retired {
            guard let key = HostKey(one.key) else { continue }
            let isThere =
                keys.contains(key) || authorities.contains(key) || fingerprints.contains(key.fingerprint)
            if isThere { refused.append("\(one.name) (\(key.fingerprint))") }
            keys.removeAll { $0 == key }
            authorities.removeAll { $0 == key }
            fingerprints.removeAll { $0 == key.fingerprint }
            if !revoked.contains(key) { revoked.append(key) }
        }
        keys.removeAll { key in
            guard revoked.contains(key) else { return false }
            refused.append("a revoked key (\(key.fingerprint))")
            return true
        }
        return refused
    }

    /// Fingerprints of all that is accepted.
    public var accepted: [String] { keys.map(\.fingerprint) + fingerprints }

    /// The known_hosts file for a server.
    public func file(for server: SSHServer) -> String {
        (revoked.map { "@revoked \(server.knownName) \($0.text)\n" }
            + authorities.map { "@cert-authority \(server.knownName) \($0.text)\n" }
            + keys.map { "\(server.knownName) \($0.text)\n" }).text(joinedBy: "")
    }
}
