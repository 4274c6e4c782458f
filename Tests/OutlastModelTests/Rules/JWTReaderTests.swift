// Times read from JSON web tokens in every form that carries one, and from nothing else.

import OutlastModel
import OutlastTestKit
import Testing

@Suite("Reading JSON web tokens")
struct JWTReaderTests {
    private let end = Instant(seconds: 1_795_219_800)

    private func expiry(_ token: String) -> Instant? { JWTReader.expiry(of: Secret(token)) }

    @Test(
        "finds exp in every form that carries a JWT",
        arguments: ["", "glcbt-", "glcbt-64_", "ghs_", "ghs_1234567_", "a-b_c-"])
    func forms(_ prefix: String) {
        #expect(expiry(prefix + TestJWT.token(payload: #"{"exp":1795219800,"iss":"x"}"#)) == end)
    }

    @Test("reads the other times and the issuer")
    func claims() {
        let claims = JWTReader.claims(
            of: Secret(TestJWT.token(payload: #"{"iss":"https://i","iat":1.25,"nbf":0,"exp":1795219800.9996}"#)))
        #expect(claims?.issuer == "https://i")
        #expect(claims?.issuedAt == Instant(milliseconds: 1250))
        #expect(claims?.notBefore == Instant(seconds: 0))
        #expect(claims?.expiresAt == Instant(milliseconds: 1_795_219_800_999), "rounded down: dead early, never late")
    }

    @Test("reads the token of RFC 7519, section 3.1")
    func published() {
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        #expect(expiry(token) == Instant(seconds: 1_300_819_380))
    }

    @Test(
        "takes nothing that is no date for one",
        arguments: ["null", "\"1795219800\"", "-1", "1e300", "253402300800", "true", "[]"])
    func noDate(_ value: String) {
        let token = Secret(TestJWT.token(payload: "{\"exp\":\(value)}"))
        #expect(JWTReader.claims(of: token) != nil)
        #expect(JWTReader.expiry(of: token) == nil)
    }

    @Test(
        "is not misled by tokens that only look like one",
        arguments: [
            "", ".", "..", "a.b.c", "eyJ.eyJ.eyJ", "glpat-0123456789abcdefghij", "glpat-AbC_dEf.01.170abcdef",
            "ghs_0123456789012345678901234567890123456789", "glcbt-64_abcdefghijklmnopqrst",
        ])
    func others(_ token: String) { #expect(JWTReader.claims(of: Secret(token)) == nil) }

    @Test("refuses other shapes: four segments, an encrypted one, headers and payloads that are no objects")
    func shapes() {
        let whole = TestJWT.token(payload: #"{"exp":1795219800}"#)
        #expect(expiry(whole + ".x") == nil)
        #expect(expiry(whole + ".x.y") == nil)
        #expect(expiry(TestJWT.token(payload: "[1795219800]")) == nil)
        #expect(expiry(TestJWT.token(payload: #"{"exp":1795219800}"#, header: "[]")) == nil)
        #expect(expiry(whole.replacing(".", with: "!.")) == nil)
    }

    @Test("looks at bounded tokens only, and never traps on random ones")
    func bounds() {
        let long = TestJWT.token(payload: #"{"exp":1795219800,"x":""# + String(repeating: "a", count: 20_000) + "\"}")
        #expect(expiry(long) == nil)
        var random = SeededRandom(seed: 3)
        for _ in 0..<500 {
            let letters = Array("eyJ.-_=A9{}".utf8)
            let bytes = (0..<60).map { _ in letters.randomElement(using: &random) ?? 0 }
            _ = JWTReader.claims(of: Secret(bytes: bytes))
        }
    }
}
