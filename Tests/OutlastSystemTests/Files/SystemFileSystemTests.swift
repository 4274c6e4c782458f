// Files of a real file system, friendly and hostile ones.

import Foundation
import OutlastModel
import Testing

@testable import OutlastSystem

@Suite struct SystemFileSystemTests {
    private let files = SystemFileSystem()
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: folder[name], withDestinationPath: target)
    }

    private func permissions(_ name: String) throws -> UInt32? { try files.status(of: folder[name])?.permissions }

    // MARK: Status

    @Test func statusTellsWhatIsThere() throws {
        let before = SystemClock().now()
        try folder.write("12345", to: "file")
        try files.setPermissions(of: folder["file"], to: 0o640)
        let status = try #require(try files.status(of: folder["file"]))
        #expect(status.sort == .file)
        #expect(status.size == 5)
        #expect(status.permissions == 0o640)
        #expect(status.owner == files.effectiveUser())
        #expect(status.inode != 0)
        // The kernel's time stamps are those of its last tick.
        #expect(status.changed / 1_000_000 >= before.milliseconds - 1000)
        if let birth = status.birth { #expect(birth <= status.changed) }
        #expect(try files.status(of: folder.path)?.sort == .folder)
        #expect(try files.status(of: "/dev/null")?.sort == .other)
    }

    @Test func statusDoesNotFollowLinks() throws {
        try folder.write("x", to: "file")
        try link("link", to: "file")
        try link("nowhere", to: "missing")
        #expect(try files.status(of: folder["link"])?.sort == .link)
        #expect(try files.statusFollowingLinks(of: folder["link"])?.sort == .file)
        #expect(try files.status(of: folder["nowhere"])?.sort == .link)
        #expect(try files.statusFollowingLinks(of: folder["nowhere"]) == nil)
    }

    @Test func aFileThatIsRenamedTakesTheOthersPlace() throws {
        try folder.write("new", to: "a")
        try folder.write("old", to: "b")
        try link("c", to: "b")
        try files.rename(folder["a"], to: folder["b"])
        #expect(try folder.read("b") == "new" && folder.names() == ["b", "c"])
        // The link itself goes, not what it leads to.
        try files.rename(folder["b"], to: folder["c"])
        #expect(try folder.names() == ["c"] && folder.read("c") == "new")
        #expect(throws: Failure.self) { try files.rename(folder["none"], to: folder["c"]) }
        #expect(throws: Failure.self) { try files.rename(folder["c"], to: folder["none/c"]) }
    }

    @Test func namesAreThoseInTheFolder() throws {
        try folder.write("x", to: "file")
        try folder.write("x", to: ".hidden")
        try link("link", to: "missing")
        #expect(try files.names(in: folder.path).sorted() == [".hidden", "file", "link"])
        #expect(throws: Failure.self) { try files.names(in: folder["missing"]) }
        #expect(throws: Failure.self) { try files.names(in: folder["file"]) }
    }

    @Test func missingPathHasNoStatus() throws {
        try folder.write("x", to: "file")
        #expect(try files.status(of: folder["missing"]) == nil)
        #expect(try files.status(of: folder["file/below"]) == nil)
        #expect(try files.status(of: folder["missing/below"]) == nil)
    }

    @Test func birthStaysWhenTheFileIsWritten() throws {
        try folder.write("x", to: "file")
        let first = try #require(try files.status(of: folder["file"]))
        try files.append(folder["file"], Array("more".utf8))
        #expect(try files.status(of: folder["file"])?.birth == first.birth)
        #expect(try files.status(of: folder["file"])?.inode == first.inode)
    }

    @Test func copyHasAnotherInode() throws {
        try folder.write("x", to: "file")
        try FileManager.default.copyItem(atPath: folder["file"], toPath: folder["copy"])
        #expect(try files.status(of: folder["file"])?.inode != files.status(of: folder["copy"])?.inode)
    }

    @Test func failureNamesThePathSafely() throws {
        let error = #expect(throws: Failure.self) { try files.read(folder["a\u{1B}[31m\nb"], limit: 1) }
        #expect(error?.message.contains("no such file") == true)
        #expect(error?.message.unicodeScalars.contains { SafeText.isUnsafe($0) } == false)
    }

    @Test func pathWithANulIsRefused() throws {
        try folder.write("x", to: "file")
        #expect(throws: Failure.self) { try files.read(folder["file"] + "\u{0}.txt", limit: 10) }
        #expect(throws: Failure.self) { try files.status(of: folder["file"] + "\u{0}") }
        #expect(throws: Failure.self) { try files.writeAtomically(folder["new\u{0}x"], [], permissions: 0o600) }
        #expect(throws: Failure.self) { try files.status(of: "") }
        #expect(try folder.names() == ["file"])
    }

    // MARK: Reading

    @Test func fileIsReadUpToItsLimit() throws {
        try folder.write("12345", to: "file")
        #expect(try files.read(folder["file"], limit: 5) == Array("12345".utf8))
        let error = #expect(throws: Failure.self) { try files.read(folder["file"], limit: 4) }
        #expect(error?.message.contains("more than 4 bytes") == true)
    }

    @Test func endlessFileIsNotReadForEver() {
        #expect(throws: Failure.self) { try files.read("/dev/zero", limit: 1 << 20) }
    }

    @Test func folderIsNotRead() {
        #expect(throws: Failure.self) { try files.read(folder.path, limit: 100) }
    }

    @Test func readingFollowsLinks() throws {
        try folder.write("x", to: "file")
        try link("link", to: "file")
        #expect(try files.read(folder["link"], limit: 10) == Array("x".utf8))
    }

    @Test func pipeIsReadToItsEnd() throws {
        #expect(mkfifo(folder["pipe"], 0o600) == 0)
        let path = folder["pipe"]
        Thread.detachNewThread { try? "token".write(toFile: path, atomically: false, encoding: .utf8) }
        #expect(try files.read(path, limit: 100) == Array("token".utf8))
    }

    // MARK: Folders. Permissions that every usual umask takes something from show that it does not count.

    @Test func foldersAreMadeWithTheirPermissions() throws {
        try files.makeFolder(folder["a/b/c/"], permissions: 0o700)
        try files.makeFolder(folder["shared"], permissions: 0o2777)
        for name in ["a", "a/b", "a/b/c"] { #expect(try permissions(name) == 0o700) }
        #expect(try permissions("shared") == 0o2777)
    }

    @Test func existingFolderIsLeft() throws {
        try files.makeFolder(folder["a"], permissions: 0o755)
        try link("link", to: "a")
        try files.makeFolder(folder["a"], permissions: 0o700)
        try files.makeFolder(folder["link"], permissions: 0o700)
        #expect(try permissions("a") == 0o755)
    }

    @Test func fileInAFoldersPlaceIsAFailure() throws {
        try folder.write("x", to: "file")
        #expect(throws: Failure.self) { try files.makeFolder(folder["file"], permissions: 0o700) }
        #expect(throws: Failure.self) { try files.makeFolder(folder["file/below"], permissions: 0o700) }
    }

    // MARK: Writing

    @Test func fileIsWrittenWholeWithItsPermissions() throws {
        try files.writeAtomically(folder["new"], Array("token".utf8), permissions: 0o600)
        #expect(try folder.read("new") == "token")
        #expect(try permissions("new") == 0o600)
        try files.writeAtomically(folder["new"], Array("other".utf8), permissions: 0o666)
        #expect(try folder.read("new") == "other")
        #expect(try permissions("new") == 0o666)
        #expect(try folder.names() == ["new"])
    }

    @Test func linkInTheTargetsPlaceIsReplaced() throws {
        try folder.write("precious", to: "victim")
        try link("target", to: folder["victim"])
        try link("dangling", to: folder["made by the attacker"])
        try files.writeAtomically(folder["target"], Array("token".utf8), permissions: 0o600)
        try files.writeAtomically(folder["dangling"], Array("token".utf8), permissions: 0o600)
        #expect(try folder.read("victim") == "precious")
        #expect(try files.status(of: folder["target"])?.sort == .file)
        #expect(try folder.names() == ["dangling", "target", "victim"])
    }

    @Test func otherNameOfTheTargetKeepsItsContent() throws {
        try folder.write("precious", to: "victim")
        try FileManager.default.linkItem(atPath: folder["victim"], toPath: folder["target"])
        try files.writeAtomically(folder["target"], Array("token".utf8), permissions: 0o600)
        #expect(try folder.read("victim") == "precious")
    }

    @Test func failedWriteLeavesNothingBehind() throws {
        try files.makeFolder(folder["taken"], permissions: 0o700)
        #expect(throws: Failure.self) { try files.writeAtomically(folder["taken"], [1], permissions: 0o600) }
        #expect(throws: Failure.self) { try files.writeAtomically(folder["no/file"], [1], permissions: 0o600) }
        #expect(throws: Failure.self) { try files.writeAtomically("/", [1], permissions: 0o600) }
        #expect(try folder.names() == ["taken"])
    }

    @Test func longestNameCanBeWritten() throws {
        let name = String(repeating: "n", count: 255)
        try files.writeAtomically(folder[name], [1], permissions: 0o600)
        #expect(try folder.names() == [name])
    }

    @Test func appendingMakesAFileOfOnesOwn() throws {
        try files.append(folder["log"], Array("a\n".utf8))
        try files.append(folder["log"], Array("b\n".utf8))
        #expect(try folder.read("log") == "a\nb\n")
        #expect(try permissions("log") == 0o600)
    }

    @Test func appendingDoesNotFollowLinks() throws {
        try folder.write("precious", to: "victim")
        try link("log", to: folder["victim"])
        let error = #expect(throws: Failure.self) { try files.append(folder["log"], Array("x".utf8)) }
        #expect(error?.hint?.contains("links are not followed") == true)
        #expect(try folder.read("victim") == "precious")
    }

    @Test(arguments: [
        ("/dev/stdout", true), ("/dev/stderr", true), ("/dev/fd/3", true), ("/proc/self/fd/12", true),
        ("/dev/fd/", false), ("/dev/fd/3x", false), ("/dev/shm/x", false), ("/dev/fd/../../etc/passwd", false),
    ]) func onlyOnesOwnStreamsMayBeLinks(_ path: String, _ isStream: Bool) {
        #expect(SystemFileSystem.isOwnStream(path) == isStream)
    }

    @Test func exclusiveCreationHappensOnce() throws {
        #expect(try files.createExclusively(folder["mark"], permissions: 0o662))
        #expect(try !files.createExclusively(folder["mark"], permissions: 0o600))
        try link("link", to: folder["elsewhere"])
        #expect(try !files.createExclusively(folder["link"], permissions: 0o600))
        #expect(try permissions("mark") == 0o662)
        #expect(try folder.names() == ["link", "mark"])
    }

    @Test func permissionsOfALinksTargetAreNotChanged() throws {
        try folder.write("x", to: "victim")
        let before = try permissions("victim")
        try link("link", to: folder["victim"])
        #expect(throws: Failure.self) { try files.setPermissions(of: folder["link"], to: 0o777) }
        #expect(try permissions("victim") == before)
    }

    @Test func removingTwiceIsNoFailure() throws {
        try folder.write("x", to: "victim")
        try link("link", to: folder["victim"])
        try files.remove(folder["link"])
        try files.remove(folder["link"])
        #expect(try folder.names() == ["victim"])
        #expect(throws: Failure.self) { try files.remove(folder.path) }
    }

    @Test func natureOfAFolderIsKnown() throws {
        #if os(Linux)
        #expect(try files.nature(of: "/proc") == .local)
        #endif
        #expect(throws: Failure.self) { try files.nature(of: folder["missing"]) }
    }

    @Test(arguments: [
        ("a", ".", "a"), ("/a", "/", "a"), ("/a/b", "/a", "b"), ("/a/b//", "/a", "b"), ("a//b", "a", "b"),
        ("/", "/", ""),
    ]) func pathHasAFolderAndAName(_ path: String, _ folder: String, _ name: String) {
        #expect(PathParts(path).folder == folder)
        #expect(PathParts(path).name == name)
    }
}
