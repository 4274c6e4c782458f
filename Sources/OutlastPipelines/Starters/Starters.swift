// What each CI begins with. Adding one is a file beside this one and a line here.
public import OutlastModel

/// The registry of starters.
public enum Starters {
    /// Every starter, in the order in which their marks are looked for: files that only a CI's own users have come first.
    public static let kit = StarterKit(
        starters: [
            GitLabStarter(), GitHubStarter(), FileStarter.azure, FileStarter.circleCI, FileStarter.bitbucket,
            BuildkiteStarter(),
            FileStarter.jenkins,
        ],
        forgeOfHost: { forge(ofHost: $0) })

    /// The forge that a host's name tells: the vendors' own hosts, and names that begin with a vendor's.
    static func forge(ofHost host: String) -> String? {
        let name = host.prefix { $0 != ":" }
        if name == "dev.azure.com" || name == "ssh.dev.azure.com" || name.hasSuffix(".visualstudio.com") {
            return "azure-devops"
        }
        for forge in ["gitlab", "github", "bitbucket"] where name.split(separator: ".").contains(Substring(forge)) {
            return forge
        }
        return nil
    }
}
