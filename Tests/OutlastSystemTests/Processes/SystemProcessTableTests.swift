import OutlastModel
import Testing

@testable import OutlastSystem

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite("The processes above this one")
struct SystemProcessTableTests {
    private let table = SystemProcessTable()

    @Test("parent and grandparent are told, the same each time")
    func ancestry() throws {
        #if os(Linux)
        let found = try #require(table.ancestry())
        #expect(found.parent == getppid() && found.grandparent >= 0)
        #expect(found.place.utf8.count > 36 && !found.place.contains("\n"))
        #expect(table.ancestry() == found)
        #else
        #expect(table.ancestry() == nil)
        #endif
    }

    @Test("the living are told from the dead")
    func living() {
        #expect(table.isAlive(getpid()) && table.isAlive(getppid()) && table.isAlive(1))
        // Above the highest number that a kernel gives.
        #expect(!table.isAlive(1 << 30))
        // No processes, so nothing is known of them.
        #expect(table.isAlive(0) && table.isAlive(-1))
    }

    @Test(
        "the parent stands behind a name that may hold anything",
        arguments: [
            ("1 (sh) S 7 1 1", 7), ("1 (a) b) (c) R 12 0", 12), ("1 (sh) S", nil), ("", nil), ("1 (sh", nil),
            ("1 (sh) S x", nil),
        ] as [(String, Int32?)])
    func parent(_ line: String, _ parent: Int32?) {
        #expect(SystemProcessTable.parent(in: Array(line.utf8)) == parent)
    }
}
