// A folder of its own on the real disk, with a store in it.

import Foundation
import OutlastModel
import OutlastStorage

/// A scratch folder that is removed with the last reference.
final class Scene: Sendable {
    let folder: String
    let files: DiskFiles

    init(files: DiskFiles = DiskFiles()) throws {
        folder = FileManager.default.temporaryDirectory.path + "/outlast-store-" + UUID().uuidString
        self.files = files
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var path: String { folder + "/state/state.db" }

    static let now = Instant(seconds: 1_795_132_800)

    func context(workspace: String? = nil, isDefaultInJob: Bool = false) -> StoreContext {
        StoreContext(now: Self.now, directory: folder, workspace: workspace, isDefaultInJob: isDefaultInJob)
    }

    func open(
        _ path: String? = nil, access: StoreAccess = .readWrite, sharedWithGroup: Bool = false,
        context: StoreContext? = nil, files: DiskFiles? = nil
    ) throws -> SQLiteStore {
        try SQLiteStore.open(
            .sqlite(path: path ?? self.path, sharedWithGroup: sharedWithGroup), access: access,
            files: files ?? self.files, context: context ?? self.context())
    }

    func permissions(_ path: String) throws -> UInt32 { try files.status(of: path)?.permissions ?? 0 }
}

/// The failure that a body ends with; nil when it does not, or with something else.
func failure<Result>(of body: () throws -> Result) -> Failure? {
    do {
        _ = try body()
        return nil
    } catch { return error as? Failure }
}
