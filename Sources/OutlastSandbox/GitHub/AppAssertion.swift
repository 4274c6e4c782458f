// The JWT by which an App proves itself, checked against the sandbox's clock with the forge's own sentences.

extension World {
    /// The App that a call's JWT proves.
    /// - Throws: GitHub's 401 for whatever is wrong with it.
    mutating func gitHubApp(_ call: Call) throws -> GitHubApp {
        guard let assertion = call.bearer else { throw Refusal("github.requiresAuthentication") }
        let parts = assertion.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let header = object(parts[0]), let claims = object(parts[1]),
            let signature = base64Decoded(parts[2]), header["alg"]?.string == "RS256"
        else { throw Refusal("github.jwt.undecodable") }
        guard let app = app(issuer: claims["iss"]) else { throw Refusal("github.jwt.unknownApp") }
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        guard AppKeyPair.verifies(signature, signed, publicKey: app.publicKey) else {
            throw Refusal("github.jwt.undecodable")
        }
        try checkTimes(claims)
        return app
    }

    private func object(_ part: String) -> JSON? {
        base64Decoded(part).flatMap { JSON(parsing: $0) }
    }

    /// The issuer is the client id or the number of the App, the latter as text or as a number.
    private func app(issuer: JSON?) -> GitHubApp? {
        if let id = issuer?.int, let app = github.apps[id] { return app }
        return github.apps.values.first { $0.clientID == issuer?.string }
    }

    private func checkTimes(_ claims: JSON) throws {
        guard case .int(let issued) = claims["iat"], issued <= now.seconds else { throw Refusal("github.jwt.issuedAt") }
        guard case .int(let expires) = claims["exp"], expires > now.seconds else { throw Refusal("github.jwt.expired") }
        guard expires <= now.seconds + 600 else { throw Refusal("github.jwt.tooFar") }
    }
}
