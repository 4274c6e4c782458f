// What ssh is told: a configuration file of ours that is as strict as can be about our servers, and leaves every other
// server to the user's own settings, which it only reads.

/// A way out with the files that it uses.
public struct SSHClientEntry: Hashable, Sendable {
    /// The way.
    public var route: SSHRoute
    /// The private key, or the public one where an agent has the private.
    public var identityFile: String
    /// The agent's socket; nil where a file holds the key.
    public var agent: String?
    /// The pinned keys.
    public var knownHosts: String

    /// Describes a way.
    public init(route: SSHRoute, identityFile: String, agent: String?, knownHosts: String) {
        self.route = route
        self.identityFile = identityFile
        self.agent = agent
        self.knownHosts = knownHosts
    }
}

/// Text for ssh.
public enum SSHClientConfiguration {
    /// The file. Of each option ssh takes the first value that it finds.
    ///
    /// - Parameter others: Files that decide about all other servers, where they are there.
    public static func text(_ entries: [SSHClientEntry], others: [String]) -> String {
        var text = "# Made by outlast ssh-fallback; removed by `outlast ssh-fallback --off`.\n"
        var names: [String] = []
        for entry in entries {
            var own = [entry.route.alias ?? entry.route.server.host]
            // Addresses that name the server itself, or its web host, reach it by its first way.
            for host in [entry.route.server.host] + entry.route.patterns.map(\.host)
            where !own.contains(host) && !names.contains(host) && !isNamedBySomeoneElse(host, entry, entries) {
                own.append(host)
            }
            let fresh = own.filter { !names.contains($0) }
            guard !fresh.isEmpty else { continue }
            names += fresh
            text += block(entry, names: fresh)
        }
        text += "Match originalhost \"*,\(names.map { "!" + $0 }.text(joinedBy: ","))\"\n"
        for file in others { text += "    Include \(quoted(file))\n" }
        return text
    }

    private static func isNamedBySomeoneElse(
        _ host: String, _ entry: SSHClientEntry, _ entries: [SSHClientEntry]
    ) -> Bool {
        entries.contains { $0 != entry && $0.route.alias == nil && $0.route.server.host == host }
    }

    private static func block(_ entry: SSHClientEntry, names: [String]) -> String {
        var lines = [
            "HostName \(entry.route.server.host)", "IdentityFile \(quoted(entry.identityFile))", "IdentitiesOnly yes",
            "IdentityAgent \(entry.agent.map(quoted) ?? "none")", "UserKnownHostsFile \(quoted(entry.knownHosts))",
            "GlobalKnownHostsFile /dev/null", "StrictHostKeyChecking yes", "UpdateHostKeys no", "CheckHostIP no",
            "VerifyHostKeyDNS no", "PreferredAuthentications publickey", "ForwardAgent no", "ForwardX11 no",
            "ClearAllForwardings yes", "ControlMaster no", "ControlPath none", "ProxyCommand none",
            "PermitLocalCommand no", "ConnectTimeout 20", "ConnectionAttempts 2", "ServerAliveInterval 15",
            "ServerAliveCountMax 8",
        ]
        // git names a port that is not 22 wherever it names the server itself.
        if entry.route.alias != nil || entry.route.server.port != 22 {
            lines.insert("Port \(entry.route.server.port)", at: 1)
        }
        return "Host \(names.text(joinedBy: " "))\n" + lines.map { "    \($0)\n" }.text(joinedBy: "")
    }

    /// What git runs in ssh's place.
    public static func command(configuration: String, isTalkative: Bool = false) -> String {
        "ssh -F \(ShellWord.quoted(configuration)) -o BatchMode=yes" + (isTalkative ? " -v" : "")
    }

    /// A path in the quotes of ssh's configuration, where `%` begins a token.
    static func quoted(_ path: String) -> String {
        var text = "\""
        for character in path {
            if character == "%" { text += "%%" } else { text.append(character) }
        }
        return text + "\""
    }
}
