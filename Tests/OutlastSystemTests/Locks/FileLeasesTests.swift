// Locks between real processes, friendly and hostile ones, and what is left when one is killed.

import Foundation
import OutlastModel
import OutlastTestKit
import Synchronization
import Testing

@testable import OutlastSystem

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite(.timeLimit(.minutes(3))) struct FileLeasesTests {
    private static let name = "00ff00ff00ff00ff00ff00ff00ff00ff"

    private static func leases(
        _ folder: String, shared: Bool = false, stop: @escaping @Sendable () -> Int32? = { nil },
        time: LeaseTime = .system
    ) -> FileLeases {
        FileLeases(
            place: { FileLeases.Place(folder: folder, sharedWithGroup: shared) }, stopSignal: stop, time: time)
    }

    private func failure(_ body: () async throws -> Void) async throws -> Failure {
        try #require(await #expect(throws: Failure.self) { try await body() })
    }

    @Test(arguments: LeaseKeeperConformance.rules)
    func fileLocksKeepTheRules(_ rule: LeaseRule) async throws {
        let folder = try TemporaryFolder()
        try await rule.check(Self.leases(folder["l"]))
    }

    @Test(arguments: LeaseKeeperConformance.rules)
    func theDoubleKeepsTheRules(_ rule: LeaseRule) async throws {
        let leases = NotedLeases()
        try await rule.check(leases)
        #expect(leases.held.isEmpty && leases.notes.first.map { if case .taken = $0 { true } else { false } } == true)
    }

    @Test func aRefusalNamesTheFileAndWhatToDo() async throws {
        let folder = try TemporaryFolder()
        let leases = Self.leases(folder["l"])
        let lease = try await leases.acquire(Self.name, wait: .zero)
        let refusal = try await failure { _ = try await leases.acquire(Self.name, wait: .zero) }
        #expect(refusal.code == .leaseHeld)
        #expect(refusal.message.contains(folder["l"] + "/" + Self.name))
        #expect(refusal.hint?.contains("--wait") == true)
        lease.release()
    }

    @Test func waitingTakesNoLongerThanAllowedAndTellsHowLong() async throws {
        let folder = try TemporaryFolder()
        let held = try await Self.leases(folder["l"]).acquire(Self.name, wait: .zero)
        let slept = Mutex(Duration.zero)
        let time = LeaseTime(now: { slept.withLock { $0 } }, sleep: { pause in slept.withLock { $0 += pause } })
        let refusal = try await failure {
            _ = try await Self.leases(folder["l"], time: time).acquire(Self.name, wait: .seconds(120))
        }
        #expect(refusal.code == .leaseHeld && refusal.message.contains("within 2m"))
        #expect(slept.withLock { $0 } == .seconds(120))
        held.release()
    }

    @Test func aWaiterGetsItAsSoonAsItIsFree() async throws {
        let folder = try TemporaryFolder()
        let held = try await Self.leases(folder["l"]).acquire(Self.name, wait: .zero)
        let time = LeaseTime(now: { .zero }, sleep: { _ in held.release() })
        _ = try await Self.leases(folder["l"], time: time).acquire(Self.name, wait: .seconds(1))
    }

    @Test func whoIsAskedToEndDoesNotWait() async throws {
        let folder = try TemporaryFolder()
        let held = try await Self.leases(folder["l"]).acquire(Self.name, wait: .zero)
        let refusal = try await failure {
            _ = try await Self.leases(folder["l"], stop: { 15 }).acquire(Self.name, wait: .seconds(600))
        }
        #expect(refusal == .stopped(by: 15))
        held.release()
    }

    @Test func filesHaveTheStoresPermissionsAndStay() async throws {
        await #expect(processExitsWith: .success) {
            for (shared, mode, folderMode) in [(false, UInt32(0o600), UInt32(0o700)), (true, 0o660, 0o2770)] {
                for mask in [0, 0o077] as [mode_t] {
                    umask(mask)
                    let folder = try TemporaryFolder()
                    let lease = try await FileLeasesTests.leases(folder["l"], shared: shared).acquire("ab", wait: .zero)
                    lease.release()
                    let files = SystemFileSystem()
                    guard try files.status(of: folder["l"])?.permissions == folderMode else { exit(1) }
                    guard try files.status(of: folder["l/ab"])?.permissions == mode else { exit(2) }
                }
            }
        }
    }

    @Test(arguments: ["", "../x", "AB", "ab/cd", "ab\0", String(repeating: "a", count: 65), "."])
    func whatIsNoNameIsRefused(_ name: String) async throws {
        let folder = try TemporaryFolder()
        _ = try await failure { _ = try await Self.leases(folder["l"]).acquire(name, wait: .zero) }
        #expect(try folder.names().isEmpty)
    }

    @Test func aLinkInTheLocksPlaceIsRefused() async throws {
        let folder = try TemporaryFolder()
        let leases = Self.leases(folder["l"])
        try await leases.acquire("ab", wait: .zero).release()
        symlink(folder["elsewhere"], folder["l/cd"])
        mkfifo(folder["l/ef"], 0o600)
        mkdir(folder["l/aa"], 0o700)
        for name in ["cd", "ef", "aa"] {
            let refusal = try await failure { _ = try await leases.acquire(name, wait: .zero) }
            #expect(refusal.code == .stateUnusable, "\(name): \(refusal)")
        }
        symlink(folder["l"], folder["other"])
        let refusal = try await failure { _ = try await Self.leases(folder["other"]).acquire("ab", wait: .zero) }
        #expect(refusal.code == .stateUnusable)
        #expect(try folder.names() == ["l", "other"])
    }

    @Test(arguments: [("l", mode_t(0o777)), ("l", 0o770), ("l/ab", 0o666), ("l/ab", 0o660)])
    func whatOthersCanWriteIsRefused(_ path: String, _ mode: mode_t) async throws {
        let folder = try TemporaryFolder()
        let leases = Self.leases(folder["l"])
        try await leases.acquire("ab", wait: .zero).release()
        chmod(folder[path], mode)
        let refusal = try await failure { _ = try await leases.acquire("ab", wait: .zero) }
        #expect(refusal.code == .stateUnusable && refusal.message.contains("others can write it"))
        let isForAll = mode & 0o002 != 0
        if isForAll {
            _ = try await failure { _ = try await Self.leases(folder["l"], shared: true).acquire("ab", wait: .zero) }
        } else {
            try await Self.leases(folder["l"], shared: true).acquire("ab", wait: .zero).release()
        }
    }

    @Test func aFileThatWasReplacedExcludesNobodyAndIsNotBelieved() async throws {
        let folder = try TemporaryFolder()
        let leases = Self.leases(folder["l"])
        let old = try await leases.acquire("ab", wait: .zero)
        unlink(folder["l/ab"])
        // The one who comes now makes the file anew; whoever waited on the old one must see that.
        let lease = try await leases.acquire("ab", wait: .zero)
        old.release()
        _ = try await failure { _ = try await leases.acquire("ab", wait: .zero) }
        lease.release()
        let file = LeaseFile(place: FileLeases.Place(folder: folder["l"]), name: "ab")
        #expect(try file.tryLock() != nil)
    }

    @Test func aKilledHoldersLockIsFreeAtOnceThoughItsChildLives() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            // What the test itself has open, its pipes among them, is closed in the child; nothing that comes later.
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            let null = open("/dev/null", O_RDWR)
            for number in 0...Int32(2) { posix_spawn_file_actions_adddup2(&actions, null, number) }
            for number in 3..<Int32(256) where fcntl(number, F_GETFD) >= 0 {
                posix_spawn_file_actions_addclose(&actions, number)
            }
            let lease = try await FileLeasesTests.leases(path + "/l").acquire("ab", wait: .zero)
            var child: pid_t = 0
            var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("600"), nil]
            guard posix_spawnp(&child, "sleep", &actions, nil, &arguments, nil) == 0 else { exit(3) }
            try "\(child)".write(toFile: path + "/child", atomically: true, encoding: .utf8)
            withExtendedLifetime(lease) { _ = kill(getpid(), SIGKILL) }
        }
        let child = try #require(pid_t(try folder.read("child")))
        defer { kill(child, SIGKILL) }
        #expect(kill(child, 0) == 0)
        try await Self.leases(folder["l"]).acquire("ab", wait: .zero).release()
    }

    @Test func fiftyContendersInFiveProcessesGetItOneAfterTheOther() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    await #expect(processExitsWith: .success) { [path = path as String] in
                        try await FileLeasesTests.contend(10, path)
                    }
                }
            }
        }
        #expect(try folder.read("log").count == 50)
        #expect(!FileManager.default.fileExists(atPath: folder["inside"]))
    }

    /// Each takes the lock once, and ends the process when another is inside.
    private static func contend(_ count: Int, _ path: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    let lease = try await leases(path + "/l").acquire("ab", wait: .seconds(120))
                    let inside = open(path + "/inside", O_CREAT | O_EXCL | O_WRONLY, 0o600)
                    guard inside >= 0 else { exit(3) }
                    close(inside)
                    let log = open(path + "/log", O_CREAT | O_APPEND | O_WRONLY, 0o600)
                    guard write(log, "x", 1) == 1 else { exit(4) }
                    close(log)
                    unlink(path + "/inside")
                    lease.release()
                }
            }
            try await group.waitForAll()
        }
    }
}
