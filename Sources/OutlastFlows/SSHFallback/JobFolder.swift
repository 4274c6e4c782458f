// One folder for all that a fallback makes, below a folder that is ours alone. Its name tells who makes it, so that even an
// empty one of a maker that was killed is known for what it is.

import OutlastModel

/// The folder of one fallback.
struct JobFolder: Hashable, Sendable {
    let path: String

    /// The last part of the path.
    var name: String { path.split(separator: "/").last.map(String.init) ?? "" }
    var manifest: String { path + "/manifest.json" }
    var socket: String { path + "/agent" }
    var sshConfiguration: String { path + "/ssh_config" }
    var gitConfiguration: String { path + "/gitconfig" }
    var proof: String { path + "/proof" }
    func key(_ index: Int) -> String { "\(path)/key-\(index + 1)" }
    func publicKey(_ index: Int) -> String { "\(path)/key-\(index + 1).pub" }
    func knownHosts(_ index: Int) -> String { "\(path)/known_hosts-\(index + 1)" }

    /// The name of a folder: `ssh-PLACE-NUMBER-STARTED-RANDOM`.
    static func name(maker: KeptProcess?, random: String) -> String {
        let place = String(SHA256Digest(hashing: Array((maker?.place ?? "").utf8)).hex.prefix(8))
        return "ssh-\(place)-\(maker?.number ?? 0)-\(maker?.started ?? 0)-\(random)"
    }

    /// Whether a folder of this name is one of these.
    static func isName(_ name: String) -> Bool { parts(name) != nil }

    /// Who makes a folder of this name; nil for one of another machine, start or namespace.
    static func maker(_ name: String, here place: String) -> KeptProcess? {
        guard let parts = parts(name), parts[1] == String(SHA256Digest(hashing: Array(place.utf8)).hex.prefix(8)),
            let number = Int32(parts[2]), let started = UInt64(parts[3]), number > 0
        else { return nil }
        return KeptProcess(place: place, number: number, started: started)
    }

    /// Whether a path is a file in such a folder.
    static func isFile(_ path: String) -> Bool {
        let parts = path.split(separator: "/").suffix(2).map(String.init)
        return parts.count == 2 && ["ssh_config", "gitconfig"].contains(parts[1]) && isName(parts[0])
    }

    private static func parts(_ name: String) -> [String]? {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == "ssh", isHex(parts[1], 8), isHex(parts[4], 16), Int32(parts[2]) != nil,
            UInt64(parts[3]) != nil
        else { return nil }
        return parts
    }

    private static func isHex(_ text: String, _ count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}

/// Makes and finds the folders.
struct JobFolders: Sendable {
    /// A path to a socket may have no more bytes.
    private static let longestSocket = 100

    private let world: World
    private let folders: PrivateFolders

    init(_ world: World) {
        self.world = world
        folders = PrivateFolders(world)
    }

    /// Where the one who asks runs. Outside a CI a working tree is a place.
    func here(_ folder: String) -> FallbackPlace {
        let job = world.job
        if let identity = job?.identity {
            return FallbackPlace(slot: job?.slot ?? "\(job?.ci ?? "")/\(identity.id)", job: identity.id)
        }
        if let slot = job?.slot { return FallbackPlace(slot: slot, job: "") }
        return FallbackPlace(slot: "tree:\(world.files.effectiveUser()):\(folder)", job: "")
    }

    /// Makes a folder with its manifest.
    func make(_ manifest: FallbackManifest, holdsSocket: Bool) throws(Failure) -> JobFolder {
        let random = String(SHA256Digest(hashing: world.random(32)).hex.prefix(16))
        let name = JobFolder.name(maker: manifest.maker, random: random)
        var made: JobFolder?
        let missing = Failure.configuration(
            "there is no folder for the keys of the SSH fallback", hint: "set XDG_RUNTIME_DIR or HOME")
        try folders.inFirst(missing: missing) { parent throws(Failure) in
            let folder = JobFolder(path: "\(parent)/\(name)")
            if holdsSocket, folder.socket.utf8.count > Self.longestSocket {
                throw .configuration(
                    "\(SafeText.line(parent)) is too long for the path of an agent's socket",
                    hint: "set XDG_RUNTIME_DIR to a shorter one, or use --no-agent")
            }
            try world.files.makeFolder(folder.path, permissions: 0o700)
            do throws(Failure) { try write(manifest, to: folder) } catch {
                try? world.files.removeFolder(folder.path)
                throw error
            }
            made = folder
        }
        guard let made else { throw missing }
        return made
    }

    func write(_ manifest: FallbackManifest, to folder: JobFolder) throws(Failure) {
        try world.files.writeAtomically(folder.manifest, Array(manifest.text.utf8), permissions: 0o600)
    }

    func read(_ folder: JobFolder) -> FallbackManifest? {
        (try? world.files.read(folder.manifest, limit: 1 << 20)).flatMap { FallbackManifest($0) }
    }

    /// All folders, with what their manifests say.
    func all() -> [(folder: JobFolder, manifest: FallbackManifest?)] {
        var found: [(JobFolder, FallbackManifest?)] = []
        for parent in folders.candidates where folders.isOurs(parent) {
            for name in ((try? world.files.names(in: parent)) ?? []).sorted()
            where JobFolder.isName(name) {
                let folder = JobFolder(path: "\(parent)/\(name)")
                // A link in a folder's place is not followed, and is not ours.
                if folders.isOurs(folder.path) { found.append((folder, read(folder))) }
            }
        }
        return found
    }

    /// The folders that nobody needs any more.
    func leftovers(_ here: FallbackPlace) -> [(folder: JobFolder, manifest: FallbackManifest?)] {
        let now = world.clock.now()
        return all().filter { folder, manifest in
            guard let manifest else { return isAbandoned(folder) }
            let isAlive = manifest.maker.flatMap { world.ssh.agents?.isAlive($0) }
            return manifest.isLeftover(at: now, here: here, isMakerAlive: isAlive)
        }
    }

    /// Whether a folder without a manifest has lost its maker.
    private func isAbandoned(_ folder: JobFolder) -> Bool {
        let place = world.ssh.agents?.thisProcess()?.place ?? ""
        if let maker = JobFolder.maker(folder.name, here: place) {
            return world.ssh.agents?.isAlive(maker) == false
        }
        guard let status = try? world.files.status(of: folder.path) else { return false }
        return Instant(milliseconds: status.changed / 1_000_000).duration(to: world.clock.now()) > .seconds(86_400)
    }
}
