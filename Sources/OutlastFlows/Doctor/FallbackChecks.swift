// The way out over SSH, before the night that needs it: its key, and what its server is recognised by.

import OutlastModel

struct FallbackChecks: Sendable {
    private let world: World
    private let isOffline: Bool

    init(_ world: World, isOffline: Bool) {
        self.world = world
        self.isOffline = isOffline
    }

    func run(_ credential: CredentialConfiguration) async -> [HealthCheck] {
        guard let ssh = credential.ssh else { return [] }
        return await key(of: ssh, credential.name) + [await hostKeys(of: ssh, credential)]
    }

    // MARK: - The private key

    private func key(of ssh: SSHConfiguration, _ credential: String) async -> [HealthCheck] {
        let name = "ssh-key \(credential)"
        guard let source = ssh.key else {
            return [
                HealthCheck(
                    name, .warn,
                    "`ssh` names no key, so there is a fallback only with --key-env, --key-file or --provision",
                    remedy: "add `key: {env: DEPLOY_KEY}` to it")
            ]
        }
        let found: HealthCheck
        do throws(Failure) {
            let key = try await SSHKeyReader(world).read(
                SSHKeySource(source: source, origin: .configuration(place: nil)), for: credential)
            found = HealthCheck(name, .pass, "a whole private key without a passphrase, \(key.fingerprint)")
        } catch {
            found = HealthCheck(
                name, error, remedy: "give the job the private key, and the server its other half as a deploy key")
        }
        return [found, openFile(source, name)].compactMap { $0 }
    }

    /// A key that others may read is theirs, too.
    private func openFile(_ source: SecretSource, _ name: String) -> HealthCheck? {
        guard case .file(let path) = source, let status = try? world.files.statusFollowingLinks(of: path),
            status.permissions & 0o077 != 0
        else { return nil }
        return HealthCheck(
            name, .warn, "others than its owner may read or write \(path)",
            remedy: "chmod 600 \(ShellWord.quoted(path))")
    }

    // MARK: - The server

    private func hostKeys(of ssh: SSHConfiguration, _ credential: CredentialConfiguration) async -> HealthCheck {
        let name = "ssh-host-keys \(credential.name)"
        let server = SSHServer(host: ssh.host, port: ssh.port)
        let way = PlannedWay(
            route: SSHRoute(name: credential.name, server: server, user: ssh.user, patterns: []), key: nil,
            hostKeys: ssh.hostKeys, knownHosts: ssh.knownHosts, pinsAreGiven: false, needPush: ssh.needPush,
            credential: credential)
        let finder = HostKeyFinder(world, isOffline: isOffline)
        do throws(Failure) {
            let pins = try await finder.pins(for: way).pins
            let known = (pins.accepted + pins.authorities.map(\.fingerprint)).text(joinedBy: ", ")
            guard !isOffline else {
                return HealthCheck(name, .pass, "pinned for \(server.text): \(known); not compared (--offline)")
            }
            let offered = try await finder.offered(by: server)
            guard let first = offered.first else {
                return HealthCheck(
                    name, .warn, "\(server.text) does not answer ssh, so its keys could not be compared",
                    remedy: "see that this machine may reach it: `port` in `ssh`, firewall")
            }
            let isKnown = !pins.authorities.isEmpty || offered.contains { pins.accepted.contains($0.fingerprint) }
            guard isKnown else {
                return HealthCheck(
                    name, .fail, "\(server.text) shows \(first.fingerprint), but pinned is \(known)",
                    remedy:
                        "compare with what its operator publishes; if that has changed, pin the new key in `host_keys`")
            }
            return HealthCheck(name, .pass, "\(server.text) shows a key that is pinned")
        } catch { return HealthCheck(name, error) }
    }
}
