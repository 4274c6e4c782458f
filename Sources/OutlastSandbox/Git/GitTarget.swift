// Which repository and which service a path means.

/// What a git-over-HTTP request asks for.
struct GitTarget: Sendable, Equatable {
    enum Style: String, Sendable {
        case gitlab
        case github
    }

    var style: Style
    /// `group/app`, without `.git`.
    var repository: String
    /// `info/refs`, `git-upload-pack` or `git-receive-pack`.
    var tail: String
    var isPush: Bool

    var isAdvertisement: Bool { tail == "info/refs" }

    /// The operation's name for log and counters.
    var operation: String { "git.\(isPush ? "push" : "fetch").\(isAdvertisement ? "refs" : "pack")" }

    /// The target of a call, `nil` when its path is not one of git's.
    init?(_ call: Call) {
        var segments = call.segments
        guard let last = segments.popLast() else { return nil }
        switch last {
        case "refs":
            guard segments.popLast() == "info" else { return nil }
            tail = "info/refs"
            isPush = call.query.contains { $0.key == "service" && $0.value == "git-receive-pack" }
        case "git-upload-pack", "git-receive-pack":
            tail = last
            isPush = last == "git-receive-pack"
        default: return nil
        }
        style = .gitlab
        if segments.first == "github-git" {
            style = .github
            segments.removeFirst()
        }
        guard segments.count >= 2, !segments.contains(".."), !segments.contains(where: { $0.contains("/") }) else {
            return nil
        }
        let joined = segments.joined(separator: "/")
        repository = joined.hasSuffix(".git") ? String(joined.dropLast(4)) : joined
    }

    /// The path of the bare repository below the git root.
    var folder: String { "\(style.rawValue)/\(repository).git" }
}
