// Which addresses become which: git's `insteadOf` knows beginnings of texts and lets the longest one win, the first one
// among equals. From that are made: whole path segments, and rules that win against those which are there already.

/// A rule of git: what begins with `from` begins with `to` instead.
public struct GitRewrite: Hashable, Sendable {
    /// The beginning as it is written.
    public let from: String
    /// What takes its place.
    public let to: String

    /// Makes a rule.
    public init(from: String, to: String) {
        self.from = from
        self.to = to
    }
}

/// How addresses of a web server begin in some place: git compares letter by letter, so a user before the host, or a
/// capital in it, makes another address.
public struct WebBeginning: Hashable, Sendable {
    /// As these rules write it: `https://git.example.com/`.
    public let plain: String
    /// As it is written there: `https://org@Git.example.com/`.
    public let written: String

    /// Makes a beginning.
    public init(plain: String, written: String) {
        self.plain = plain
        self.written = written
    }
}

/// The rules for some ways out.
public struct GitRewrites: Sendable {
    /// The rules, in order.
    public private(set) var rules: [GitRewrite] = []
    private let routes: [SSHRoute]
    private let existing: [GitRewrite]
    private let beginnings: [WebBeginning]
    private var places: [String: Int] = [:]
    private var lengths: Set<Int> = []

    /// Makes the rules.
    ///
    /// - Parameters:
    ///   - routes: The ways out.
    ///   - existing: Rules that git has already, in git's order, whose `from` may be as long as ours.
    ///   - earlier: Rules of a fallback that this one is about to replace.
    ///   - beginnings: How addresses are written beside the usual forms.
    public init(
        _ routes: [SSHRoute], existing: [GitRewrite] = [], earlier: [GitRewrite] = [],
        beginnings: [WebBeginning] = []
    ) {
        self.routes = routes
        self.existing = existing
        self.beginnings = beginnings
        for route in routes {
            for pattern in route.patterns { add(pattern, route) }
        }
        let own = self
        for rule in existing + earlier { overcome(rule, own) }
    }

    /// What an address becomes by these rules; nil when none is about it.
    public func address(_ text: String) -> String? { best(text).map { $0.to + text.dropFirst($0.from.count) } }

    /// What the repository of an address becomes, however its host and user are written; nil when no rule is about it.
    public func repository(_ text: String) -> String? { GitRemote(text).flatMap { address($0.text) } }

    /// The rule with the longest beginning.
    private func best(_ text: String) -> GitRewrite? {
        let bytes = Array(text.utf8)
        for length in lengths.sorted(by: >) where length <= bytes.count {
            if let place = places[String(decoding: bytes[..<length], as: UTF8.self)] { return rules[place] }
        }
        return nil
    }

    // MARK: Beginnings

    private mutating func add(_ pattern: HostPattern, _ route: SSHRoute) {
        var all = Self.beginnings(pattern, route)
        for other in beginnings where all.contains(other.plain) { all.append(other.written) }
        for beginning in all where beginning != route.base {
            if pattern.path.isEmpty {
                add(GitRewrite(from: beginning, to: route.base))
            } else {
                add(pattern.bare.text(joinedBy: "/"), behind: beginning, pattern, route)
            }
        }
        // What is written as ours already goes to another way only where that one's path is longer.
        guard !pattern.path.isEmpty else { return }
        let shared = routes.filter { $0.server == route.server && $0.user == route.user }.count > 1
        if shared && route.alias == nil {
            add(pattern.bare.text(joinedBy: "/"), behind: route.base, pattern, route)
        }
    }

    /// The beginnings of addresses on a host, each up to its path.
    static func beginnings(_ pattern: HostPattern, _ route: SSHRoute) -> [String] {
        let web = HostPattern(host: pattern.host, port: pattern.port, path: [])
        var beginnings: [String] = []
        if web.port == nil || web.port == 443 {
            let bare = HostPattern(host: web.host, port: nil, path: []).text
            beginnings += ["https://\(bare)/", "https://\(bare):443/"]
        } else {
            beginnings.append("https://\(web.text)/")
        }
        if Origin(plainHost: web.host, port: web.port ?? 80).isLoopback { beginnings.append("http://\(web.text)/") }
        var hosts = [pattern.host]
        if !hosts.contains(route.server.host) { hosts.append(route.server.host) }
        for host in hosts {
            let shown = host.contains(":") ? "[\(host)]" : host
            var users = ["git"]
            if route.user != "git" { users.append(route.user) }
            for user in users {
                beginnings += ["\(user)@\(shown):", "ssh://\(user)@\(shown)/", "ssh://\(user)@\(shown):22/"]
                if host == route.server.host, route.server.port != 22 {
                    beginnings.append("ssh://\(user)@\(shown):\(route.server.port)/")
                }
            }
        }
        return beginnings
    }

    /// `group/app` means `group/app`, `group/app.git` and all below, but not `group/app-two`: for each character that a
    /// name may go on with, a longer rule leads back to where it would have gone.
    private mutating func add(_ path: String, behind beginning: String, _ pattern: HostPattern, _ route: SSHRoute) {
        add(GitRewrite(from: beginning + path, to: route.base + path))
        for character in Self.nameCharacters {
            let text = path + String(character)
            let other = parent(of: pattern, route).map { $0.base + text } ?? asBefore(beginning + text)
            add(GitRewrite(from: beginning + text, to: other))
        }
        add(GitRewrite(from: "\(beginning)\(path).git", to: "\(route.base)\(path).git"))
    }

    /// What git makes of an address without us.
    private func asBefore(_ text: String) -> String {
        var best: GitRewrite?
        for rule in existing where text.hasPrefix(rule.from) && rule.from.utf8.count > best?.from.utf8.count ?? 0 {
            best = rule
        }
        return best.map { $0.to + text.dropFirst($0.from.count) } ?? text
    }

    /// The way of whatever lies beside a path.
    private func parent(of pattern: HostPattern, _ route: SSHRoute) -> SSHRoute? {
        var best: (route: SSHRoute, length: Int)?
        for other in routes {
            for one in other.patterns where one.host == pattern.host && one.port == pattern.port {
                let isAbove =
                    one.path.count < pattern.path.count && zip(one.bare, pattern.bare).allSatisfy { $0 == $1 }
                if isAbove, one.path.count >= best?.length ?? 0 { best = (other, one.path.count) }
            }
        }
        return best?.route
    }

    private mutating func add(_ rule: GitRewrite) {
        if let index = places[rule.from] {
            // A guard gives way to a rule that means this very beginning.
            if rules[index].to != rule.to, isGuard(rules[index]) { rules[index] = rule }
            return
        }
        places[rule.from] = rules.count
        lengths.insert(rule.from.utf8.count)
        rules.append(rule)
    }

    private func isGuard(_ rule: GitRewrite) -> Bool { rule.from == rule.to || !rule.to.hasPrefix("ssh://") }

    // MARK: Rules that are there

    /// A rule that is there and as long as ours would win, being read first; one that leads to an address of ours would
    /// end there, since git follows one rule alone. One character more, and ours is longer.
    private mutating func overcome(_ rule: GitRewrite, _ own: GitRewrites) {
        // One of an earlier fallback that says the same.
        guard own.address(rule.from) != rule.to else { return }
        let isRival = own.best(rule.from) != nil
        for character in Self.pathCharacters {
            let text = rule.from + String(character)
            let target = rule.to + String(character)
            let wanted = isRival ? own.address(text) : own.address(target)
            guard let wanted, wanted != target, wanted != text else { continue }
            add(GitRewrite(from: text, to: wanted))
        }
    }

    private static let nameCharacters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~+")
    private static let pathCharacters = nameCharacters + Array("/%@:!$&'(),;=")

    // MARK: Text

    /// The rules as a configuration file of git.
    public var text: String {
        var text = "# Made by outlast ssh-fallback; removed by `outlast ssh-fallback --off`.\n"
        for rule in rules { text += Self.section(rule) }
        return text
    }

    /// A rule as a section, for fetching and for pushing.
    public static func section(_ rule: GitRewrite) -> String {
        "[url \(quoted(rule.to))]\n\tinsteadOf = \(quoted(rule.from))\n\tpushInsteadOf = \(quoted(rule.from))\n"
    }

    /// A text in git's double quotes.
    public static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text {
            if character == "\"" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "\""
    }
}

extension Origin {
    /// For asking whether a host is a loopback address.
    fileprivate init(plainHost host: String, port: Int) {
        self =
            ServerURL("http://" + HostPattern(host: host, port: port, path: []).text)?.origin
            ?? Origin(scheme: "http", host: host, port: port)
    }
}
