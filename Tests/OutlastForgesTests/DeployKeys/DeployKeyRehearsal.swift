// Deploy keys of a repository against the sandbox over a real connection, with keys as they are made for a job.
import OutlastCrypto
import OutlastModel
import OutlastSandbox
import OutlastSystem
import OutlastTestKit
import Testing

@testable import OutlastForges

/// One forge, one repository, one token.
struct DeployKeyRehearsal {
    let forge: any DeployKeyForge
    let context: DeployKeyContext

    init(_ forge: any DeployKeyForge, api: String, repository: String, token: String) throws {
        self.forge = forge
        context = DeployKeyContext(
            credential: "release", token: Secret(token), api: try #require(ServerURL(api)), repository: repository,
            timeout: .seconds(60), transport: NetworkTransport(version: "test", variables: Variables([:])),
            clock: FixedClock("2026-11-20T22:10:00Z"))
    }

    static func request(
        _ title: String = "outlast job 7", canPush: Bool = true, expiresAt: String? = "2026-11-21T04:10:00Z"
    ) throws -> DeployKeyRequest {
        let pair = try OpenSSLCryptography().makeSSHKey(comment: title)
        return DeployKeyRequest(
            title: title, key: try #require(PublicKeyText(pair.publicLine)), canPush: canPush,
            expiresAt: expiresAt.flatMap { Instant(text: $0) })
    }

    func register(_ request: DeployKeyRequest) async -> DeployKeyAnswer { await forge.register(request, context) }

    func list() async throws -> [DeployKey] { try await forge.list(context) }

    func removal(_ id: String) async -> Failure? {
        do throws(Failure) {
            try await forge.remove(id, context)
            return nil
        } catch { return error }
    }
}

extension DeployKeyAnswer {
    var key: DeployKey? { if case .registered(let key) = self { key } else { nil } }
    var refusal: Failure? { if case .refused(let failure) = self { failure } else { nil } }
    var doubt: Failure? { if case .inDoubt(let failure) = self { failure } else { nil } }
}

/// What can become of a request that lets in or removes: by none of it does a second key come into being, or a key stay.
let keyFaults: [FaultKind] = [
    .drop(.before), .drop(.after), .status(500, .before, retryAfter: nil), .status(502, .after, retryAfter: nil),
    .html(.before), .html(.after), .empty(.before), .empty(.after), .truncate(bytes: 5),
    .redirect("/elsewhere", status: 307), .oversize(bytes: 3 << 20),
]
