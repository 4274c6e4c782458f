// A store that others could have written is not used; what we make, others cannot write.

import Foundation
import OutlastModel
import OutlastStorage
import OutlastTestKit
import Testing

@Suite struct GuardTests {
    /// All files of a store in use, the log and the shared memory included.
    private static let suffixes = ["", "-wal", "-shm", ".birth"]

    @Test(arguments: [(false, UInt32(0o700), UInt32(0o600)), (true, 0o2770, 0o660)])
    func whatIsMadeHasTheRightPermissionsWhateverTheUmask(_ isShared: Bool, _ folder: UInt32, _ file: UInt32)
        async throws
    {
        await #expect(processExitsWith: .success) { [isShared, folder, file] in
            for mask in [0, 0o022, 0o077] as [mode_t] {
                umask(mask)
                let scene = try Scene()
                let store = try scene.open(sharedWithGroup: isShared)
                try store.write(RunRecord(events: [Event(at: Scene.now, event: "doctor", outcome: "ok")]))
                guard try scene.permissions(scene.folder + "/state") == folder else { exit(1) }
                for suffix in GuardTests.suffixes where try scene.permissions(scene.path + suffix) != file { exit(2) }
            }
        }
    }

    @Test(arguments: [
        ("/state", UInt32(0o777), "every user"), ("/state", 0o1777, "every user"), ("/state", 0o770, "group"),
        ("/state/state.db", 0o602, "every user"), ("/state/state.db", 0o660, "group"),
        ("/state/state.db-wal", 0o606, "every user"), ("/state/state.db-shm", 0o660, "group"),
    ])
    func whatOthersCanWriteIsRefused(_ path: String, _ permissions: UInt32, _ word: String) throws {
        let scene = try Scene()
        let keepsTheLog = try scene.open()
        try keepsTheLog.write(RunRecord(events: [Event(at: Scene.now, event: "doctor", outcome: "ok")]))
        try scene.files.setPermissions(of: scene.folder + path, to: permissions)
        for access in [StoreAccess.readWrite, .readOnly] {
            let refusal = try #require(failure { try scene.open(access: access) })
            #expect(refusal.code == .stateUnusable)
            #expect(refusal.message.contains(word))
            #expect(refusal.hint?.contains("chmod") == true)
        }
    }

    @Test func theGroupMayWriteWhereThatIsMeantAndNobodyElse() throws {
        let scene = try Scene()
        _ = try scene.open(sharedWithGroup: true)
        #expect(failure { try scene.open() }?.hint?.contains("?mode=group") == true)
        _ = try scene.open(sharedWithGroup: true)
        try scene.files.setPermissions(of: scene.path, to: 0o666)
        #expect(failure { try scene.open(sharedWithGroup: true) }?.code == .stateUnusable)
    }

    @Test func aStoreOfAnotherUserIsRefusedUnlessItIsShared() throws {
        let scene = try Scene()
        _ = try scene.open()
        // Our own files look like another user's when we are someone else; root's would pass.
        try #require(chown(scene.path, 4242, gid_t.max) == 0 || geteuid() != 0)
        var stranger = DiskFiles()
        stranger.user = 4243
        guard geteuid() != 0 else {
            #expect(failure { try scene.open() }?.message.contains("belongs to another user") == true)
            #expect(failure { try scene.open(sharedWithGroup: true) } == nil)
            return
        }
        #expect(failure { try scene.open(files: stranger) }?.message.contains("belongs to another user") == true)
        #expect(failure { try scene.open(sharedWithGroup: true, files: stranger) } == nil)
    }

    @Test(arguments: ["", "-wal", "-journal"])
    func aLinkInTheStoresPlaceIsRefused(_ suffix: String) throws {
        let scene = try Scene()
        _ = try scene.open()
        try FileManager.default.moveItem(atPath: scene.path, toPath: scene.folder + "/elsewhere.db")
        if !suffix.isEmpty {
            try FileManager.default.moveItem(atPath: scene.folder + "/elsewhere.db", toPath: scene.path)
        }
        try? FileManager.default.removeItem(atPath: scene.path + suffix)
        symlink(scene.folder + "/elsewhere.db", scene.path + suffix)
        #expect(failure { try scene.open() }?.code == .stateUnusable)
    }

    @Test func aFolderInTheStoresPlaceIsRefused() throws {
        // In a folder of the scene's own: the system's folder for temporary files may be everybody's, which is refused first.
        let scene = try Scene()
        try FileManager.default.createDirectory(atPath: scene.path, withIntermediateDirectories: true)
        #expect(failure { try scene.open() }?.message.contains("is a folder") == true)
    }

    @Test func readingMakesNothing() throws {
        let scene = try Scene()
        let refusal = try #require(failure { try scene.open(access: .readOnly) })
        #expect(refusal.code == .stateUnusable)
        #expect(try scene.files.status(of: scene.folder + "/state") == nil)
    }

    private func failure(_ body: () throws -> SQLiteStore) -> Failure? { OutlastStorageTests.failure(of: body) }
}
