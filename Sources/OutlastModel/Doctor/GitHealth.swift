// What git's version and settings mean for us: pure, from git's own words.

/// A version of git, as far as it matters.
public struct GitVersion: Comparable, Sendable {
    /// The first number.
    public let major: Int
    /// The second number.
    public let minor: Int

    /// Makes a version.
    public init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `git version 2.39.5 (Apple Git-154)`; nil for anything else.
    public init?(parsing text: String) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard words.count >= 3, words[0] == "git", words[1] == "version" else { return nil }
        let numbers = words[2].split(separator: ".")
        guard numbers.count >= 2, let major = Int(numbers[0]), let minor = Int(numbers[1]) else { return nil }
        self.init(major, minor)
    }

    /// As `git` writes it.
    public var text: String { "\(major).\(minor)" }

    /// Orders by major, then by minor.
    public static func < (left: GitVersion, right: GitVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}

/// Judges what git said.
public enum GitHealth {
    /// The first version that takes settings from the environment (`GIT_CONFIG_COUNT`), which all that we do for git rests
    /// on.
    public static let oldest = GitVersion(2, 31)
    /// The first that stores no answer marked `ephemeral`; before, other helpers are kept out by being cleared.
    public static let knowsEphemeral = GitVersion(2, 44)

    /// Judges the answer to `git --version`.
    public static func version(_ answer: String) -> HealthCheck {
        guard let version = GitVersion(parsing: answer) else {
            return HealthCheck(
                "git", .warn, "its version is told as '\(SafeText.line(answer, limit: 60))', which is not git's form",
                remedy: "check which git comes first in PATH")
        }
        guard version >= oldest else {
            return HealthCheck(
                "git", .fail, "git \(version.text) takes no settings from the environment",
                remedy: "install git \(oldest.text) or newer: `credential env`, `exec` and `ssh-fallback` need it")
        }
        return HealthCheck("git", .pass, "git \(version.text)")
    }

    /// Judges the settings that stand between a credential and its server.
    ///
    /// - Parameters:
    ///   - settings: Keys with values, as git listed them.
    ///   - servers: The credentials' servers.
    ///   - ours: The name of our program, by which our own helper is known.
    public static func settings(_ settings: [GitSetting], servers: [String], ours: String) -> [HealthCheck] {
        var checks: [HealthCheck] = []
        let helpers = settings.filter { $0.key.hasSuffix(".helper") && $0.key.hasPrefix("credential") }
        // Without servers nothing is known about which addresses matter, so all count.
        let asked =
            servers.isEmpty
            ? helpers.inForce
            : servers.flatMap { server in helpers.filter { $0.isHelper(for: server) }.inForce }
        let others = asked.filter { !$0.value.contains(ours) }
        if others.isEmpty {
            checks.append(HealthCheck("git-helpers", .pass, "no other credential helper is configured"))
        } else {
            let names = others.map(\.value.helperName)
            checks.append(
                HealthCheck(
                    "git-helpers", .warn,
                    "another credential helper may answer first: \(Set(names).sorted().text(joinedBy: ", "))",
                    remedy: #"eval "$(outlast credential env)" makes outlast the only helper for the job's servers"#))
        }
        let headers = settings.filter {
            $0.key.hasSuffix(".extraheader") && $0.value.lowercasedHasPrefix("authorization")
        }
        if !headers.isEmpty {
            checks.append(
                HealthCheck(
                    "git-headers", .warn,
                    "git sends a token of its own with every request (\(headers.map { SafeText.line($0.key, limit: 80) }.text(joinedBy: ", "))), which wins over every helper",
                    remedy:
                        #"eval "$(outlast credential env)" clears it for the job; or check out without leaving credentials behind"#
                ))
        }
        let inAddress = settings.filter { $0.holdsToken }
        if !inAddress.isEmpty {
            checks.append(
                HealthCheck(
                    "git-addresses", .warn,
                    "the address of a remote holds a token: \(inAddress.map { SafeText.line($0.key, limit: 80) }.text(joinedBy: ", "))",
                    remedy: #"eval "$(outlast credential env)" takes it out for the job; `git remote set-url` for good"#
                ))
        }
        let rewritten = settings.filter { setting in
            setting.key.hasSuffix(".insteadof") && servers.contains { setting.value.contains($0) }
        }
        if !rewritten.isEmpty {
            checks.append(
                HealthCheck(
                    "git-rewrites", .warn,
                    "git rewrites addresses of a credential's server: \(rewritten.map { SafeText.line($0.key, limit: 80) }.text(joinedBy: ", "))",
                    remedy: "look with `git config --show-origin --get-regexp insteadof` whether that is meant"))
        }
        return checks
    }
}

extension Secret {
    fileprivate var isEmpty: Bool { count == 0 }

    /// A helper's name for a message: a plain word, or what kind of thing it is. A line for the shell may hold a token.
    fileprivate var helperName: String {
        withBytes { bytes in
            guard bytes.first != UInt8(ascii: "!") else { return "a line for the shell" }
            let word = bytes.prefix { $0 != UInt8(ascii: " ") }
            let isPlain =
                word.count <= 60
                && word.allSatisfy {
                    (97...122).contains($0) || (65...90).contains($0) || (45...57).contains($0)
                        || $0 == UInt8(ascii: "_")
                }
            return isPlain ? String(decoding: word, as: UTF8.self) : "a program"
        }
    }

    fileprivate func contains(_ part: String) -> Bool {
        withBytes { bytes in
            let wanted = Array(part.utf8)
            guard !wanted.isEmpty, bytes.count >= wanted.count else { return false }
            return (0...(bytes.count - wanted.count)).contains { start in
                bytes[start..<(start + wanted.count)].elementsEqual(wanted)
            }
        }
    }

    fileprivate func lowercasedHasPrefix(_ prefix: String) -> Bool {
        withBytes { bytes in
            bytes.prefix(prefix.utf8.count).lazy.map { (65...90).contains($0) ? $0 + 32 : $0 }
                .elementsEqual(prefix.utf8)
        }
    }
}

extension [GitSetting] {
    /// The helpers that git asks: an empty one takes back those that were named before it.
    fileprivate var inForce: [GitSetting] {
        var asked: [GitSetting] = []
        for setting in self {
            if setting.value.isEmpty { asked = [] } else { asked.append(setting) }
        }
        return asked
    }
}

extension GitSetting {
    /// Whether a helper's key, `credential.helper` or `credential.URL.helper`, is meant for a server.
    fileprivate func isHelper(for server: String) -> Bool {
        let address = key.dropFirst("credential.".count).dropLast(".helper".count)
        guard key != "credential.helper", !address.contains("*") else { return true }
        let parts = address.split(separator: "/", omittingEmptySubsequences: true)
        let place = parts.first?.hasSuffix(":") == true ? parts.dropFirst().first : parts.first
        guard let host = place?.split(separator: "@").last, !host.hasPrefix("[") else { return true }
        return host.prefix { $0 != ":" }.lowercased() == server
    }

    /// Whether this is an address with a password in it.
    fileprivate var holdsToken: Bool {
        guard key.hasSuffix(".url") || key.hasSuffix(".pushurl") else { return false }
        return value.withBytes { bytes in
            guard bytes.starts(with: "http".utf8), let at = bytes.firstIndex(of: UInt8(ascii: "@")) else {
                return false
            }
            let before = bytes[..<at]
            // `https://user@host` holds none; what stands before the path's first slash is what counts.
            guard before.filter({ $0 == UInt8(ascii: "/") }).count == 2 else { return false }
            return before.filter({ $0 == UInt8(ascii: ":") }).count > 1
        }
    }
}
