// Where the socket for git's helper lies: in a folder of ours alone, in memory where there is such a place. One that a
// killed run left is removed by the next.

import OutlastModel

struct ExecPlace: Sendable {
    /// The longest path that every system's sockets take, with room for the byte that ends it.
    static let longest = 100

    private let world: World
    private let folders: PrivateFolders

    init(_ world: World) {
        self.world = world
        folders = PrivateFolders(world)
    }

    /// Serves a socket at the first place that takes one.
    ///
    /// - Throws: why the last place did not.
    func serve(
        _ sockets: any HelperSockets, as process: Int32, _ answer: @escaping @Sendable (HelperCall) async -> Secret
    ) throws(Failure) -> (socket: any ServedSocket, path: String) {
        var failure = Failure.configuration(
            "there is no folder for the socket that answers git", hint: "set XDG_RUNTIME_DIR or HOME")
        for folder in folders.candidates {
            let path = "\(folder)/\(newName(process))"
            guard path.utf8.count <= Self.longest else { continue }
            do throws(Failure) {
                try world.files.makeFolder(folder, permissions: 0o700)
                guard folders.isOurs(folder) else {
                    throw .configuration("\(SafeText.line(folder)) is not a folder of ours alone")
                }
                return (try sockets.serve(at: path, answer), path)
            } catch { failure = error }
        }
        throw failure
    }

    private var mark: String { HandoverName.mark(of: world.processTable?.ancestry()?.place ?? "") }

    private func newName(_ process: Int32) -> String {
        let random = SHA256Digest(hashing: world.random(32)).hex.prefix(16)
        return "exec-\(mark)-\(process)-\(random)"
    }

    /// Removes the sockets of runs that are no more.
    func sweep() {
        guard let table = world.processTable, table.ancestry() != nil else { return }
        let mark = mark
        for folder in folders.candidates where folders.isOurs(folder) {
            for name in (try? world.files.names(in: folder)) ?? [] {
                let parts = name.split(separator: "-", omittingEmptySubsequences: false)
                guard parts.count == 4, parts[0] == "exec", parts[1] == mark, let process = Int32(parts[2]),
                    process > 0, !table.isAlive(process), let status = try? world.files.status(of: "\(folder)/\(name)"),
                    status.sort == .other, status.owner == world.files.effectiveUser()
                else { continue }
                try? world.files.remove("\(folder)/\(name)")
            }
        }
    }
}
