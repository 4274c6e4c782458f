// Where pins come from: what was given, else what the server's forge publishes, else what this program knows. A key that a
// server merely offers is accepted only when its fingerprint is pinned.

import OutlastModel

/// Finds what a server is recognised by.
struct HostKeyFinder: Sendable {
    private let world: World
    private let isOffline: Bool

    init(_ world: World, isOffline: Bool = false) {
        self.world = world
        self.isOffline = isOffline
    }

    /// The pins, and what is to be told about them.
    func pins(for way: PlannedWay) async throws(Failure) -> (pins: HostKeyPins, notes: [String]) {
        let server = way.route.server
        var pins = HostKeyPins()
        var notes: [String] = []
        try add(way.hostKeys, of: way, to: &pins)
        let given = pins
        if let file = way.knownHosts { try await add(file: file, for: server, way, to: &pins) }
        if way.hostKeys.isEmpty, way.knownHosts == nil { try await addPublished(server, to: &pins, &notes) }
        let refused = pins.refuse(world.ssh.retired)
        if !refused.isEmpty {
            let what = "\(server.text): \(refused.text(joinedBy: " and ")) is refused"
            var named = given
            // One that was named by itself is a mistake to mend; in a file it stands beside others.
            let isNamed = !named.refuse(world.ssh.retired).isEmpty
            guard !isNamed, !pins.isEmpty else {
                throw Failure(
                    .sshUnproved, what, hint: "take it out, and pin the keys that the server's operator publishes now")
            }
            notes.append(what)
        }
        guard !pins.isEmpty else { throw Self.missing(way) }
        try await complete(&pins, server, &notes)
        return (pins, notes)
    }

    private static func missing(_ way: PlannedWay) -> Failure {
        let server = way.route.server
        let place = way.knownHosts.map { "\(SafeText.line($0)) has no key of" } ?? "no host key is pinned for"
        return Failure(
            .sshUnproved, "\(place) \(server.text), and none is accepted unseen",
            hint:
                "pin one that its operator publishes: --host-key 'ssh-ed25519 AAAA…', --known-hosts FILE, or `host_keys` in `ssh`"
        )
    }

    // MARK: Given keys

    private func add(_ lines: [String], of way: PlannedWay, to pins: inout HostKeyPins) throws(Failure) {
        let code: ExitCode = way.pinsAreGiven ? .usage : .configuration
        for text in lines {
            if HostKey.isFingerprint(text) {
                pins.add(fingerprint: text)
                continue
            }
            guard let line = HostKeyLine(text) else {
                throw Failure(
                    code, "a host key that was given for \(way.route.name) is not a host key",
                    hint: "write `ssh-ed25519 AAAA…` as ssh-keyscan prints it, or its fingerprint SHA256:…")
            }
            guard line.names(way.route.server) || line.names.hasPrefix("|1|") else {
                throw Failure(
                    code, "a host key of \(way.route.name) is for \(SafeText.line(line.names))",
                    hint: "it has to be for \(way.route.server.knownName)")
            }
            pins.add(line)
        }
    }

    /// `ssh-keygen -F` reads known_hosts as ssh does: hashed names, patterns and marks.
    private func add(
        file: String, for server: SSHServer, _ way: PlannedWay, to pins: inout HostKeyPins
    ) async throws(Failure) {
        let code: ExitCode = way.pinsAreGiven ? .usage : .configuration
        guard let status = try? world.files.statusFollowingLinks(of: file), status.sort == .file else {
            throw Failure(
                code, "the known_hosts file of \(way.route.name) cannot be read: \(SafeText.line(file))",
                hint: "check that it exists and may be read")
        }
        var names = [server.knownName]
        // ssh, too, believes a line without a port.
        if server.port != 22 { names.append(server.host) }
        for name in names {
            let answer = try await world.processes.ask(
                ProcessQuestion(
                    ["ssh-keygen", "-F", name, "-f", file], environment: PlainEnvironment.of(world),
                    timeout: .seconds(20), largestOutput: 1 << 20))
            var isFound = false
            for text in answer.output.reveal().split(whereSeparator: \.isNewline) {
                guard let line = HostKeyLine(String(text)) else { continue }
                pins.add(line)
                isFound = true
            }
            if isFound { return }
        }
    }

    // MARK: Published keys

    private func addPublished(
        _ server: SSHServer, to pins: inout HostKeyPins, _ notes: inout [String]
    ) async throws(Failure) {
        if let ask = world.ssh.publishedHostKeys, !isOffline {
            do throws(Failure) {
                for key in (try await ask(server.host, server.port) ?? []).compactMap({ HostKey($0) }) {
                    if !pins.keys.contains(key) { pins.keys.append(key) }
                }
            } catch {
                notes.append("the host keys that \(server.text) publishes could not be asked for: \(error.message)")
            }
        }
        guard pins.isEmpty else { return }
        let name = server.port == 22 ? server.host : "\(server.host):\(server.port)"
        for known in world.ssh.published where known.hosts.contains(name) {
            pins.keys += known.keys.compactMap { HostKey($0) }
            // The other keys suffice: nobody has to be asked for this one's bytes.
            if pins.keys.isEmpty { pins.fingerprints += known.fingerprints }
        }
    }

    // MARK: Keys by their fingerprints

    /// ssh wants whole keys: the server is asked for its keys, and those with a pinned fingerprint are taken.
    private func complete(
        _ pins: inout HostKeyPins, _ server: SSHServer, _ notes: inout [String]
    ) async throws(Failure) {
        let wanted = pins.fingerprints.filter { print in !pins.keys.contains { $0.fingerprint == print } }
        guard !wanted.isEmpty, !isOffline else { return }
        let offered = try await offered(by: server)
        for key in offered where wanted.contains(key.fingerprint) && !pins.keys.contains(key) { pins.keys.append(key) }
        guard pins.keys.isEmpty, pins.authorities.isEmpty else { return }
        let seen = offered.isEmpty ? "no key" : offered.map(\.fingerprint).text(joinedBy: ", ")
        throw Failure(
            .sshUnproved, "\(server.text) shows \(seen), but pinned is \(wanted.text(joinedBy: ", "))",
            hint: "compare with what its operator publishes; if that has changed, pin the new key")
    }

    /// What the server shows to anyone; nothing is believed of it.
    func offered(by server: SSHServer) async throws(Failure) -> [HostKey] {
        let answer = try await world.processes.ask(
            ProcessQuestion(
                ["ssh-keyscan", "-T", "20", "-p", String(server.port), "--", server.host],
                environment: PlainEnvironment.of(world), timeout: .seconds(60)))
        return answer.output.reveal().split(whereSeparator: \.isNewline).compactMap { HostKeyLine(String($0))?.key }
    }
}
