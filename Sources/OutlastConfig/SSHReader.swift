// The `ssh` block of a credential. Its texts end up as arguments of ssh and git, so their forms are narrow.
import OutlastModel

/// Reads `ssh`.
enum SSHReader {
    private static let keys = ["host", "port", "user", "key", "known_hosts", "host_keys", "need_push"]

    /// The block; nil when it is too broken to be used, which has been noted.
    static func read(_ place: Place) -> SSHConfiguration? {
        guard let fields = place.fields(keys) else { return nil }
        let host = fields.required("host")?.read("a host name", hint: "write the name alone; `port` is a key", hostName)
        let port = fields["port"]?.read("a port", hint: "write a number from 1 to 65535", portNumber)
        let user = fields["user"]?.read("a user name", hint: "letters, digits, `.`, `_` and `-`", userName)
        guard let host else { return nil }
        return SSHConfiguration(
            host: host, port: port ?? 22, user: user ?? "git", key: fields["key"]?.secretSource(takesCommand: false),
            knownHosts: fields["known_hosts"]?.text("a path"), hostKeys: fields["host_keys"].flatMap(hostKeys) ?? [],
            needPush: fields["need_push"]?.truth() ?? false)
    }

    private static func hostName(_ text: String) -> String? {
        guard !text.utf8.starts(with: "-".utf8), let pattern = HostPattern(text: text), pattern.port == nil,
            pattern.path.isEmpty
        else { return nil }
        return pattern.host
    }

    private static func portNumber(_ text: String) -> Int? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(text), (1...65535).contains(port) else {
            return nil
        }
        return port
    }

    private static func userName(_ text: String) -> String? {
        Place.isCredentialName(text) && !text.utf8.starts(with: "-".utf8) ? text : nil
    }

    private static func hostKeys(_ place: Place) -> [String]? {
        let hint =
            "write lines as `ssh-keyscan` prints them, without the host: ssh-ed25519 AAAA…, or fingerprints: SHA256:…"
        return place.items("host keys")?.compactMap { $0.read("a host key", hint: hint, hostKey) }
    }

    private static func hostKey(_ text: String) -> String? {
        if HostKey.isFingerprint(text) { return text }
        let words = text.split(separator: " ")
        guard words.count >= 2, keyTypes.contains(String(words[0])), words[1].utf8.starts(with: "AAAA".utf8) else {
            return nil
        }
        return "\(words[0]) \(words[1])"
    }

    private static let keyTypes = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]
}
