// An original knows itself; a copy is a copy however well it was made.

import Foundation
import GRDB
import OutlastModel
import Testing

@testable import OutlastStorage

@Suite struct BirthTests {
    @Test(arguments: [
        // inode, birth, marker of the file as it is now; whether it is the original (made as 7, 100, 500)
        (UInt64(7), Int64?(100), Int64?(500), true), (7, 100, nil, true), (7, 100, 501, true),
        (8, 100, 500, false), (7, 101, 500, false), (7, nil, 500, true), (7, 0, 500, true), (7, nil, 501, false),
        (7, nil, nil, false), (8, nil, 500, false),
    ])
    func theMarkDecides(_ inode: UInt64, _ birth: Int64?, _ marker: Int64?, _ isOriginal: Bool) {
        let made = BirthMark(inode: 7, birth: 100, markerChanged: 500)
        #expect(made.isSameFile(as: BirthMark(inode: inode, birth: birth, markerChanged: marker)) == isOriginal)
    }

    @Test func withoutABirthTimeAtCreationTheMarkerDecides() {
        let made = BirthMark(inode: 7, birth: 0, markerChanged: 500)
        #expect(made.isSameFile(as: BirthMark(inode: 7, birth: 100, markerChanged: 500)))
        #expect(!made.isSameFile(as: BirthMark(inode: 7, birth: 100, markerChanged: 501)))
        #expect(
            !BirthMark(inode: 7, birth: nil, markerChanged: nil)
                .isSameFile(as: BirthMark(inode: 7, birth: nil, markerChanged: nil)))
    }

    @Test(arguments: [true, false])
    func aCopyOfTheWholeFolderIsACopy(_ tellsBirths: Bool) throws {
        let scene = try Scene(files: tellsBirths ? DiskFiles(birth: { _ in 1 }) : DiskFiles())
        let salt = try scene.open().salt
        #expect(try !scene.open().isCopy)
        try FileManager.default.copyItem(atPath: scene.folder + "/state", toPath: scene.folder + "/copy")
        let copy = try scene.open(scene.folder + "/copy/state.db")
        #expect(copy.copyReason == .moved)
        #expect(copy.warnings.count == 1)
        #expect(copy.salt == salt)
        #expect(try scene.open().copyReason == nil)
    }

    @Test func aFolderThatIsMovedAsAWholeStaysTheOriginal() throws {
        let scene = try Scene()
        _ = try scene.open()
        try FileManager.default.moveItem(atPath: scene.folder + "/state", toPath: scene.folder + "/moved")
        #expect(try scene.open(scene.folder + "/moved/state.db").copyReason == nil)
    }

    @Test func aStoreInTheWorkspaceOrTheDefaultOneOfAJobCountsAsACopy() throws {
        let scene = try Scene()
        #expect(try scene.open(context: scene.context(workspace: scene.folder)).copyReason == .insideWorkspace)
        #expect(try scene.open(context: scene.context(workspace: scene.folder + "/sta")).copyReason == nil)
        #expect(
            try scene.open("./x/../state/state.db", context: scene.context(workspace: scene.folder + "/state/"))
                .copyReason == .insideWorkspace)
        let inJob = try scene.open(context: scene.context(isDefaultInJob: true))
        #expect(inJob.copyReason == .defaultInJob)
        #expect(inJob.warnings.isEmpty)
    }

    @Test func aNetworkFileSystemGetsARollbackJournalAndAWarning() throws {
        let scene = try Scene(files: DiskFiles(kind: .remote("nfs")))
        let store = try scene.open()
        #expect(try store.perform { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "delete")
        #expect(store.warnings.contains { $0.contains("nfs") && $0.contains("PostgreSQL") })
        // The same store from a machine that has it on its own disk, and back.
        var local = scene.files
        local.kind = .local
        #expect(try scene.open(files: local).perform { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }
}
