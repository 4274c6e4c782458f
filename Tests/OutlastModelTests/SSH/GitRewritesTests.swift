import OutlastModel
import Testing

@Suite("Rules for git's addresses")
struct GitRewritesTests {
    private func route(_ name: String, _ pattern: String, alias: String? = nil) throws -> SSHRoute {
        SSHRoute(
            name: name, server: SSHServer(host: "ssh.example.com", port: 2222), user: "git",
            patterns: [try #require(HostPattern(text: pattern))], alias: alias)
    }

    /// What git itself makes of an address: the longest beginning wins, the first among equals.
    private func git(_ text: String, _ rules: [GitRewrite]) -> String {
        var best: GitRewrite?
        for rule in rules where text.hasPrefix(rule.from) && rule.from.utf8.count > best?.from.utf8.count ?? 0 {
            best = rule
        }
        return best.map { $0.to + text.dropFirst($0.from.count) } ?? text
    }

    @Test("a whole host goes over SSH in every form")
    func host() throws {
        let rules = GitRewrites([try route("a", "git.example.com")]).rules
        for text in [
            "https://git.example.com/g/a.git", "https://git.example.com:443/g/a.git", "git@git.example.com:g/a.git",
            "ssh://git@git.example.com/g/a.git", "ssh://git@git.example.com:22/g/a.git", "git@ssh.example.com:g/a.git",
            "ssh://git@ssh.example.com:2222/g/a.git",
        ] { #expect(git(text, rules) == "ssh://git@ssh.example.com:2222/g/a.git", "\(text)") }
        #expect(git("https://git.example.com.evil/g/a.git", rules) == "https://git.example.com.evil/g/a.git")
        #expect(git("https://git.example.com:8443/g/a.git", rules) == "https://git.example.com:8443/g/a.git")
    }

    @Test("addresses with a user or with capitals go the same ways as those without, and no others do")
    func written() throws {
        let beginnings = [
            WebBeginning(plain: "https://git.example.com/", written: "https://org@git.example.com/"),
            WebBeginning(plain: "https://git.example.com/", written: "https://GIT.example.com/"),
            WebBeginning(plain: "https://elsewhere.example.com/", written: "https://me@elsewhere.example.com/"),
        ]
        let all = GitRewrites([try route("a", "git.example.com")], beginnings: beginnings)
        let one = GitRewrites([try route("a", "git.example.com/g/app")], beginnings: beginnings)
        for beginning in ["https://org@git.example.com/", "https://GIT.example.com/"] {
            #expect(git(beginning + "g/a.git", all.rules) == "ssh://git@ssh.example.com:2222/g/a.git")
            #expect(git(beginning + "g/app.git", one.rules) == "ssh://git@ssh.example.com:2222/g/app.git")
            #expect(git(beginning + "g/app-two", one.rules) == beginning + "g/app-two")
        }
        for text in ["https://me@elsewhere.example.com/g/a", "https://you@git.example.com/g/a"] {
            #expect(git(text, all.rules) == text)
        }
        #expect(all.repository("https://x:y@Git.Example.com/g/a.git") == "ssh://git@ssh.example.com:2222/g/a.git")
        #expect(all.repository("https://x:y@elsewhere.example.com/g/a.git") == nil)
    }

    @Test("of several keys each takes its own path by whole segments, the rest goes with the host's")
    func paths() throws {
        let routes = [
            try route("all", "git.example.com", alias: "x-all"),
            try route("app", "git.example.com/g/app", alias: "x-app"),
            try route("two", "git.example.com/g/app-two", alias: "x-two"),
        ]
        let rules = GitRewrites(routes).rules
        for (path, alias) in [
            ("g/app", "x-app"), ("g/app.git", "x-app"), ("g/app/sub", "x-app"), ("g/app-two", "x-two"),
            ("g/app-two.git", "x-two"), ("g/app-three", "x-all"), ("g/apple.git", "x-all"), ("g/ap", "x-all"),
            ("other", "x-all"), ("g/app-two-more", "x-all"), ("g/app.wiki", "x-all"),
        ] {
            #expect(git("https://git.example.com/\(path)", rules) == "ssh://git@\(alias)/\(path)")
            #expect(git("git@git.example.com:\(path)", rules) == "ssh://git@\(alias)/\(path)")
        }
    }

    @Test("rules that are there and as long do not win, and none that is there leads past ours")
    func rivals() throws {
        let existing = [
            GitRewrite(from: "git@git.example.com:", to: "https://git.example.com/"),
            GitRewrite(from: "org-1@git.example.com:", to: "https://git.example.com/"),
            GitRewrite(from: "https://git.example.com/", to: "https://mirror.example.com/"),
            GitRewrite(from: "https://git.example.com/g/", to: "https://mirror.example.com/g/"),
            GitRewrite(from: "https://elsewhere.example.com/", to: "https://mirror.example.com/"),
        ]
        // git reads those first.
        let rules = existing + GitRewrites([try route("a", "git.example.com")], existing: existing).rules
        for text in [
            "https://git.example.com/g/a.git", "git@git.example.com:g/a.git", "org-1@git.example.com:g/a.git",
            "https://git.example.com/x",
        ] { #expect(git(text, rules).hasPrefix("ssh://git@ssh.example.com:2222/"), "\(text)") }
        #expect(git("https://elsewhere.example.com/x", rules) == "https://mirror.example.com/x")
    }

    @Test("what lies beside a path goes where it went before, by whatever rule")
    func besides() throws {
        let existing = [GitRewrite(from: "https://git.example.com/", to: "https://mirror.example.com/")]
        let rules = existing + GitRewrites([try route("a", "git.example.com/g/app")], existing: existing).rules
        #expect(git("https://git.example.com/g/app.git", rules) == "ssh://git@ssh.example.com:2222/g/app.git")
        #expect(git("https://git.example.com/g/app-two", rules) == "https://mirror.example.com/g/app-two")
        #expect(git("https://git.example.com/other", rules) == "https://mirror.example.com/other")
    }

    @Test("the rules of an earlier fallback that say the same do not make more of themselves")
    func again() throws {
        let routes = [try route("a", "git.example.com"), try route("b", "git.example.com/g/app")]
        let first = GitRewrites(routes)
        #expect(GitRewrites(routes, earlier: first.rules).rules == first.rules)
    }
}
