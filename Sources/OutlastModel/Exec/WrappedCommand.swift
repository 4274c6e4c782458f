// What a command that is run for somebody is, as far as running it twice depends on it. Only git is known.

/// A command, read from its words.
public struct WrappedCommand: Hashable, Sendable {
    /// What a second run of it would mean.
    public enum Sort: Hashable, Sendable {
        /// git, at something that begins anew where it was interrupted: fetch, clone, …
        case gitRepeatable
        /// git push: what has arrived must be known first.
        case gitPush(PushWords)
        /// git, at something else.
        case gitOther
        /// Any other program: only whoever wrote it knows.
        case other
    }

    /// The sort.
    public let sort: Sort
    /// Program, and git's subcommand: what may be shown and stored of it. Arguments may be anything, so none is in it.
    public let name: String
    /// git's words before the subcommand, the program's own name included; empty for other programs.
    public let gitWords: [String]

    /// Reads a command.
    public init(_ words: [String]) {
        let program = words.first?.split(separator: "/").last.map(String.init) ?? ""
        guard program == "git" else {
            (sort, gitWords) = (.other, [])
            name = SafeText.line(program, limit: 60)
            return
        }
        let count = Self.globalWords(words)
        gitWords = Array(words[..<count])
        guard count < words.count, let action = Self.known(words[count]) else {
            (sort, name) = (.gitOther, "git")
            return
        }
        let rest = Array(words[(count + 1)...])
        name = "git \(action)"
        // A setting of this one run may make any word a program of its own.
        let isPlain = !gitWords.contains { $0.hasPrefix("alias.") || $0.hasPrefix("-calias.") }
        switch action {
        case "fetch", "pull", "clone", "ls-remote": sort = isPlain ? .gitRepeatable : .gitOther
        case "push": sort = isPlain ? .gitPush(PushWords(rest)) : .gitOther
        case "submodule":
            let verb = rest.first { !$0.hasPrefix("-") }
            sort = ["update", "add", "init", "sync"].contains(verb) ? .gitRepeatable : .gitOther
        case "remote":
            let verb = rest.first { !$0.hasPrefix("-") }
            sort = ["update", "show", "prune", "set-head"].contains(verb) ? .gitRepeatable : .gitOther
        case "lfs":
            let verb = rest.first { !$0.hasPrefix("-") }
            // Objects are stored by their content: those that are there are not sent again.
            sort = ["fetch", "pull", "push", "clone", "checkout"].contains(verb) ? .gitRepeatable : .gitOther
        default: sort = .gitOther
        }
    }

    /// Whether it is git.
    public var isGit: Bool { sort != .other }

    /// Subcommands that are named in messages: of those that are not known here nothing is repeated.
    private static func known(_ word: String) -> String? {
        let names = [
            "fetch", "pull", "clone", "ls-remote", "push", "submodule", "remote", "lfs", "commit", "merge", "rebase",
            "checkout", "switch", "tag", "archive", "worktree", "status", "log",
        ]
        return names.first { $0 == word }
    }

    /// How many words come before the subcommand.
    private static func globalWords(_ words: [String]) -> Int {
        let withValue = ["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--super-prefix", "--config-env"]
        var index = 1
        while index < words.count, words[index].hasPrefix("-") {
            index += withValue.contains(words[index]) ? 2 : 1
        }
        return min(index, words.count)
    }
}

/// The words of a push behind `push`.
public struct PushWords: Hashable, Sendable {
    /// A ref to be pushed.
    public struct Refspec: Hashable, Sendable {
        /// What is pushed.
        public let source: String
        /// Where to; nil for the same name.
        public let target: String?

        /// Makes a refspec.
        public init(source: String, target: String?) {
            self.source = source
            self.target = target
        }
    }

    /// The repository, as it was given; nil leaves it to git.
    public let repository: String?
    /// What is pushed where that is told by name, and by nothing else; nil where git decides.
    public let refspecs: [Refspec]?
    /// Whether it may overwrite or delete: a second time might hit what somebody else has put there meanwhile.
    public let isForced: Bool
    /// Whether it is told to push submodules too, each with a request of its own.
    public let recurses: Bool

    /// Reads the words.
    public init(_ words: [String]) {
        var plain: [String] = []
        var isForced = false
        var isWide = false
        var repository: String?
        var index = 0
        var isOver = false
        while index < words.count {
            let word = words[index]
            index += 1
            if isOver || !word.hasPrefix("-") || word == "-" {
                plain.append(word)
            } else if word == "--" {
                isOver = true
            } else if ["-o", "--push-option", "--receive-pack", "--exec", "--repo"].contains(word) {
                if word == "--repo", index < words.count { repository = words[index] }
                index += 1
            } else if word.hasPrefix("--repo=") {
                repository = String(word.dropFirst("--repo=".count))
            } else {
                let bare = word.prefix { $0 != "=" }
                if Self.forcing.contains(String(bare)) || Self.hasForcingLetter(word) { isForced = true }
                if Self.widening.contains(String(bare)) { isWide = true }
            }
        }
        if let first = plain.first { repository = first }
        let names = plain.dropFirst()
        isForced = isForced || names.contains { $0.hasPrefix("+") || $0.hasPrefix(":") }
        self.repository = repository
        self.isForced = isForced
        recurses = words.contains { word in
            word.hasPrefix("--recurse-submodules")
                && !["--recurse-submodules=no", "--recurse-submodules=check"].contains(word)
        }
        let isTold =
            !names.isEmpty && !isWide && !names.contains { $0.contains("*") || $0 == "tag" || $0.hasPrefix(":") }
        refspecs = isTold ? names.map { Self.refspec($0) } : nil
    }

    private static let forcing = ["--force", "--force-with-lease", "--mirror", "--delete", "--prune"]
    private static let widening = ["--all", "--branches", "--tags", "--follow-tags", "--mirror", "--delete", "--prune"]

    /// `-f` and `-d`, also among other letters.
    private static func hasForcingLetter(_ word: String) -> Bool {
        word.hasPrefix("-") && !word.hasPrefix("--") && !word.hasPrefix("-o")
            && word.utf8.contains { $0 == UInt8(ascii: "f") || $0 == UInt8(ascii: "d") }
    }

    private static func refspec(_ word: String) -> Refspec {
        let bare = word.hasPrefix("+") ? word.dropFirst() : word[...]
        guard let colon = bare.firstIndex(of: ":") else { return Refspec(source: String(bare), target: nil) }
        return Refspec(source: String(bare[..<colon]), target: String(bare[bare.index(after: colon)...]))
    }
}
