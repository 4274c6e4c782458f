// The processes above this one. Linux tells all of it in `/proc`; elsewhere nothing is told, and callers do without.

public import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The machine's processes.
public struct SystemProcessTable: ProcessTable {
    /// Makes an adapter.
    public init() {}

    /// The processes above this one; nil where the system does not tell.
    public func ancestry() -> ProcessAncestry? {
        let files = SystemFileSystem()
        let parent = getppid()
        // Numbers mean something within one start of one kernel, and within one namespace of it.
        guard let boot = try? files.read("/proc/sys/kernel/random/boot_id", limit: 100),
            let space = try? files.statusFollowingLinks(of: "/proc/self/ns/pid"),
            let line = try? files.read("/proc/\(parent)/stat", limit: 4096),
            let grandparent = Self.parent(in: line)
        else { return nil }
        return ProcessAncestry(
            place: "\(String(decoding: boot.prefix { $0 > 32 }, as: UTF8.self))/\(space.inode)", parent: parent,
            grandparent: grandparent)
    }

    /// Whether a process of this number exists here; one that ended and was not yet waited for does.
    public func isAlive(_ process: Int32) -> Bool {
        // 0 and below are groups of processes; 0 stands for one outside this namespace, which cannot be asked about.
        process <= 0 || kill(process, 0) == 0 || errno == EPERM
    }

    /// The fourth field. The second, a name in parentheses, may itself hold blanks and parentheses.
    static func parent(in line: [UInt8]) -> Int32? {
        guard let end = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[(end + 1)...].split(separator: UInt8(ascii: " "))
        return fields.count > 1 ? Int32(String(decoding: fields[1], as: UTF8.self)) : nil
    }
}
