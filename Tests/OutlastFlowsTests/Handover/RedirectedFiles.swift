// The machine's files but for its shared memory, which other programs use while a test runs: a folder stands in for it.

import OutlastModel
import OutlastSystem

/// Real files, with another folder behind `/dev/shm`.
struct RedirectedFiles: FileSystem {
    let sharedMemory: String
    private let real = SystemFileSystem()

    init(sharedMemory: String) { self.sharedMemory = sharedMemory }

    private func place(_ path: String) -> String {
        path.hasPrefix("/dev/shm") ? sharedMemory + path.dropFirst("/dev/shm".count) : path
    }

    func status(of path: String) throws(Failure) -> FileStatus? { try real.status(of: place(path)) }
    func statusFollowingLinks(of path: String) throws(Failure) -> FileStatus? {
        try real.statusFollowingLinks(of: place(path))
    }
    func effectiveUser() -> UInt32 { real.effectiveUser() }
    func makeFolder(_ path: String, permissions: UInt32) throws(Failure) {
        try real.makeFolder(place(path), permissions: permissions)
    }
    func setPermissions(of path: String, to permissions: UInt32) throws(Failure) {
        try real.setPermissions(of: place(path), to: permissions)
    }
    func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] { try real.read(place(path), limit: limit) }
    func writeAtomically(_ path: String, _ bytes: [UInt8], permissions: UInt32) throws(Failure) {
        try real.writeAtomically(place(path), bytes, permissions: permissions)
    }
    func append(_ path: String, _ bytes: [UInt8]) throws(Failure) { try real.append(place(path), bytes) }
    func createExclusively(_ path: String, permissions: UInt32) throws(Failure) -> Bool {
        try real.createExclusively(place(path), permissions: permissions)
    }
    func remove(_ path: String) throws(Failure) { try real.remove(place(path)) }
    func names(in folder: String) throws(Failure) -> [String] { try real.names(in: place(folder)) }
    func nature(of path: String) throws(Failure) -> FileSystemNature { try real.nature(of: place(path)) }
    func removeFolder(_ path: String) throws(Failure) { try real.removeFolder(place(path)) }
}
