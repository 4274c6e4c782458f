// A world whose store is in memory and whose cryptography is the real one, for the commands about keys and secrets.

import OutlastCrypto
import OutlastModel
import OutlastTestKit

@testable import OutlastFlows

struct KeyScene {
    static let clock = FixedClock("2026-11-20T22:10:00Z")
    static let words = "correct horse battery staple"

    /// The text of the key that `VaultScene` seals with.
    static let key = text(7)
    /// The text of another one.
    static let otherKey = text(8)

    let renewals: RememberingRenewals
    let history: RememberingHistory
    let leases = NotedLeases()

    init(_ renewals: RememberingRenewals = RememberingRenewals()) {
        self.renewals = renewals
        history = RememberingHistory(warnings: ["a warning"], renewals: renewals)
    }

    static func text(_ byte: UInt8) -> String {
        Base64Text.standard.encode([UInt8](repeating: byte, count: 32))
    }

    func world(
        _ variables: [String: String] = [:], store: Result<any HistoryStore, Failure>? = nil
    ) -> World {
        var world = World.trapping(clock: Self.clock, variables: variables, store: store ?? .success(history))
        world.cryptography = OpenSSLCryptography()
        world.leases = leases
        return world
    }

    /// What the history says happened: event, outcome, detail.
    var events: [[String?]] {
        history.records.flatMap(\.events).map { [$0.event, $0.outcome, $0.detail] }
    }
}

/// The failure that a body ends with; nil when it does not, or with something else.
func failure<Value>(of body: () async throws -> Value) async -> Failure? {
    do {
        _ = try await body()
        return nil
    } catch { return error as? Failure }
}
