// The variables that point git to a fallback, beside those that are there, and how they are taken back.

/// git's environment with and without a fallback.
public struct FallbackEnvironment: Sendable {
    /// Variables to set.
    public var variables: [GitVariable] = []
    /// Variables to take away.
    public var unset: [String] = []

    /// Nothing to change.
    public init() {}

    /// A setting for git, its value in parts.
    public struct Entry: Hashable, Sendable {
        /// The key.
        public let key: String
        /// The value.
        public let value: [GitVariable.Part]

        /// Makes a setting.
        public init(_ key: String, _ value: [GitVariable.Part]) {
            self.key = key
            self.value = value
        }
    }

    /// The variables for a fallback: its settings come last, and settings of an earlier one lose their meaning.
    ///
    /// - Parameters:
    ///   - file: git's configuration of the fallback.
    ///   - rules: Settings that cannot stand in that file.
    ///   - command: What git runs for ssh.
    ///   - variables: The environment as it is.
    ///   - isOurs: Whether a path is a file of a fallback.
    public init(
        file: String, rules: [Entry], command: String, over variables: Variables, isOurs: (String) -> Bool
    ) {
        let count = Self.count(variables)
        let old = Self.ours(variables, count, isOurs)
        // What is at the end is written over; what has others behind it is only emptied, for those may hold tokens.
        var base = count
        while base > 0, old.contains(base - 1) { base -= 1 }
        let entries = [Entry("include.path", [.text(file)])] + rules
        self.variables = [GitVariable("GIT_CONFIG_COUNT", [.text(String(base + entries.count))])]
        self.variables += Self.emptied(old.filter { $0 < base })
        for (offset, entry) in entries.enumerated() {
            self.variables.append(GitVariable("GIT_CONFIG_KEY_\(base + offset)", [.text(entry.key)]))
            self.variables.append(GitVariable("GIT_CONFIG_VALUE_\(base + offset)", entry.value))
        }
        for index in (base + entries.count)..<max(base + entries.count, count) { unset += Self.names(index) }
        self.variables.append(GitVariable("GIT_SSH_COMMAND", [.text(command)]))
        self.variables.append(GitVariable("GIT_SSH_VARIANT", [.text("ssh")]))
    }

    /// The environment without any fallback.
    ///
    /// - Parameters:
    ///   - previous: What the variables were before.
    ///   - canUnset: Whether variables can be taken away; else they get a value that means nothing.
    ///   - handedOn: The names that were given to whoever reads the same place as this (a later step of the job), while
    ///     this environment may not have them.
    public init(
        without variables: Variables, previous: [String: String], canUnset: Bool, handedOn: Set<String> = [],
        isOurs: (String) -> Bool
    ) {
        let count = Self.count(variables)
        let old = Self.ours(variables, count, isOurs)
        var base = count
        while base > 0, old.contains(base - 1) { base -= 1 }
        if canUnset {
            if base < count {
                if base == 0 {
                    unset.append("GIT_CONFIG_COUNT")
                } else {
                    self.variables.append(GitVariable("GIT_CONFIG_COUNT", [.text(String(base))]))
                }
            }
            self.variables += Self.emptied(old.filter { $0 < base })
            for index in base..<count { unset += Self.names(index) }
        } else if old.isEmpty, handedOn.contains("GIT_CONFIG_COUNT") {
            self.variables.append(GitVariable("GIT_CONFIG_COUNT", [.text(String(count))]))
            self.variables += Self.emptied(handedOn.compactMap { Self.index($0) }.filter { $0 >= count })
        } else {
            self.variables += Self.emptied(old)
        }
        let isCommandOurs = Self.isCommandOurs(variables["GIT_SSH_COMMAND"], isOurs)
        guard isCommandOurs || (!canUnset && handedOn.contains("GIT_SSH_COMMAND")) else { return }
        let previous = isCommandOurs ? previous : previous.merging(Self.command(variables)) { $1 }
        for (name, neutral) in [("GIT_SSH_COMMAND", "ssh"), ("GIT_SSH_VARIANT", "auto")] {
            if let value = previous[name] {
                self.variables.append(GitVariable(name, [.text(value)]))
            } else if canUnset {
                unset.append(name)
            } else {
                self.variables.append(GitVariable(name, [.text(neutral)]))
            }
        }
    }

    /// What is to be put back later: the command as it is, unless that is a fallback's.
    public static func previous(_ variables: Variables, isOurs: (String) -> Bool) -> [String: String] {
        guard !isCommandOurs(variables["GIT_SSH_COMMAND"], isOurs) else { return [:] }
        return command(variables)
    }

    private static func command(_ variables: Variables) -> [String: String] {
        var values: [String: String] = [:]
        for name in ["GIT_SSH_COMMAND", "GIT_SSH_VARIANT"] { values[name] = variables[name] }
        return values
    }

    /// The number in `GIT_CONFIG_KEY_n`.
    private static func index(_ name: String) -> Int? {
        let mark = "GIT_CONFIG_KEY_"
        return name.utf8.starts(with: mark.utf8) ? Int(name.dropFirst(mark.count)) : nil
    }

    /// Whether a command is one of a fallback.
    public static func isCommandOurs(_ command: String?, _ isOurs: (String) -> Bool) -> Bool {
        guard let command, command.hasPrefix("ssh -F '") else { return false }
        return isOurs(String(command.dropFirst("ssh -F '".count).prefix { $0 != "'" }))
    }

    private static func count(_ variables: Variables) -> Int {
        guard let count = variables["GIT_CONFIG_COUNT"].flatMap(Int.init), (0...100_000).contains(count) else {
            return 0
        }
        return count
    }

    /// The places of a fallback's settings: the file, and behind it the rules with a token.
    private static func ours(_ variables: Variables, _ count: Int, _ isOurs: (String) -> Bool) -> Set<Int> {
        var ours: Set<Int> = []
        var isBehind = false
        for index in 0..<count {
            let key = variables.all["GIT_CONFIG_KEY_\(index)"] ?? ""
            let value = variables.all["GIT_CONFIG_VALUE_\(index)"] ?? ""
            if key == "include.path" {
                isBehind = isOurs(value)
            } else {
                isBehind = isBehind && key.hasPrefix("url.ssh://")
            }
            if isBehind { ours.insert(index) }
        }
        return ours
    }

    private static func emptied(_ indices: some Sequence<Int>) -> [GitVariable] {
        indices.sorted().flatMap { index in
            [
                GitVariable("GIT_CONFIG_KEY_\(index)", [.text("outlast.off")]),
                GitVariable("GIT_CONFIG_VALUE_\(index)", [.text("")]),
            ]
        }
    }

    private static func names(_ index: Int) -> [String] { ["GIT_CONFIG_KEY_\(index)", "GIT_CONFIG_VALUE_\(index)"] }
}
