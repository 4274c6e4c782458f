import OutlastModel
import Testing

@testable import OutlastConfig

@Suite struct PastedTokenTests {
    static let tokens = [
        "glpat-abcdefghij0123456789", "ghp_abcdefghij0123456789abcdefghij012345", "github_pat_11ABCDEFG0abcdefghij",
        "ghs_1234_eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2lnbmF0dXJl",
        "glcbt-64_abcdefghijklmnopqrst", "4f9c2d7be1a84f0e9b6d5c3a2f1e0d9c8b7a6958", "ATBBabcdefghijklmnop0123456789",
    ]

    static let places = [
        "version: 1\ncredentials: {a: {token: TOKEN}}", "version: 1\ncredentials: {a: {token: {env: TOKEN}}}",
        "version: 1\ncredentials: {a: {token: [TOKEN]}}", "version: 1\ncredentials: {a: {username: 'x:TOKEN'}}",
        "version: 1\ncredentials: {a: {TOKEN: x}}", "version: 1\ncredentials: {'TOKEN x': {}}", "version: 1\nTOKEN: 1",
        "version: 1\nmargin: TOKEN", "version: TOKEN", "version: 1\ncredentials: {a: {renew: {method: TOKEN}}}",
        "version: 1\ncredentials: {a: {publish: [TOKEN: {}]}}", "version: 1\ncredentials: {a: {hosts: ['TOKEN@h']}}",
        "version: 1\ncredentials: {a: {api_url: 'https://oauth2:TOKEN@h/'}}", "version: 1\nTOKEN: 1\nTOKEN: 2", "TOKEN",
        "version: 1\ncredentials: {a: {renew: {method: gitlab-replace, with: TOKEN}}}",
        "version: 1\ncredentials: {a: {ssh: {host: h, key: TOKEN}}}", "version: 1\nmargin: {TOKEN",
        "version: 1\ncredentials: {a: {ssh: {host: h, host_keys: [TOKEN]}}}",
    ]

    @Test(arguments: tokens)
    func isNeverEchoed(token: String) throws {
        for place in Self.places {
            let failure = try #require(
                Fixture.failure { try Fixture.load(place.replacing("TOKEN", with: token)) }, "\(place)")
            let said = failure.description
            #expect(!said.contains(token) && !said.contains(token.suffix(8)), "\(place)")
        }
    }

    @Test func isNamedAsWhatItIs() throws {
        let text = "version: 1\ncredentials:\n  a:\n    token: glpat-abcdefghij0123456789\n"
        let failure = try #require(Fixture.failure { try Fixture.load(text) })
        #expect(failure.message.hasPrefix("/etc/outlast.yml:4: holds what looks like a token"))
        #expect(!failure.message.contains("more mistake"))
        #expect(failure.hint?.contains("revoke") == true)
    }

    @Test func isFoundInHeadersAndArgumentsToo() {
        let header = """
            version: 1
            credentials:
              a:
                renew:
                  method: http
                  url: https://h/t
                  token_pointer: /t
                  headers: {Authorization: "Bearer glpat-abcdefghij0123456789"}
            """
        #expect(Fixture.failure { try Fixture.load(header) }?.message.contains(":8: holds what looks like") == true)
        let argument = "version: 1\ncredentials: {a: {token: {command: [get, --with=ghp_abcdefghij0123456789]}}}"
        #expect(Fixture.failure { try Fixture.load(argument) }?.message.contains("looks like a token") == true)
    }

    @Test func isFoundInAKeyThatWasPastedWhole() throws {
        let text =
            "version: 1\ncredentials:\n  a:\n    ssh:\n      host: h\n      key: |\n        -----BEGIN OPENSSH PRIVATE KEY-----\n        abc"
        let failure = try #require(Fixture.failure { try Fixture.load(text) })
        #expect(failure.message.contains("looks like a token or key"))
    }
}
