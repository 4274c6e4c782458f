import OutlastModel
import Testing

@Suite("Addresses of repositories")
struct GitRemoteTests {
    @Test(
        "every usual form is read, user and password of a web address are not kept",
        arguments: [
            ("https://git.example.com/group/app.git", "https://git.example.com/group/app.git"),
            ("https://user:token@Git.Example.com:8443/group/app", "https://git.example.com:8443/group/app"),
            ("https://token@git.example.com/a/b", "https://git.example.com/a/b"),
            ("http://127.0.0.1:80/a/b", "http://127.0.0.1:80/a/b"),
            ("ssh://git@git.example.com:2222/a/b.git", "ssh://git@git.example.com:2222/a/b.git"),
            ("git+ssh://git@git.example.com/a/b.git", "ssh://git@git.example.com/a/b.git"),
            ("ssh://git@[::1]:22/a/b.git", "ssh://git@[::1]:22/a/b.git"),
            ("git@git.example.com:a/b.git", "git@git.example.com:a/b.git"),
            ("git.example.com:a/b.git", "git.example.com:a/b.git"),
        ])
    func forms(_ text: String, _ read: String) { #expect(GitRemote(text)?.text == read) }

    @Test(
        "what is no address of a server, or means something to ssh, is none",
        arguments: [
            "", "/srv/git/app.git", "../app.git", "file:///srv/app.git", "git://git.example.com/app.git", "C:\\app",
            "https://git.example.com", "https:///app.git", "ssh://-oProxyCommand=x/app.git", "-oProxyCommand=x:app.git",
            "ssh://-o@git.example.com/app.git", "a b@git.example.com:app.git", "ssh://git@git.example.com:0/app.git",
            "git@git.example.com:", "https://git.example.com/a\u{0}b", "./a:b", "ext::sh -c x",
        ])
    func refused(_ text: String) { #expect(GitRemote(text) == nil) }

    @Test("a pattern means its repository and all below it, by whole segments")
    func patterns() throws {
        let pattern = try #require(HostPattern(text: "git.example.com/group/app"))
        for (text, isMeant) in [
            ("https://git.example.com/group/app.git", true), ("https://git.example.com/group/app", true),
            ("https://git.example.com/group/app/sub.git", true), ("git@git.example.com:group/app.git", true),
            ("https://git.example.com/group/app-two.git", false), ("https://git.example.com/group", false),
            ("https://git.example.com:8443/group/app.git", false), ("https://other.example.com/group/app.git", false),
        ] {
            #expect(pattern.means(try #require(GitRemote(text))) == isMeant, "\(text)")
        }
    }
}
