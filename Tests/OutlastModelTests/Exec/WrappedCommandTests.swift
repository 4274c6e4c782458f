// What a command is, by its words.

import OutlastModel
import Testing

@Suite("commands that are run for somebody")
struct WrappedCommandTests {
    private func sort(_ line: String) -> String {
        switch WrappedCommand(line.split(separator: " ").map(String.init)).sort {
        case .gitRepeatable: "repeatable"
        case .gitPush: "push"
        case .gitOther: "git"
        case .other: "other"
        }
    }

    @Test(
        "git is known by its name, and what it does by its subcommand",
        arguments: [
            ("git fetch", "repeatable"), ("/usr/bin/git pull --rebase", "repeatable"), ("git clone u d", "repeatable"),
            ("git -C dir -c a.b=c ls-remote", "repeatable"), ("git submodule update --init", "repeatable"),
            ("git submodule --quiet update", "repeatable"), ("git lfs pull", "repeatable"),
            ("git remote update", "repeatable"), ("git push", "push"), ("git -C d push origin", "push"),
            ("git submodule foreach make", "git"), ("git commit", "git"), ("git", "git"), ("git -C", "git"),
            ("git rebase --exec make", "git"), ("git -c alias.fetch=!make fetch", "git"),
            ("git remote add a b", "git"), ("make release", "other"), ("gitk fetch", "other"), ("sh -c git", "other"),
        ])
    func sorts(_ line: String, _ expected: String) { #expect(sort(line) == expected) }

    @Test("what is stored of a command holds none of its arguments")
    func names() {
        #expect(WrappedCommand(["git", "-C", "secret", "push", "secret"]).name == "git push")
        #expect(WrappedCommand(["git", "secret"]).name == "git")
        #expect(WrappedCommand(["/opt/tool", "--token", "secret"]).name == "tool")
        #expect(WrappedCommand([]).name == "")
    }

    @Test("how often a command may be run: twice for git, once for others, and as often as somebody says")
    func allowance() {
        let (git, make) = (WrappedCommand(["git", "push"]), WrappedCommand(["make"]))
        #expect(ExecRule.attempts(of: git, given: nil) == 2 && ExecRule.attempts(of: make, given: nil) == 1)
        #expect(ExecRule.attempts(of: git, given: 1) == 1 && ExecRule.attempts(of: make, given: 5) == 5)
    }

    @Test(
        "what a push names, and whether it may overwrite",
        arguments: [
            ("origin main", "origin", "main>", false), ("origin HEAD:main v1", "origin", "HEAD>main v1>", false),
            ("-u origin main", "origin", "main>", false), ("-o ci.skip origin main", "origin", "main>", false),
            ("--repo=up", "up", "?", false), ("--repo up", "up", "?", false), ("", "-", "?", false),
            ("origin", "origin", "?", false), ("origin --tags", "origin", "?", false),
            ("origin main --tags", "origin", "?", false), ("origin +main", "origin", "main>", true),
            ("-f origin main", "origin", "main>", true), ("-uf origin main", "origin", "main>", true),
            ("--force-with-lease=main origin main", "origin", "main>", true), ("--mirror up", "up", "?", true),
            ("origin :old", "origin", "?", true), ("-d origin old", "origin", "old>", true),
            ("--delete origin old", "origin", "?", true), ("origin refs/heads/*:refs/heads/*", "origin", "?", false),
            ("origin tag v1", "origin", "?", false), ("-- origin main", "origin", "main>", false),
            ("--follow-tags origin main", "origin", "?", false), ("--no-verify origin main", "origin", "main>", false),
        ])
    func pushes(_ line: String, _ repository: String, _ refs: String, _ isForced: Bool) {
        let push = PushWords(line.split(separator: " ").map(String.init))
        let shown = push.refspecs.map { $0.map { "\($0.source)>\($0.target ?? "")" }.joined(separator: " ") } ?? "?"
        #expect(push.repository ?? "-" == repository)
        #expect(shown == refs && push.isForced == isForced, "\(push)")
    }

    @Test(
        "whether a push is told to push submodules too",
        arguments: [
            ("--recurse-submodules=on-demand origin", true), ("--recurse-submodules origin", true), ("origin", false),
            ("--recurse-submodules=check origin", false), ("--recurse-submodules=no origin", false),
            ("--no-recurse-submodules origin", false),
        ])
    func submodules(_ line: String, _ recurses: Bool) {
        #expect(PushWords(line.split(separator: " ").map(String.init)).recurses == recurses)
    }
}
