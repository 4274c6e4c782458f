import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

/// One random life of a credential: runs with faults of every sort, then runs without.
private struct RandomLife {
    let seed: UInt64
    let stage: RenewalStage
    private var random: SeededRandom
    private let places: [String]
    /// Tokens that runs handed back: what jobs may be started with.
    private var tokens: [String?]
    private var generations: [FamilyID: Int] = [:]
    private var story: [String] = []

    init(seed: UInt64) {
        self.seed = seed
        random = SeededRandom(seed: seed)
        let kind = ScriptedMethod.Kind.shared.randomElement(using: &random) ?? .rotating
        stage = RenewalStage(
            kind, life: Bool.random(using: &random) ? .seconds(86_400 * 365) : nil,
            readable: Bool.random(using: &random))
        places = Bool.random(using: &random) ? ["home"] : []
        tokens = [stage.first.access]
    }

    private var label: Comment { "seed \(seed), \(stage.method.kind), \(places): \(story.suffix(14)); \(stage.states)" }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private func presented(_ token: String?) -> Presented {
        Presented(access: stage.method.kind == .minting ? nil : token, root: stage.first.root)
    }

    /// Sets the stage's faults for one run, and says how it is to end on its own.
    private mutating func scatter() -> MortalRun? {
        if chance(30) {
            let refusal = Failure(chance(50) ? .renewalFailed : .slowDown, "the forge says no")
            let replies: [ScriptedMethod.Reply] = [
                .refused(refusal), .lostBefore, .lostAfter,
                .lostLater(.seconds(Int.random(in: 1...59, using: &random))),
            ]
            let reply = replies[Int.random(in: 0..<4, using: &random)]
            stage.method.script(reply)
            story.append("\(reply)")
        }
        if chance(10) {
            stage.method.setReachable(false)
            story.append("unreachable")
        }
        if chance(20) {
            let step = Int.random(in: 1...8, using: &random)
            let isAfterwards = chance(50)
            for extra in 0..<(chance(50) ? 1 : 5) {
                stage.renewals.failApply(step + extra, afterwards: isAfterwards)
            }
            story.append("state fails at \(step)")
        }
        if chance(20) { stage.target.fail("home", times: Int.random(in: 1...2, using: &random)) }
        if chance(10) { stage.target.silence() }
        if chance(20) {
            let end = Int.random(in: 1...16, using: &random)
            story.append("killed at \(end)")
            return MortalRun(endsAt: end)
        }
        if chance(10) {
            let point = Int.random(in: 0...16, using: &random)
            story.append("signalled at \(point)")
            return MortalRun(signalledAt: point)
        }
        return nil
    }

    private func calm() {
        stage.method.clearScript()
        stage.method.setReachable(true)
        stage.renewals.clearFaults()
        stage.target.fail("home", times: 0)
        stage.target.silence("home", false)
    }

    mutating func play() async {
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let life = scatter()
            let token = tokens[Int.random(in: 0..<tokens.count, using: &random)]
            let force = chance(60)
            let wait = chance(70) ? 120 : 5
            let wasReachable = isReachable
            let ending = await stage.run(presented(token), force: force, places: places, life: life) {
                $0.wait = .seconds(wait)
            }
            calm()
            story.append(ending.text)
            note(ending, wasKilled: life?.isDead ?? false, wasReachable: wasReachable)
            // A grace is measured by the clock, so one that is set back makes it shorter.
            let steps = [0, 1, 30, 90, 3600, 90_000, stage.method.kind == .replacing ? 5 : -3600]
            let step = steps[Int.random(in: 0..<steps.count, using: &random)]
            // Requests travel through time that passes, whatever a clock is set to.
            if step < 0 { stage.method.deliver(at: stage.clock.now()) }
            stage.clock.advance(by: .seconds(step))
        }
        await finish()
    }

    /// What holds after every run.
    private mutating func note(_ ending: Ending, wasKilled: Bool, wasReachable: Bool) {
        #expect(stage.method.violations == [], label)
        for family in stage.renewals.contents.families {
            #expect(family.generation >= generations[family.id] ?? 0, label)
            generations[family.id] = family.generation
        }
        if wasKilled { return }
        if let token = ending.token {
            // What was saved beside a broken state is no member of the family: it begins one of its own.
            let digest = stage.fingerprint(token).digest
            let isMember = stage.renewals.contents.members.contains { $0.digest == digest }
            if isMember, !tokens.contains(token) { tokens.append(token) }
            #expect(stage.isAlive(token), label)
        }
        // Whoever loses it says so, and nobody says afterwards that all is well.
        let saysWell = [.done, .publishQueued, .renewalFailed].contains(ending.code)
        if wasReachable || saysWell { #expect(ending.code == .renewalInDoubt || isReachable, label) }
    }

    /// Whether a living token is within reach: current in the store, in a target, or what a job was started with.
    private var isReachable: Bool {
        if stage.method.kind == .minting { return true }
        let alive = stage.method.alive.filter { stage.isAlive($0) && $0.hasPrefix("access") }
        let current = Set(stage.renewals.contents.families.map(\.fingerprint))
        return alive.contains { token in
            current.contains(stage.fingerprint(token)) || stage.target.value() == token
                || (current.isEmpty && token == stage.first.access)
        }
    }

    /// Faults are over: every job that was ever started ends with the one living token, or with 21.
    private mutating func finish() async {
        stage.clock.advance(by: .seconds(7200))
        var found: Set<String> = []
        for token in tokens {
            let ending = await stage.run(presented(token), places: places)
            story.append("calm: \(ending.text)")
            note(ending, wasKilled: false, wasReachable: isReachable)
            if let token = ending.token, ending.code == .done {
                found.insert(token)
            } else {
                #expect(ending.code == .renewalInDoubt, label)
            }
        }
        #expect(found.count <= 1, label)
        let isUnaskable = stage.method.kind == .silentGranting
        #expect(
            stage.open.allSatisfy {
                isUnaskable && ($0 == .inDoubt || $0 == .sent) || stage.method.kind == .replacing && $0 == .published
            }, label)
        if found.isEmpty {
            // It was lost for good, so it is not sent again either.
            let asked = stage.method.renewals
            #expect(await stage.run(presented(tokens[0]), force: true, places: places).code == .renewalInDoubt, label)
            #expect(stage.method.renewals == asked, label)
        }
    }
}

@Suite("Whatever happens to a credential")
struct RenewalPropertyTests {
    @Test(
        "nothing spent is sent again, no new token is lost in silence, and every job ends with the living one or with 21",
        arguments: 0..<20)
    func lives(_ part: Int) async throws {
        for round in 0..<100 {
            var life = RandomLife(seed: UInt64(part * 100 + round))
            await life.play()
            if !life.stage.method.violations.isEmpty { break }
        }
    }

    @Test("the forge of these tests notices a secret that is spent twice")
    func plantedReplay() async throws {
        let method = ScriptedMethod(.rotating)
        let clock = FixedClock("2026-11-20T22:10:00Z")
        let token = method.make(at: clock.now())
        let context = RenewalScene(clock: clock).context(ScriptedTransport([]))
        _ = await method.renew(TokenBundle(access: Secret(token)), context)
        await withKnownIssue { _ = await method.renew(TokenBundle(access: Secret(token)), context) }
        #expect(method.violations.count == 1 && method.alive.isEmpty)
    }
}
