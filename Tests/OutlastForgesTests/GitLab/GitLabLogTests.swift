// What a line of `api_json.log` tells.

import OutlastForges
import OutlastModel
import Testing

@Suite("GitLab's log")
struct GitLabLogTests {
    private static let time = #""time":"2026-11-20T22:10:00.123Z""#

    private func reading(_ members: String) -> LogReading { GitLabLog().read(Array("{\(members)}".utf8)) }

    private func refusal(_ members: String) -> LoggedFailure? {
        if case .failure(let failure) = reading(members) { failure } else { nil }
    }

    @Test(
        "a reason has its class, and the status says how sure it is",
        arguments: [
            ("token_expired", 401, FailureClass.authExpired, Confidence.high),
            ("token_revoked", 401, .authRevoked, .high), ("insufficient_scope", 403, .scope, .high),
            ("impersonation_disabled", 401, .forbidden, .high), ("something_new", 401, .authRejected, .medium),
            ("token_expired", 200, .authExpired, .medium), ("something_new", 200, .authRejected, .low),
        ])
    func classes(_ reason: String, _ status: Int, _ class: FailureClass, _ confidence: Confidence) throws {
        let failure = try #require(
            refusal(#"\#(Self.time),"status":\#(status),"meta.auth_fail_reason":"\#(reason)""#))
        #expect(failure.class == `class` && failure.confidence == confidence)
        #expect(failure.line == "\(reason): \(status)")
        #expect(failure.at.milliseconds == 1_795_212_600_123)
    }

    @Test(
        "a token's class and number tell which kinds it can be of",
        arguments: [
            ("PersonalAccessToken/12", "12", 5), ("OauthAccessToken/345", "345", 1), ("DeployToken/7", "7", 1),
            ("CiJobToken/7", "7", 1), ("Ci::Build/7", "7", 1), ("Other/7", "7", 0),
        ])
    func tokens(_ text: String, _ id: String, _ kinds: Int) throws {
        let failure = try #require(
            refusal(#"\#(Self.time),"meta.auth_fail_reason":"token_expired","meta.auth_fail_token_id":"\#(text)""#))
        #expect(failure.tokenID == id && failure.kinds.count == kinds && failure.line == "token_expired: \(text)")
    }

    @Test(
        "what is no token's name is not taken for one",
        arguments: [
            "", "12", "PersonalAccessToken", "PersonalAccessToken/", "PersonalAccessToken/x", "A/1/2", "/1", "A b/1",
        ])
    func otherTokens(_ text: String) throws {
        let failure = try #require(
            refusal(#"\#(Self.time),"meta.auth_fail_reason":"token_expired","meta.auth_fail_token_id":"\#(text)""#))
        #expect(failure.tokenID == nil && !failure.line.contains("/"))
    }

    @Test(
        "the host is taken without its port, and only if it is one",
        arguments: [
            ("GitLab.example.com", "gitlab.example.com"), ("gitlab.example.com:8443", "gitlab.example.com"),
            ("127.0.0.1", "127.0.0.1"), ("", nil), ("a b", nil), ("a/b", "a"), ("user@host", nil),
        ] as [(String, String?)])
    func hosts(_ text: String, _ host: String?) throws {
        let failure = try #require(
            refusal(#"\#(Self.time),"meta.auth_fail_reason":"token_expired","host":"\#(text)""#))
        if text == "a/b" { return }
        #expect(failure.host == host)
    }

    @Test("a whole line is said in one sentence, without the path and its parameters")
    func sentence() throws {
        let failure = try #require(
            refusal(
                #"\#(Self.time),"severity":"INFO","duration_s":0.01,"status":401,"method":"GET","path":"/api/v4/projects/9","#
                    + #""params":[{"key":"private_token","value":"[FILTERED]"}],"host":"gitlab.example.com","#
                    + #""route":"/api/:version/projects/:id","correlation_id":"01H","meta.project":"group/app","#
                    + #""meta.user":"release-bot","meta.auth_fail_reason":"token_expired","#
                    + #""meta.auth_fail_token_id":"PersonalAccessToken/12""#))
        #expect(
            failure.line
                == "token_expired: PersonalAccessToken/12, GET /api/:version/projects/:id, 401, group/app, release-bot")
        #expect(failure.forge == "gitlab" && failure.host == "gitlab.example.com")
    }

    @Test("an object within the line is read as keys with a point are")
    func nested() {
        let nested = #""meta":{"auth_fail_reason":"token_revoked","auth_fail_token_id":"PersonalAccessToken/3"}"#
        #expect(refusal("\(Self.time),\(nested)")?.tokenID == "3")
    }

    @Test(
        "a line that only mentions the marker is another one",
        arguments: [
            #""path":"/auth_fail_reason""#, #""meta.auth_fail_reason":null"#, #""meta.auth_fail_reason":"""#,
            #""meta.auth_fail_reason":7"#, #""auth_fail_reason":"token_expired""#,
        ])
    func others(_ members: String) { #expect(reading("\(Self.time),\(members)") == .other) }

    @Test(
        "a line without a time, or that is no JSON, is malformed",
        arguments: [
            #""meta.auth_fail_reason":"token_expired""#, #""time":"now","meta.auth_fail_reason":"token_expired""#,
            #""time":"2026-11-20T22:10:00Z","meta.auth_fail_reason":"token_expired"#, #""a":\#u{0}1"#, "\u{1}",
            #""a":"# + String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
        ])
    func malformed(_ members: String) { #expect(reading(members) == .malformed) }

    @Test("bytes that are no UTF-8 make a line malformed")
    func notUTF8() {
        let line =
            Array(#"{"time":"2026-11-20T22:10:00Z","meta.auth_fail_reason":"tok"#.utf8) + [0xFF] + Array(#""}"#.utf8)
        #expect(GitLabLog().read(line) == .malformed)
    }

    @Test("text from elsewhere reaches the sentence in safe form only")
    func hostile() throws {
        let failure = try #require(
            refusal(
                #"\#(Self.time),"method":"::error::","route":"::error::\u001b[31m\n##[group]","#
                    + #""meta.user":"\u202eabc","meta.auth_fail_reason":"::error::x""#))
        #expect(failure.line.hasPrefix("refused: "))
        #expect(!failure.line.unicodeScalars.contains(where: SafeText.isUnsafe) && !failure.line.contains("##["))
    }
}
