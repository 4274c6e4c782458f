// A method against the sandbox over a real connection, and the faults that every method has to stand.
import OutlastCrypto
import OutlastModel
import OutlastSandbox
import OutlastSystem
import OutlastTestKit
import Testing

@testable import OutlastForges

/// A renewal against the sandbox.
struct RenewalRehearsal {
    let method: any RenewalMethod
    let transport = NetworkTransport(version: "test", variables: Variables([:]))
    var scene: RenewalScene

    init(
        _ method: any RenewalMethod, api: String?, settings: [String: SettingValue] = [:],
        secrets: [String: String] = [:], clock: FixedClock = FixedClock("2026-11-20T22:10:00Z")
    ) throws {
        self.method = method
        scene = RenewalScene(
            settings: Settings(settings), secrets: secrets.mapValues { Secret($0) },
            api: try api.map { try #require(ServerURL($0)) }, clock: clock, cryptography: OpenSSLCryptography())
    }

    var context: RenewalContext { scene.context(transport) }

    func renew(_ current: TokenBundle?) async -> RenewalAnswer { await method.renew(current, context) }

    /// The new generation.
    func renewed(_ current: TokenBundle?) async throws -> TokenBundle {
        let answer = await renew(current)
        guard case .renewed(let bundle) = answer else {
            throw SandboxFailure.invalid("not renewed: \(answer.failure?.description ?? "")")
        }
        return bundle
    }

    /// Why `check` says no.
    func refusal(_ current: TokenBundle?) async -> Failure? {
        do throws(Failure) {
            try await method.check(current, context)
            return nil
        } catch { return error }
    }

    func probe(_ bundle: TokenBundle) async -> ProbeAnswer { await method.probe(bundle, context) }
}

extension RenewalAnswer {
    var name: String {
        switch self {
        case .renewed: "renewed"
        case .refused(let failure): "refused \(failure.code.rawValue)"
        case .inDoubt: "in doubt"
        }
    }

    var failure: Failure? {
        switch self {
        case .renewed: nil
        case .refused(let failure), .inDoubt(let failure): failure
        }
    }
}

extension ProbeAnswer {
    var name: String {
        switch self {
        case .alive: "alive"
        case .finished(_, let grant): "finished: \(grant.standing.name)"
        case .dead(let reading): "dead: \(reading.standing.name)"
        case .unknown(let failure): "unknown \(failure.code.rawValue)"
        }
    }
}

/// A fault of the decisive request with what it must be taken for.
struct DecisiveFault: Sendable, CustomTestStringConvertible {
    let kind: FaultKind
    let expected: String
    /// Whether the forge has done it.
    let hasCommitted: Bool

    var testDescription: String { "\(kind)" }

    static let all: [DecisiveFault] = [
        .init(kind: .drop(.before), expected: "in doubt", hasCommitted: false),
        .init(kind: .drop(.after), expected: "in doubt", hasCommitted: true),
        .init(kind: .status(500, .before, retryAfter: nil), expected: "in doubt", hasCommitted: false),
        .init(kind: .status(500, .after, retryAfter: nil), expected: "in doubt", hasCommitted: true),
        .init(kind: .status(503, .after, retryAfter: "5"), expected: "in doubt", hasCommitted: true),
        .init(kind: .truncate(bytes: 30), expected: "in doubt", hasCommitted: true),
        .init(kind: .html(.before), expected: "in doubt", hasCommitted: false),
        .init(kind: .html(.after), expected: "in doubt", hasCommitted: true),
        .init(kind: .empty(.after), expected: "in doubt", hasCommitted: true),
        .init(kind: .redirect("/elsewhere", status: 307), expected: "in doubt", hasCommitted: false),
        .init(kind: .status(429, .before, retryAfter: "30"), expected: "refused 75", hasCommitted: false),
    ]
}
