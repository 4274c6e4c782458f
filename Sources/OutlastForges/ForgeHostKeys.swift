// The host keys that the public forges have published. One line here is all that a new table needs outside of its own file.
public import OutlastModel

/// All published host keys.
public enum ForgeHostKeys {
    /// GitHub's, GitLab.com's and Bitbucket's.
    public static let published = PublishedHostKeys([GitHub.hostKeys, GitLab.hostKeys, Bitbucket.hostKeys])
}

extension PublishedHostKeys.Table {
    /// A host on port 22, the same server on port 443 of another one, and its keys as lines.
    init(_ host: String, onPort443 other: String, lines: [String], retired: [PublishedHostKeys.Retired] = []) {
        self.init(
            place: PublishedHostKeys.Place(host: host, port: 22),
            throughHTTPSPort: PublishedHostKeys.Place(host: other, port: 443),
            keys: lines.compactMap { PublicKeyText($0) }.map { PublishedHostKeys.Key($0) }, retired: retired)
    }
}
