// The place that git asks for, read so strictly that it can never be taken for another one (contract, section 9).

/// Scheme, host, port and path of a repository.
public struct GitAddress: Hashable, Sendable {
    /// Where it is.
    public let origin: Origin
    /// The path's segments; empty when git told no path.
    public let path: [String]

    /// Reads what git sent. Nil for everything that is never answered: other schemes, `http` but for a literal loopback
    /// address, a host with a dot at its end, user info or an odd character, a port in another form than plain digits,
    /// and a path with an empty segment, `.`, `..`, a backslash, or a percent sign that hides one of these.
    public init?(scheme: String?, host: String?, path: String?) {
        guard let scheme, let host, scheme == "https" || scheme == "http", !host.isEmpty,
            !host.utf8.contains(where: { "/?#@%\\".utf8.contains($0) }), Self.hasPlainForm(host),
            let address = ServerURL("\(scheme)://\(host)"), address.path.isEmpty, address.query == nil,
            scheme == "https" || address.origin.isLoopback
        else { return nil }
        origin = address.origin
        guard let path, !path.isEmpty else {
            self.path = []
            return
        }
        // git trims what is at the end; what another caller leaves there means nothing.
        let slash = UInt8(ascii: "/")
        let trimmed = path.utf8.last == slash ? path.utf8.dropLast() : path.utf8[...]
        let segments = trimmed.split(separator: slash, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard segments.allSatisfy({ HostPattern.isPlainSegment($0) && !$0.utf8.contains(UInt8(ascii: "\\")) }) else {
            return nil
        }
        self.path = segments
    }

    /// The address that a question is about.
    public init?(_ question: GitQuestion) {
        self.init(scheme: question.scheme, host: question.host, path: question.path)
    }

    /// No dot at the end of the name, no port that begins with 0: each address has one form.
    private static func hasPlainForm(_ host: String) -> Bool {
        let bytes = Array(host.utf8)
        guard bytes.first != UInt8(ascii: "["), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
            return bytes.last != UInt8(ascii: ".")
        }
        return colon > 0 && bytes[colon - 1] != UInt8(ascii: ".") && colon + 1 < bytes.count
            && bytes[colon + 1] != UInt8(ascii: "0")
    }

    /// `host[:port][/path]`, for messages and history.
    public var text: String { SafeText.line(([origin.hostAndPort] + path).text(joinedBy: "/")) }
}

extension HostPattern {
    /// The pattern for all of a server.
    public init(_ origin: Origin) {
        self.init(
            host: origin.host, port: origin.scheme == "https" && origin.port == 443 ? nil : origin.port, path: [])
    }

    /// Whether an address is meant: host whole and without case, port exact, path by whole segments. The `.git` that
    /// clone addresses may end with is no part of a repository's name.
    public func means(_ address: GitAddress) -> Bool {
        guard host == address.origin.host, path.count <= address.path.count,
            (port ?? (address.origin.scheme == "https" ? 443 : 80)) == address.origin.port
        else { return false }
        for (index, (ours, theirs)) in zip(path, address.path).enumerated() where !ours.utf8.elementsEqual(theirs.utf8)
        {
            guard index == path.count - 1, Self.bare(ours).utf8.elementsEqual(Self.bare(theirs).utf8) else {
                return false
            }
        }
        return true
    }

    private static func bare(_ segment: String) -> Substring {
        segment.hasSuffix(".git") && segment.utf8.count > 4 ? segment.dropLast(4) : segment[...]
    }
}

/// What a credential answers for, as far as choosing needs it.
public struct GitClaim: Sendable {
    /// The patterns; one that fits is enough.
    public let hosts: [HostPattern]
    /// The user name of its configuration; nil where the kind decides.
    public let username: String?

    /// Makes a claim.
    public init(hosts: [HostPattern], username: String?) {
        self.hosts = hosts
        self.username = username
    }

    /// The claim that answers, by its place: the one with the longest path; of equal ones the one whose own user name was
    /// asked for, then the first. A claim with another user name than the one asked for is about another account.
    public static func best(for address: GitAddress, username: String?, among claims: [GitClaim]) -> Int? {
        fitting(address, username: username, among: claims).first
    }

    /// The claims between which their order alone decides: the one that answers, and behind it those that are passed over.
    public static func fitting(_ address: GitAddress, username: String?, among claims: [GitClaim]) -> [Int] {
        var best: (indices: [Int], rank: (length: Int, named: Int))?
        for (index, claim) in claims.enumerated() {
            if let username, let own = claim.username, own != username { continue }
            guard let length = claim.hosts.filter({ $0.means(address) }).map(\.path.count).max() else { continue }
            let rank = (length: length, named: username != nil && claim.username == username ? 1 : 0)
            if let known = best, rank == known.rank {
                best?.indices.append(index)
            } else if best.map({ rank > $0.rank }) ?? true {
                best = ([index], rank)
            }
        }
        return best?.indices ?? []
    }

    /// A pattern that two claims both have without anything to tell them apart: git's questions for it reach the first
    /// alone. Nil when there is none.
    public func clash(with other: GitClaim) -> HostPattern? {
        guard username == other.username else { return nil }
        return hosts.first { other.hosts.contains($0) }
    }
}
