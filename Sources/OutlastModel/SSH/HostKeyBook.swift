// The host keys that public forges have published: what a connection to one of them may be pinned to without anybody
// having to copy a line. The keys themselves are data beside each forge; here is what they mean.

/// Host keys by host and port.
public struct HostKeyBook: Hashable, Sendable {
    /// One host key as its owner published it.
    public struct Key: Hashable, Sendable {
        /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`.
        public let type: String
        /// `SHA256:` and 43 characters.
        public let fingerprint: String
        /// The whole key; nil where the fingerprint alone was published.
        public let key: PublicKeyText?

        /// A key of which the whole line is known.
        public init(_ key: PublicKeyText) {
            type = key.type
            fingerprint = key.fingerprint
            self.key = key
        }

        /// A key of which the fingerprint alone is known. Nil for anything but `SHA256:` and the base64 of 32 bytes.
        public init?(type: String, fingerprint: String) {
            guard let bytes = HostKeyBook.digest(fingerprint), bytes.count == 32 else { return nil }
            self.type = type
            self.fingerprint = fingerprint
            key = nil
        }

        /// The line of a `known_hosts` file for a place; nil where the fingerprint alone is known.
        public func knownHostsLine(for place: Place) -> String? { key.map { "\(place.knownHostsName) \($0.text)" } }
    }

    /// A host and the port that its SSH server listens on.
    public struct Place: Hashable, Sendable {
        /// Lower case, without a dot at its end.
        public let host: String
        /// 1 to 65535.
        public let port: Int

        /// The place, its host in the one form that is compared.
        public init(host: String, port: Int) {
            let lowered = host.lowercased()
            self.host = lowered.hasSuffix(".") ? String(lowered.dropLast()) : lowered
            self.port = port
        }

        /// How `known_hosts` calls it: the host, or `[host]:port` for other ports than 22.
        public var knownHostsName: String { port == 22 ? host : "[\(host)]:\(port)" }
    }

    /// A key that must never be accepted again, and why.
    public struct Retired: Hashable, Sendable {
        /// The key.
        public let key: PublicKeyText
        /// What it was and why it is refused, as a sentence without a full stop.
        public let reason: String

        /// Names a key that is refused.
        public init(key: PublicKeyText, reason: String) {
            self.key = key
            self.reason = reason
        }
    }

    /// What the owner of one forge has published.
    public struct Table: Hashable, Sendable {
        /// Where its SSH server is.
        public let place: Place
        /// Where the same server answers on the port of HTTPS, for networks that let nothing else out; nil where it does
        /// not.
        public let throughHTTPSPort: Place?
        /// Its keys, the one to prefer first.
        public let keys: [Key]
        /// Keys that it has taken back.
        public let retired: [Retired]

        /// Collects them.
        public init(place: Place, throughHTTPSPort: Place?, keys: [Key], retired: [Retired] = []) {
            self.place = place
            self.throughHTTPSPort = throughHTTPSPort
            self.keys = keys
            self.retired = retired
        }
    }

    /// What there is.
    public let tables: [Table]

    /// Collects tables.
    public init(_ tables: [Table]) { self.tables = tables }

    /// Nothing published.
    public static let none = HostKeyBook([])

    /// The keys of a host on exactly this port; empty when nobody published any.
    public func keys(of host: String, port: Int) -> [Key] {
        let place = Place(host: host, port: port)
        return tables.filter { $0.place == place || $0.throughHTTPSPort == place }.flatMap(\.keys)
    }

    /// Where the same server can be reached on the port of HTTPS; nil when there is no such place, or this is it.
    public func placeThroughHTTPSPort(of host: String, port: Int) -> Place? {
        let place = Place(host: host, port: port)
        return tables.first { $0.place == place }?.throughHTTPSPort
    }

    /// Why a key must be refused, whoever shows or configures it; nil for all others. A fingerprint is taken with or
    /// without its `SHA256:` and padding.
    public func refusal(ofFingerprint fingerprint: String) -> String? {
        guard let wanted = Self.digest(fingerprint) else { return nil }
        return tables.lazy.flatMap(\.retired).first { Self.digest($0.key.fingerprint) == wanted }?.reason
    }

    /// The bytes of a fingerprint.
    private static func digest(_ fingerprint: String) -> [UInt8]? {
        let bare = fingerprint.hasPrefix("SHA256:") ? fingerprint.dropFirst(7) : fingerprint[...]
        let unpadded = bare.hasSuffix("=") ? bare.dropLast() : bare
        return Base64Text.unpadded.decode(unpadded)
    }
}
