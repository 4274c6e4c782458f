// What every keeper of leases must do, whatever its locks are made of. Each rule gets a fresh one:
//
//     @Test(arguments: LeaseKeeperConformance.rules)
//     func keepsTheRules(_ rule: LeaseRule) async throws { try await rule.check(makeKeeper()) }

public import OutlastModel

/// One rule, by name.
public struct LeaseRule: Sendable, CustomStringConvertible {
    /// What a keeper that keeps the rule does.
    public let name: String
    /// Tries it on a fresh keeper; throws a `Complaint` where the keeper breaks the rule.
    public let check: @Sendable (any LeaseKeeper) async throws -> Void

    /// The name.
    public var description: String { name }
}

/// The rules of `LeaseKeeper`.
public enum LeaseKeeperConformance {
    private static let name = "0123456789abcdef0123456789abcdef"

    /// All of them.
    public static let rules: [LeaseRule] = [
        LeaseRule(name: "a lease that is held is refused with 22, others are free") { keeper in
            let lease = try await keeper.acquire(name, wait: .zero)
            try await expectHeld(keeper)
            try await keeper.acquire("ab", wait: .zero).release()
            lease.release()
        },
        LeaseRule(name: "giving back frees it, and doing so twice takes nothing from the next") { keeper in
            let lease = try await keeper.acquire(name, wait: .zero)
            lease.release()
            let next = try await keeper.acquire(name, wait: .zero)
            lease.release()
            try await expectHeld(keeper)
            next.release()
        },
        LeaseRule(name: "the last reference gives it back") { keeper in
            do { _ = try await keeper.acquire(name, wait: .zero) }
            try await keeper.acquire(name, wait: .zero).release()
        },
        LeaseRule(name: "those who wait get it one after the other") { keeper in
            let inside = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let lease = try await keeper.acquire(name, wait: .seconds(120))
                        await inside.enter()
                        await Task.yield()
                        await inside.leave()
                        lease.release()
                    }
                }
                try await group.waitForAll()
            }
            let (entered, most) = await (inside.entered, inside.most)
            try HistoryStoreConformance.expect(entered, 8, "holders")
            try HistoryStoreConformance.expect(most, 1, "most at a time")
        },
    ]

    private static func expectHeld(_ keeper: any LeaseKeeper) async throws {
        do {
            _ = try await keeper.acquire(name, wait: .zero)
        } catch {
            return try HistoryStoreConformance.expect(error.code, .leaseHeld, "the refusal's code")
        }
        throw Complaint(description: "a lease that is held was given away")
    }

    private actor Counter {
        private var count = 0
        private(set) var most = 0
        private(set) var entered = 0

        func enter() {
            count += 1
            entered += 1
            most = max(most, count)
        }

        func leave() { count -= 1 }
    }
}
