// Locks that the kernel gives back when their holder dies: flock on files beside the store. The files are made once and
// never removed, since a lock on a removed file would exclude nobody.

public import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Locks in a folder, one file for each name.
public struct FileLeases: LeaseKeeper {
    /// Where the locks are.
    public struct Place: Hashable, Sendable {
        /// The absolute path of the folder; its parent must exist.
        public var folder: String
        /// Whether members of the folder's group may take the locks too.
        public var sharedWithGroup: Bool

        /// Names a place.
        public init(folder: String, sharedWithGroup: Bool = false) {
            self.folder = folder
            self.sharedWithGroup = sharedWithGroup
        }
    }

    private let place: @Sendable () throws(Failure) -> Place
    private let stopSignal: @Sendable () -> Int32?
    private let time: LeaseTime

    /// Makes a keeper; nothing is looked at before the first lock is asked for.
    ///
    /// - Parameters:
    ///   - place: tells the folder, or why there is none.
    ///   - stopSignal: the signal that asked this process to end; nobody is waited for then.
    public init(
        place: @escaping @Sendable () throws(Failure) -> Place, stopSignal: @escaping @Sendable () -> Int32? = { nil }
    ) {
        self.init(place: place, stopSignal: stopSignal, time: .system)
    }

    init(
        place: @escaping @Sendable () throws(Failure) -> Place, stopSignal: @escaping @Sendable () -> Int32? = { nil },
        time: LeaseTime
    ) {
        self.place = place
        self.stopSignal = stopSignal
        self.time = time
    }

    /// Takes a lock; a process that has to wait asks again after short pauses of random length.
    ///
    /// - Parameter name: 1 to 64 lower-case hex digits.
    /// - Throws: `leaseHeld` (22) when the time is over, `stateUnusable` (40) for a folder or file that others could have
    ///   put there, `unexpected` (1) when this process was asked to end.
    public func acquire(_ name: String, wait: Duration) async throws(Failure) -> any Lease {
        guard Self.isName(name) else {
            throw Failure(.unexpected, "'\(SafeText.line(name, limit: 80))' is no name of a lock")
        }
        let file = LeaseFile(place: try place(), name: name)
        let begin = time.now()
        var longest: Int64 = 20
        while true {
            if let lease = try file.tryLock() { return lease }
            if let signal = stopSignal() { throw .stopped(by: signal) }
            let left = wait - (time.now() - begin)
            guard left > .zero else { throw held(file, wait) }
            let pause = Duration.milliseconds(Int64.random(in: 5...longest))
            do { try await time.sleep(min(left, pause)) } catch {
                throw Failure(.leaseHeld, "waiting for another process's renewal was cut short")
            }
            longest = min(longest * 2, 200)
        }
    }

    private func held(_ file: LeaseFile, _ wait: Duration) -> Failure {
        let shown = SafeText.line(file.path, limit: 300)
        return Failure(
            .leaseHeld,
            "another process is renewing the same token and did not finish within \(wait.text) (it holds \(shown))",
            hint: "wait longer with --wait; who it is: fuser -v \(shown)")
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}

/// A clock that never goes back, and a way to let time pass on it.
struct LeaseTime: Sendable {
    let now: @Sendable () -> Duration
    let sleep: @Sendable (Duration) async throws -> Void

    static let system: LeaseTime = {
        let start = ContinuousClock.now
        return LeaseTime(now: { start.duration(to: .now) }, sleep: { try await Task.sleep(for: $0) })
    }()
}
