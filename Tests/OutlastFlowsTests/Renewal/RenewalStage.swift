// A state in memory with real sealing, a forge and a target, on which renewals run as separate processes would.

import OutlastCrypto
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

/// How a run ended.
typealias Ending = Result<RenewalResult, Failure>

extension Result where Success == RenewalResult, Failure == OutlastModel.Failure {
    var code: OutlastModel.ExitCode {
        switch self {
        case .success(let result): result.code
        case .failure(let failure): failure.code
        }
    }
    var token: String? { result?.token?.reveal() }
    var verdict: RenewalVerdict? { result?.verdict }
    var result: RenewalResult? { if case .success(let result) = self { result } else { nil } }
    var failure: OutlastModel.Failure? { if case .failure(let failure) = self { failure } else { nil } }
    /// For messages of tests.
    var text: String {
        switch self {
        case .success(let result): "\(result.code.rawValue) \(result.verdict) \(result.notes)"
        case .failure(let failure): "\(failure.code.rawValue) \(failure)"
        }
    }
}

/// What a job is started with.
struct Presented: Sendable {
    var access: String?
    var root: String?
}

struct RenewalStage: Sendable {
    static let key = String(repeating: "07", count: 32)

    let clock = FixedClock("2026-11-20T22:10:00Z")
    let renewals: RememberingRenewals
    let history: RememberingHistory
    let method: ScriptedMethod
    let target: ScriptedTarget
    let leases: NotedLeases
    /// What the first job is started with.
    let first: Presented

    init(
        _ kind: ScriptedMethod.Kind, life: Duration? = .seconds(86_400 * 30), sharing: StoreSharing = .original,
        readable: Bool = true, leases: NotedLeases = NotedLeases(), midway: @escaping @Sendable () async -> Void = {}
    ) {
        renewals = RememberingRenewals(sharing: sharing)
        history = RememberingHistory(renewals: renewals)
        method = ScriptedMethod(kind, life: life, midway: midway)
        target = ScriptedTarget(canBeRead: readable)
        self.leases = leases
        let now = clock.now()
        switch kind {
        case .rotating, .replacing, .pairing: first = Presented(access: method.make(at: now))
        case .granting, .silentGranting:
            let access = method.make(at: now)
            first = Presented(access: access, root: method.make("refresh", at: now))
        case .minting: first = Presented(root: "the-key-of-the-app-0123456789")
        case .unshared: first = Presented()
        }
    }

    func world(_ presented: Presented, _ life: MortalRun? = nil, _ variables: [String: String] = [:]) -> World {
        var all = ["OUTLAST_KEY": Self.key]
        all["TOKEN"] = presented.access
        all["ROOT"] = presented.root
        var world = World.trapping(
            clock: clock, variables: all.merging(variables) { $1 }, store: .success(history))
        world.methods = [method]
        world.targets = [target]
        world.cryptography = OpenSSLCryptography()
        world.leases = leases
        world.stopSignal = { life?.stopSignal }
        return world
    }

    func request(_ presented: Presented, places: [String] = []) -> RenewalRequest {
        var settings = Settings()
        if presented.root != nil {
            settings.values[method.kind == .minting ? "key" : "refresh_token"] = .secret(.env("ROOT"))
        }
        return RenewalRequest(
            name: "release", source: presented.access == nil ? nil : .env("TOKEN"),
            renew: RenewConfiguration(method: ScriptedMethod.name, settings: settings),
            publish: places.map { Self.publish($0) })
    }

    static func publish(_ place: String, writer: CredentialRequest? = nil) -> PublishRequest {
        PublishRequest(
            configuration: PublishConfiguration(
                target: ScriptedTarget.name, settings: Settings(["place": .text(place)])), writer: writer)
    }

    /// One run as a process of its own; without a token it presents what the first job was started with.
    func run(
        _ access: String? = nil, force: Bool = false, places: [String] = [], life: MortalRun? = nil,
        variables: [String: String] = [:], _ change: (inout RenewalRequest) -> Void = { _ in }
    ) async -> Ending {
        var presented = first
        if let access { presented.access = access }
        return await run(presented, force: force, places: places, life: life, variables: variables, change)
    }

    func run(
        _ presented: Presented, force: Bool = false, places: [String] = [], life: MortalRun? = nil,
        variables: [String: String] = [:], isInCI: Bool = false,
        _ change: (inout RenewalRequest) -> Void = { _ in }
    ) async -> Ending {
        var request = request(presented, places: places)
        request.isForced = force
        change(&request)
        var world = world(presented, life, variables)
        if isInCI { world.pipeline = ScriptedPipeline(JobContext(ci: "scripted")) }
        if let life { attach(life) }
        let ending: Ending
        do throws(Failure) { ending = .success(try await RenewalFlow(world).run(request, history: history)) } catch {
            ending = .failure(error)
        }
        if life != nil { attach(nil) }
        return ending
    }

    private func attach(_ life: MortalRun?) {
        method.attach(life)
        target.attach(life)
        guard let life else { return renewals.guardSteps(by: nil) }
        renewals.guardSteps { _ in life.passes() ? nil : Failure(.unexpected, "the process is dead") }
    }

    /// What is queued for targets.
    var queue: [OutboxRow] { renewals.contents.outbox.filter { !$0.isGiven } }
    /// The journal, oldest first.
    var journal: [JournalEntry] { renewals.contents.journal.map(\.entry) }
    var states: [RenewalState] { journal.map(\.state) }
    var open: [RenewalState] { states.filter(\.isOpen) }

    func isAlive(_ token: String?) -> Bool { token.map { method.isAlive($0, at: clock.now()) } ?? false }

    func fingerprint(_ token: String) -> Fingerprint { Fingerprint(of: Secret(token), salt: history.salt) }
}
