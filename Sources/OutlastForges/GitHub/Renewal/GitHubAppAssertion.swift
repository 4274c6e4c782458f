// The JSON web token by which an App proves itself (facts section 2.3; RFC 7515 with RS256): it begins a minute ago and
// lives nine, on GitHub's clock where that is known.
import OutlastModel

/// Signs the App's assertions.
struct GitHubAppAssertion: Sendable {
    /// How far in the past it begins, so that a clock that is a little fast does no harm.
    static let head = Duration.seconds(60)
    /// From beginning to end; GitHub takes ten minutes at most.
    static let life = Duration.seconds(540)

    let issuer: JSONValue
    let key: Secret

    /// Reads the settings.
    ///
    /// - Throws: `configuration` (78) without an App or for a key that is no PEM text.
    init(_ context: RenewalContext) throws(Failure) {
        key = try Self.key(context)
        if let id = context.settings.text("client_id") {
            issuer = .string(id)
        } else if let id = context.settings.text("app_id") {
            issuer = Int64(id).map { .integer($0) } ?? .string(id)
        } else {
            throw .configuration(
                "credential \(context.credential) does not say which App it is", hint: "give client_id or app_id")
        }
    }

    /// The App's key in its one proper form, whichever way it was pasted.
    static func key(_ context: RenewalContext) throws(Failure) -> Secret {
        guard let pasted = context.secrets["private_key"] else {
            throw .configuration(
                "credential \(context.credential) has no private key", hint: "add `private_key: {file: PATH}`")
        }
        do throws(PEMFlaw) { return try PEMText(mending: pasted).text } catch {
            throw error.failure(naming: "the private_key of \(context.credential)")
        }
    }

    /// A token for a moment of GitHub's clock.
    ///
    /// - Throws: `configuration` (78) for keys that cannot sign.
    func signed(at now: Instant, by cryptography: any Cryptography) throws(Failure) -> Secret {
        let begin = now.advanced(by: .zero - Self.head)
        let header: JSONValue = ["alg": "RS256", "typ": "JWT"]
        let claims: JSONValue = [
            "iat": .integer(begin.seconds), "exp": .integer(begin.advanced(by: Self.life).seconds), "iss": issuer,
        ]
        let message = [header, claims].map { Base64URL.encode($0.encoded.utf8) }.joined(separator: ".")
        let signature = try cryptography.signRS256(Array(message.utf8), pem: key)
        let token = SecretBuilder(capacity: 1024)
        token.append(contentsOf: message.utf8)
        token.append(UInt8(ascii: "."))
        token.append(contentsOf: Base64URL.encode(signature).utf8)
        return token.finish()
    }
}
