// What programs and other services hand out: a bare token, or JSON with its end. Nothing is guessed: a text with blanks in
// it is an error message and no token.
import OutlastModel

/// Reads a token with its end.
enum ProgramToken {
    /// The token of an output: JSON with `token` and, where known, `expires_at` (a moment, or seconds), or the bare token.
    ///
    /// Without an end of its own the end is what the token itself tells (a JSON web token), else unknown.
    static func read(_ output: Secret, at now: Instant) -> TokenBundle? {
        guard let trimmed = output.withBytes({ Secret.token(trimming: $0) }) else { return nil }
        let looksLikeJSON = trimmed.withBytes { $0.first == UInt8(ascii: "{") }
        guard looksLikeJSON else { return trimmed.isPrintableToken ? bundle(trimmed, .unknown) : nil }
        guard let json = try? JSONValue(parsing: trimmed.withBytes { Array($0) }) else { return nil }
        return read(json, token: ["token"], end: ["expires_at"], at: now)
    }

    /// The token at a place in JSON, with its end at another.
    static func read(_ json: JSONValue, token: [String], end: [String], at now: Instant) -> TokenBundle? {
        guard let secret = TokenText.token(JSONPointer(token).value(in: json)) else { return nil }
        return bundle(secret, TokenText.end(JSONPointer(end).value(in: json), from: now))
    }

    private static func bundle(_ token: Secret, _ end: Expiry) -> TokenBundle {
        guard end == .unknown, let moment = JWTReader.expiry(of: token) else {
            return TokenBundle(access: token, expiry: end)
        }
        return TokenBundle(access: token, expiry: .at(moment))
    }

    /// Asks the forge whose token this looks like, where the credential has its API; else there is no question.
    static func probe(_ bundle: TokenBundle, _ context: RenewalContext) async -> ProbeAnswer {
        let found = TokenIdentification(
            token: bundle.access, chosenForge: nil, kindFromCI: nil, forgeOfCI: nil, forges: Forges.all)
        guard let api = context.api, let forge = Forges.all.first(where: { $0.id == found.forge }),
            forge.canInspect(found.kind)
        else {
            return .unknown(
                Failure(
                    .lifetimeUnknown, "nobody can be asked about \(CredentialName.token(of: context.credential))",
                    hint: "let its source tell `expires_at`"))
        }
        do throws(Failure) {
            let question = TokenQuestion(
                token: bundle.access, api: api, kind: found.kind, timeout: context.questionTimeout)
            let reading = try await forge.inspect(question, over: context.transport, clock: context.clock)
            return reading.standing.isDead ? .dead(reading) : .alive(reading)
        } catch { return .unknown(error) }
    }

    /// The word that jobs share tokens by; nil when they don't.
    static func root(_ context: RenewalContext) throws(Failure) -> (secret: Secret, purpose: SecretPurpose)? {
        guard context.secrets["cache_key"] != nil else { return nil }
        guard let key = context.word("cache_key") else {
            throw .configuration(
                "the cache_key of \(context.credential) is empty", hint: "fill it, or leave it out")
        }
        return (key, .minting)
    }
}
