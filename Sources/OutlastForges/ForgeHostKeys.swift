// The host keys that the public forges have published. One line here is all that a new table needs outside of its own file.
public import OutlastModel

/// All published host keys.
public enum ForgeHostKeys {
    /// GitHub's, GitLab.com's and Bitbucket's.
    public static let published = HostKeyBook([GitHub.hostKeys, GitLab.hostKeys, Bitbucket.hostKeys])
}

extension HostKeyBook.Table {
    /// A host on port 22, the same server on port 443 of another one, and its keys as lines.
    init(_ host: String, onPort443 other: String, lines: [String], retired: [HostKeyBook.Retired] = []) {
        self.init(
            place: HostKeyBook.Place(host: host, port: 22),
            throughHTTPSPort: HostKeyBook.Place(host: other, port: 443),
            keys: lines.compactMap { PublicKeyText($0) }.map { HostKeyBook.Key($0) }, retired: retired)
    }
}
