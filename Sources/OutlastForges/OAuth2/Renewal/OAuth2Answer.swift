// The answer of a token endpoint (RFC 6749, sections 5.1 and 5.2) as servers really send it: JSON or a form, and errors
// with any status, 200 included.
import OutlastModel

/// One answer to a refresh.
struct OAuth2Answer {
    let answer: APIAnswer
    /// When the request left: what `expires_in` counts from at the latest.
    let sentAt: Instant
    /// The refresh token that was used; it stays where none comes back.
    let refresh: Secret
    let context: RenewalContext

    private let fields: JSONValue

    init(_ answer: APIAnswer, sentAt: Instant, refresh: Secret, context: RenewalContext) {
        self.answer = answer
        self.sentAt = sentAt
        self.refresh = refresh
        self.context = context
        fields = Self.fields(of: answer)
    }

    /// What became of the refresh.
    var verdict: RenewalAnswer {
        if let error = fields["error"]?.text, !error.isEmpty { return verdict(error) }
        guard answer.status < 300, let access = TokenText.token(fields["access_token"]) ?? deepAccess else {
            return .inDoubt(DecisiveRequest.doubt(answer))
        }
        let scopes = fields["scope"]?.text.map { scope in
            scope.split { $0 == " " || $0 == "," }.map(String.init)
        }
        return .renewed(
            TokenBundle(
                access: access, refresh: TokenText.token(fields["refresh_token"]) ?? refresh, expiry: expiry(access),
                scopes: scopes?.isEmpty == true ? nil : scopes))
    }

    private var deepAccess: Secret? { TokenText.find("access_token", in: answer) }

    /// `expires_in` counted from when the request left, which is never too late; else what the token itself says.
    private func expiry(_ access: Secret) -> Expiry {
        let seconds = fields["expires_in"]?.wholeNumber ?? fields["expires_in"]?.text.flatMap { Int64($0) }
        if let seconds, (0...3_153_600_000).contains(seconds) { return .at(sentAt.advanced(by: .seconds(seconds))) }
        return JWTReader.expiry(of: access).map(Expiry.at) ?? .unknown
    }

    /// Only one error means that the grant is finished; two tell nothing about what was done.
    private func verdict(_ error: String) -> RenewalAnswer {
        let told = fields["error_description"]?.text.map { ", \(SafeText.line($0, limit: 240))" } ?? ""
        let said = "\(answer.host) says \(SafeText.line(error, limit: 80))\(told)\(answer.trace)"
        switch error {
        case "invalid_grant", "bad_refresh_token":
            return .refused(
                Failure(
                    .rejected, "the refresh token of \(context.credential) is finished: \(said)",
                    hint:
                        "somebody else has used it, or it was taken back: authorize anew and give the job the new pair")
            )
        case "server_error", "temporarily_unavailable":
            return .inDoubt(Failure(.renewalInDoubt, "nobody can tell whether it was renewed: \(said)"))
        case "invalid_client", "incorrect_client_credentials":
            return .refused(
                context.refused(
                    "the client's id and secret are not taken: \(said)", hint: OAuth2Client.checkAdvice))
        case "unauthorized_client":
            return .refused(context.refused(said, hint: "have the server let this client use the refresh grant"))
        default: return .refused(context.refused(said))
        }
    }

    /// The members, whichever way they came.
    private static func fields(of answer: APIAnswer) -> JSONValue {
        if let json = answer.json, json.members != nil { return json }
        let type = answer.response.header("Content-Type")?.lowercased() ?? ""
        guard type.contains("form-urlencoded") || type.contains("text/plain") else { return .object([]) }
        return .object(
            answer.response.body.split(separator: UInt8(ascii: "&")).map { pair in
                let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                let texts = sides.map(decoded)
                return JSONValue.Member(texts[0], .string(texts.count > 1 ? texts[1] : ""))
            })
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(32)
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
                guard digits.count == 2 else {
                    bytes.append(byte)
                    continue
                }
                bytes.append(UInt8(digits[0] << 4 | digits[1]))
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
