import OutlastModel
import OutlastTestKit
import Synchronization
import Testing

@testable import OutlastFlows

/// Counts.
final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }
    var now: Int { value.withLock { $0 } }
}

/// Something that is started once, in the middle of something else.
private final class Midway: Sendable {
    private let body = Mutex<(@Sendable () async -> Void)?>(nil)
    func set(_ new: @escaping @Sendable () async -> Void) { body.withLock { $0 = new } }
    func run() async {
        let once = body.withLock { body in
            defer { body = nil }
            return body
        }
        await once?()
    }
}

/// Something that happens once, when a lock has been taken.
private final class Hook: Sendable {
    private let body = Mutex<(@Sendable () -> Void)?>(nil)
    func set(_ new: @escaping @Sendable () -> Void) { body.withLock { $0 = new } }
    func run() {
        let once = body.withLock { body in
            defer { body = nil }
            return body
        }
        once?()
    }
}

@Suite("Many processes at once")
struct RenewalConcurrencyTests {
    private static func together(_ stage: RenewalStage, force: Bool, count: Int = 50) async -> [Ending] {
        await withTaskGroup(of: Ending.self) { group in
            for _ in 0..<count { group.addTask { await stage.run(force: force, places: ["home"]) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private static func expectOne(_ endings: [Ending], _ stage: RenewalStage, _ label: Comment) {
        #expect(endings.allSatisfy { $0.code == .done }, "\(label): \(endings.first { $0.code != .done }?.text ?? "")")
        #expect(Set(endings.map(\.token)).count == 1, label)
        #expect(stage.isAlive(endings.first?.token), label)
        #expect(stage.method.renewals.count == 1, label)
        #expect(endings.count { $0.verdict == .renewed } == 1, label)
        #expect(stage.leases.held == [] && stage.method.violations == [], label)
        #expect(stage.renewals.contents.families.count == 1, label)
    }

    @Test(
        "fifty that start together make one request, and all end with one token", arguments: ScriptedMethod.Kind.shared)
    func together(_ kind: ScriptedMethod.Kind) async throws {
        // Due for each of them, when they look first.
        let stage = RenewalStage(kind, life: .seconds(86_400))
        if kind != .minting { stage.clock.advance(by: .seconds(83_000)) }
        Self.expectOne(await Self.together(stage, force: false), stage, "\(kind)")
    }

    @Test("fifty that start in the middle of the renewal make none", arguments: ScriptedMethod.Kind.shared)
    func staggered(_ kind: ScriptedMethod.Kind) async throws {
        let midway = Midway()
        let stage = RenewalStage(kind, life: .seconds(86_400), midway: { await midway.run() })
        if kind != .minting { stage.clock.advance(by: .seconds(83_000)) }
        let rest = Mutex<Task<[Ending], Never>?>(nil)
        midway.set {
            let task = Task { await Self.together(stage, force: false, count: 49) }
            rest.withLock { $0 = task }
            for _ in 0..<200 { await Task.yield() }
        }
        let first = await stage.run(places: ["home"])
        let others = await rest.withLock { $0 }?.value ?? []
        #expect(others.count == 49)
        Self.expectOne([first] + others, stage, "\(kind)")
    }

    @Test(
        "fifty that force a renewal of one token make one",
        arguments: [ScriptedMethod.Kind.rotating, .pairing, .granting, .replacing])
    func forced(_ kind: ScriptedMethod.Kind) async throws {
        for _ in 0..<5 {
            let stage = RenewalStage(kind)
            Self.expectOne(await Self.together(stage, force: true), stage, "\(kind)")
        }
    }

    @Test("a lock that somebody else keeps is 22, and nothing is sent")
    func held() async throws {
        for kind in ScriptedMethod.Kind.shared {
            let probe = RenewalStage(kind)
            _ = await probe.run(force: true)
            guard case .taken(let name) = try #require(probe.leases.notes.first) else { continue }
            let stage = RenewalStage(kind)
            stage.leases.stick(name)
            let ending = await stage.run(force: true)
            #expect(ending.code == .leaseHeld, "\(kind): \(ending.text)")
            #expect(stage.method.renewals == [])
        }
    }

    @Test("a family that is forgotten while its lock is waited for is begun anew under the lock of what was presented")
    func forgottenMeanwhile() async throws {
        let hook = Hook()
        let stage = RenewalStage(.rotating, life: .seconds(86_400), leases: NotedLeases(onTaken: { _ in hook.run() }))
        let second = await stage.run(force: true)
        let renewals = stage.renewals
        hook.set { _ = try? renewals.forget(credential: "release", family: nil) }
        stage.clock.advance(by: .seconds(84_000))
        let third = await stage.run(second.token)
        #expect(third.verdict == .renewed && stage.isAlive(third.token), "\(third.text)")
        let family = try #require(stage.renewals.contents.families.first)
        #expect(stage.renewals.contents.families.count == 1)
        #expect(stage.leases.notes.suffix(2) == [.taken(family.id.text), .released(family.id.text)])
        #expect(stage.leases.held == [])
    }

    @Test("whoever looks while another process renews sees one moment or the other, never half of each")
    func lookingMeanwhile() async throws {
        for kind in ScriptedMethod.Kind.shared {
            let stage = RenewalStage(kind)
            let second = await stage.run(force: true)
            let before = stage.renewals.contents
            let current = Presented(access: kind == .minting ? nil : second.token, root: stage.first.root)
            let third = await stage.run(current, force: true)
            #expect(third.verdict == .renewed)
            let after = stage.renewals.contents
            let renewals = stage.renewals
            for presented in [stage.first, current] {
                renewals.tamper { $0 = before }
                renewals.beforeNextSecret { renewals.tamper { $0 = after } }
                let ending = await stage.run(presented)
                #expect(ending.code == .done && ending.token == third.token, "\(kind): \(ending.text)")
            }
        }
    }

    @Test("all members of a family take one lock, before and after it begins")
    func oneLock() async throws {
        for kind in ScriptedMethod.Kind.shared {
            let stage = RenewalStage(kind)
            var token = stage.first.access
            for _ in 0..<3 { token = await stage.run(kind == .minting ? nil : token, force: true).token }
            _ = await stage.run(force: true) { $0.publishOnly = true }
            let names = Set(
                stage.leases.notes.compactMap { note in if case .taken(let name) = note { name } else { nil } })
            #expect(names.count == 1, "\(kind)")
        }
    }
}
