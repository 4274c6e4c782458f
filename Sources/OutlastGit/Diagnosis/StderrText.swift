// The end of a command's stderr as lines, and the lines as stories: what one git had to say, up to its last word.

import OutlastModel

/// The lines that count.
struct StderrText: Sendable {
    /// How many bytes of the end are looked at.
    static let window = 65_536
    /// How many lines of it are looked at; a story of git's has a few dozen.
    static let mostLines = 2_000

    let lines: [StderrLine]

    /// Takes the last `window` bytes. A carriage return ends a line too: progress is drawn over itself. A line that the
    /// cut goes through is left out, since what is missing may be the first half of a secret.
    init(_ stderr: [UInt8]) {
        var tail = stderr.suffix(Self.window)
        if stderr.count > Self.window, let end = tail.firstIndex(where: Self.endsLine) {
            tail = tail[(end + 1)...]
        } else if stderr.count > Self.window {
            tail = []
        }
        lines = tail.split(whereSeparator: Self.endsLine).suffix(Self.mostLines).compactMap(StderrLine.init)
    }

    private static func endsLine(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// The lines of each git (or ssh, or git-lfs), in order. A `fatal:` is the last word of one; so is the sentence that
    /// a push ends with. What follows only explains it, or belongs to the next.
    var stories: [ArraySlice<StderrLine>] {
        var stories: [ArraySlice<StderrLine>] = []
        var start = 0
        for (index, line) in lines.enumerated() where line.mark == .fatal || line.contains(Self.pushFailed) {
            stories.append(lines[start...index])
            start = index + 1
        }
        if start < lines.count { stories.append(lines[start...]) }
        return stories
    }

    static let pushFailed = "failed to push some refs"
}

extension StderrLine {
    /// `fatal:` lines that only say that something before went wrong.
    var isGenericEnd: Bool {
        guard mark == .fatal else { return true }
        return Self.genericEnds.contains { contains($0) }
    }

    private static let genericEnds = [
        "could not read from remote repository", "the remote end hung up", "expected flush after ref listing",
        "early eof", "index-pack", "into submodule path", "in submodule path", "unable to write request to remote",
        "unexpected disconnect", "smudge filter lfs failed",
    ]

    /// Lines that say nothing about a cause and that end many logs: they do not make what stands before them doubtful.
    var isAfterword: Bool {
        switch mark {
        case .fatal?, .error?, .server?, .ref?: return true
        default: return Self.afterwords.contains { begins(with: $0) }
        }
    }

    private static let afterwords = [
        "please make sure you have the correct access rights", "and the repository exists", "everything up-to-date",
        "hint: ", "to ", "from ", "make: ***", "make[", "error: job failed", "process completed with exit code",
        "cleaning up", "script returned exit code", "warning: ", "aborting", "failed to clone", "cloning into",
        "fetching ", "asked for:", "redirect:", "exit status", "completed with errors", "uploading lfs", "+ ", "$ ",
        "submodule ", "git lfs", "lfs:", "batch response", "connection closed", "host key", "errors logged to",
        "use `git lfs logs", "downloading ", "error downloading", "check that you have", "check that it exists",
        "to add an exception",
        "git config --global", "another git process", "an editor opened by", "are terminated then try again",
        "may have crashed", "remove the file manually",
    ]
}
