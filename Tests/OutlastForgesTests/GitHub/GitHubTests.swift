// GitHub's answers: headers that tell an end, refusals that tell no cause, limits of every sort.

import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("GitHub's answers")
struct GitHubTests {
    static let api = "https://api.github.com"
    static let userLine = "GET \(api)/user"
    static let installationLine = "GET \(api)/installation/repositories?per_page=1"

    static func user(_ headers: [(name: String, value: String)] = []) -> HTTPResponse {
        .json(#"{"login": "dev", "id": 7, "type": "User", "site_admin": false}"#, headers: headers)
    }
    static let repositories = HTTPResponse.json(#"{"total_count": 1, "repositories": [{"id": 1}]}"#)

    private func reading(_ kind: TokenKind, _ steps: [ScriptedTransport.Step]) async throws -> TokenReading {
        let (reading, credentials) = try await GitHub().ask(kind, at: Self.api, steps)
        #expect(credentials.allSatisfy { $0 == "Authorization: Bearer …" })
        return reading
    }

    @Test(
        "the end of a personal access token is read from its header in every form",
        arguments: [
            ("2027-10-12 09:00:00 UTC", "2027-10-12T09:00:00Z"), ("2027-03-31 00:00:00 +0900", "2027-03-30T15:00:00Z"),
            ("2027-03-31 00:00:00 -0530", "2027-03-31T05:30:00Z"), ("2027-10-12T09:00:00Z", "2027-10-12T09:00:00Z"),
            ("2027-10-12T09:00:00+02:00", "2027-10-12T07:00:00Z"), ("soon", nil), ("", nil),
        ] as [(String, String?)])
    func expiryHeader(_ text: String, _ expected: String?) async throws {
        for kind in [GitHub.classic, GitHub.fineGrained, .opaque] {
            let answer = Self.user([("GitHub-Authentication-Token-Expiration", text)])
            let reading = try await reading(kind, [.init(Self.userLine, answer)])
            #expect(reading.standing == .alive)
            #expect(reading.expiry.instant?.text == expected)
            if expected == nil { #expect(reading.expiry == .unknown) }
        }
    }

    @Test("without the header a token with a personal prefix has no end; on an Enterprise Server nobody knows")
    func noHeader() async throws {
        let rows: [(TokenKind, [(name: String, value: String)], Expiry)] = [
            (GitHub.classic, [], .never), (GitHub.fineGrained, [], .never), (GitHub.oauth, [], .never),
            (GitHub.appUser, [], .unknown), (.opaque, [], .unknown),
            (GitHub.classic, [("X-GitHub-Enterprise-Version", "3.14.0")], .unknown),
        ]
        for (kind, headers, expiry) in rows {
            let reading = try await reading(kind, [.init(Self.userLine, Self.user(headers))])
            #expect(reading.expiry == expiry, "\(kind.id)")
            #expect(reading.detail != nil)
        }
    }

    @Test("scopes are told by a header, permissions are not told at all")
    func scopes() async throws {
        for (header, scopes) in [("repo, read:org", ["repo", "read:org"]), ("", [])] {
            let answer = Self.user([("X-OAuth-Scopes", header)])
            let reading = try await reading(GitHub.classic, [.init(Self.userLine, answer)])
            #expect(reading.scopes == scopes)
        }
        #expect(try await reading(GitHub.fineGrained, [.init(Self.userLine, Self.user())]).scopes == nil)
    }

    @Test("installation tokens and GITHUB_TOKEN are asked about as an App's, in both written forms")
    func installation() async throws {
        let forms = ["ghs_012345678901234567890123456789012345", "ghs_12_" + TestJWT.token(payload: #"{"exp":1}"#)]
        for token in forms {
            for kind in [GitHub.installation, GitHub.actions] {
                let (reading, _) = try await GitHub().ask(
                    kind, at: Self.api, [.init(Self.installationLine, Self.repositories)], token: token)
                #expect(reading.standing == .alive && reading.kind == kind && reading.expiry == .unknown)
            }
        }
    }

    @Test("an App's token that was taken for a user's is recognised")
    func integration() async throws {
        let refusal = HTTPResponse.json(#"{"message": "Resource not accessible by integration"}"#, status: 403)
        let found = try await reading(
            .opaque, [.init(Self.userLine, refusal), .init(Self.installationLine, Self.repositories)])
        #expect(found.standing == .alive && found.kind == GitHub.installation)
        let poor = try await reading(GitHub.actions, [.init(Self.installationLine, refusal)])
        #expect(poor.standing == .alive && poor.kind == GitHub.actions)
    }

    @Test(
        "refusals are told apart as far as GitHub does",
        arguments: [
            (401, "Bad credentials", [], .rejected, "does not tell expired from revoked"),
            (
                403, "Resource not accessible by personal access token",
                [("X-Accepted-GitHub-Permissions", "contents=read; metadata=read")],
                .insufficientScope(needs: ["contents=read", "metadata=read"]), "alive"
            ),
            (
                403, "Resource protected by organization SAML enforcement.",
                [("X-GitHub-SSO", "required; url=https://github.com/orgs/o/sso?authorization_request=A")],
                .insufficientScope(needs: []), "single sign-on"
            ),
            (403, "This installation has been suspended", [], .blocked, "suspended"),
            (403, "Sorry. Your account was suspended.", [], .blocked, "suspended"),
            (
                403,
                "Although you appear to have the correct authorization credentials, the `o` organization has an "
                    + "IP allow list enabled, and your IP address is not permitted.", [], .blocked, "IP allow list"
            ),
        ] as [(Int, String, [(name: String, value: String)], TokenStanding, String)])
    func refusals(
        _ status: Int, _ message: String, _ headers: [(name: String, value: String)], _ standing: TokenStanding,
        _ words: String
    ) async throws {
        let body = JSONValue.object([.init("message", .string(message)), .init("status", .string(String(status)))])
        let answer = HTTPResponse.json(
            body.encoded, status: status, headers: headers + [("X-GitHub-Request-Id", "AB12:34")])
        for (kind, line) in [(GitHub.classic, Self.userLine), (GitHub.installation, Self.installationLine)] {
            let reading = try await reading(kind, [.init(line, answer)])
            #expect(reading.standing == standing)
            #expect(reading.detail?.contains(words) == true, "\(reading.detail ?? "")")
            #expect(reading.detail?.contains("AB12:34") == true)
            #expect(reading.detail?.contains("authorization_request") == false)
        }
    }

    @Test(
        "limits of every sort mean: later",
        arguments: [
            (
                403, "API rate limit exceeded for user ID 7.",
                [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795213200")], "10m"
            ),
            (
                429, "API rate limit exceeded", [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795213200")],
                "10m"
            ),
            (403, "You have exceeded a secondary rate limit.", [("retry-after", "120")], "2m"),
            (403, "You have exceeded a secondary rate limit.", [], "1m"),
            (403, "Maximum number of login attempts exceeded. Please try again later.", [], "too many failed logins"),
        ] as [(Int, String, [(name: String, value: String)], String)])
    func limits(_ status: Int, _ message: String, _ headers: [(name: String, value: String)], _ words: String)
        async throws
    {
        let answer = HTTPResponse.json(#"{"message": "\#(message)"}"#, status: status, headers: headers)
        let failure = await #expect(throws: Failure.self) {
            _ = try await reading(GitHub.classic, [.init(Self.userLine, answer)])
        }
        #expect(failure?.code == .slowDown)
        #expect(failure?.message.contains("api.github.com") == true && failure?.message.contains(words) == true)
    }

    @Test("a proxy that drops the credential is no refusal of the token")
    func droppedCredential() async throws {
        let answer = HTTPResponse.json(#"{"message": "Requires authentication"}"#, status: 401)
        let failure = await #expect(throws: Failure.self) {
            _ = try await reading(GitHub.classic, [.init(Self.userLine, answer)])
        }
        #expect(failure?.code == .unreachable)
    }
}
