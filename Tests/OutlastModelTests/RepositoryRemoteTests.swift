// The address of a remote, read for host and path alone.

import OutlastModel
import Testing

@Suite("Remotes")
struct RepositoryRemoteTests {
    @Test(
        "each form of an address gives host and path",
        arguments: [
            ("https://gitlab.example.com/group/app.git", "gitlab.example.com", "group/app"),
            ("https://user:secret@gitlab.example.com/group/sub/app.git/", "gitlab.example.com", "group/sub/app"),
            ("https://Gitlab.Example.com:8443/group/app", "gitlab.example.com:8443", "group/app"),
            ("ssh://git@gitlab.example.com:2222/group/app.git", "gitlab.example.com", "group/app"),
            ("git@github.com:owner/app.git", "github.com", "owner/app"),
            ("github.com:owner/app", "github.com", "owner/app"),
            ("http://127.0.0.1:8080/group/app.git", "127.0.0.1:8080", "group/app"),
        ])
    func forms(_ address: String, _ host: String, _ path: String) throws {
        let remote = try #require(RepositoryRemote(address))
        #expect(remote.host == host)
        #expect(remote.path == path)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "/srv/git/app.git", "../app", "file:///srv/app", "https://", "https://host", "ftp://host/app",
            "https://host/a/../b", "https://host/a b", "https://host/a}\u{1B}[1m", "host:", "https://ho st/app",
            "git@host:{project: x}",
        ])
    func others(_ address: String) { #expect(RepositoryRemote(address) == nil) }
}
