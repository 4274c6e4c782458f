// Actions secrets and deploy keys.
import Testing

@testable import OutlastSandbox

@Suite struct GitHubSecretTests {
    static let sealed =
        "eaYx7t4b+cmPEgMs3q3Q56B5OY/HhriMyEbsia+FpRo8aWKd8F686otDiTFFmnJ1lrnHrk7vYsr9Pi0kSZk="

    @Test func aSealedBoxOpensAndAChangedOneDoesNot() throws {
        let key = try #require(SealedBoxKey(id: "1", secretKey: Array(1...32)))
        #expect(base64Encoded(key.publicKey) == "B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=")
        var box = try #require(base64Decoded(Self.sealed))
        #expect(key.open(box).map { String(decoding: $0, as: UTF8.self) } == "outlast-secret")
        for index in box.indices {
            box[index] ^= 1
            // The top bit of a Curve25519 point is ignored; the lowest bits flipped here never are.
            #expect(key.open(box) == nil)
            box[index] ^= 1
        }
    }

    @Test func blake2bMatchesItsStandard() {
        #expect(
            hex(blake2b(Array("abc".utf8), length: 64)).hasPrefix(
                "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"))
        #expect(blake2b([UInt8](repeating: 7, count: 129), length: 24).count == 24)
    }

    @Test(arguments: [
        ("/github/repos/octo-org/app/actions/secrets", "repos/octo-org/app/actions"),
        ("/github/repos/octo-org/app/environments/prod/secrets", "repos/octo-org/app/environments/prod"),
        ("/github/orgs/octo-org/actions/secrets", "orgs/octo-org/actions"),
    ])
    func secretsArePutSealedAndNeverShown(path: String, shelf: String) async throws {
        try await withSandbox { sandbox in
            sandbox.update { $0.github.boxes[shelf] = SealedBoxKey(id: "77", secretKey: Array(1...32)) }
            let token = sandbox.github.addToken(scopes: ["repo", "admin:org"])
            let visitor = Visitor(sandbox)
            let key = try await visitor.get(path + "/public-key", token: token)
            #expect(key.text == #"{"key_id":"77","key":"B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw="}"#)
            let isOrganization = path.contains("/orgs/")
            let body =
                #"{"encrypted_value":"\#(Self.sealed)","key_id":"77"\#(isOrganization ? #","visibility":"all""# : "")}"#
            let first = try await visitor.send("PUT", path + "/RELEASE_TOKEN", token: token, json: body)
            let second = try await visitor.send("PUT", path + "/RELEASE_TOKEN", token: token, json: body)
            #expect(first.status == 201 && second.status == 204)
            #expect(sandbox.github.secret("RELEASE_TOKEN", on: shelf) == "outlast-secret")
            let shown = try await visitor.get(path + "/RELEASE_TOKEN", token: token)
            #expect(shown.json["name"]?.string == "RELEASE_TOKEN" && shown.json["value"] == nil)
        }
    }

    @Test func aSecretWithoutItsKeyIsRefused() async throws {
        try await withSandbox { sandbox in
            let token = sandbox.github.addToken()
            let reply = try await Visitor(sandbox).send(
                "PUT", "/github/repos/octo-org/app/actions/secrets/X", token: token,
                json: #"{"encrypted_value":"\#(Self.sealed)"}"#)
            #expect(reply.status == 422)
            #expect(reply.json["message"]?.string == "Invalid request.\n\n\"key_id\" wasn't supplied.")
        }
    }

    @Test func deployKeysAreUniqueAndDieWithTheirToken() async throws {
        try await withSandbox { sandbox in
            let path = "/github/repos/octo-org/app/keys"
            let visitor = Visitor(sandbox)
            let token = sandbox.github.addToken()
            let first = #"{"title":"a","key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== me","read_only":true}"#
            let made = try await visitor.post(path, token: token, json: first)
            #expect(made.status == 201 && made.json["read_only"]?.bool == true)
            let twice = try await visitor.post(path, token: token, json: first)
            #expect(twice.status == 422 && twice.text == factText("github.key.inUse"))
            let renewed = try sandbox.github.regenerateToken(token)
            #expect(sandbox.github.deployKeys(of: "octo-org/app").count == 1)
            sandbox.github.deleteToken(renewed)
            #expect(sandbox.github.deployKeys(of: "octo-org/app").isEmpty)
        }
    }

    @Test func deployKeysOfAnAppSurviveItsToken() async throws {
        try await withSandbox { sandbox in
            let app = try sandbox.github.addApp()
            let installation = try sandbox.github.install(app, permissions: ["administration": "write"])
            let token = try sandbox.github.mintToken(installation: installation)
            let visitor = Visitor(sandbox)
            let path = "/github/repos/octo-org/app/keys"
            let made = try await visitor.post(
                path, token: token, json: #"{"key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB=="}"#)
            let id = try #require(made.json["id"]?.int)
            sandbox.github.deleteToken(token)
            #expect(sandbox.github.deployKeys(of: "octo-org/app") == [id])
            let another = try sandbox.github.mintToken(installation: installation)
            #expect(try await visitor.send("DELETE", path + "/\(id)", token: another).status == 204)
        }
    }

    @Test func deployKeysAreSwitchedOffByAnOrganization() async throws {
        try await withSandbox { sandbox in
            let path = "/github/repos/octo-org/app/keys"
            let visitor = Visitor(sandbox)
            let token = sandbox.github.addToken()
            let made = try await visitor.post(
                path, token: token, json: #"{"key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB=="}"#)
            #expect(made.json["enabled"]?.bool == true && made.json["read_only"]?.bool == false)
            let lever = #"{"account":"octo-org","disabled":true}"#
            #expect(try await visitor.post("/_sandbox/github/deploy-key-policies", json: lever).status == 200)
            let refused = try await visitor.post(
                path, token: token, json: #"{"key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC=="}"#)
            #expect(refused.status == 422 && refused.text == factText("github.key.disabled"))
            #expect(try await visitor.get(path, token: token).json[0]?["enabled"]?.bool == false)
        }
    }

    @Test func aUsersKeyIsNoDeployKey() async throws {
        try await withSandbox { sandbox in
            let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID=="
            sandbox.github.addUserKey(key)
            let reply = try await Visitor(sandbox).post(
                "/github/repos/octo-org/app/keys", token: sandbox.github.addToken(), json: #"{"key":"\#(key) me"}"#)
            #expect(reply.status == 422 && reply.text == factText("github.key.inUse"))
        }
    }

    @Test func strangersAskSixtyTimesAnHour() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let first = try await visitor.get("/github/meta")
            #expect(first.text == factText("github.meta") && first.header("x-ratelimit-limit") == "60")
            for _ in 2...60 { #expect(try await visitor.get("/github/meta").status == 200) }
            #expect(try await visitor.get("/github/meta").status == 403)
            #expect(try await visitor.get("/github/meta", token: sandbox.github.addToken()).status == 200)
        }
    }

    @Test func metaNamesTheKeysOfAServerUnderTest() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
            _ = try await visitor.post("/_sandbox/github/host-keys", json: #"{"keys":["\#(key)"]}"#)
            let meta = try await visitor.get("/github/meta").json
            #expect(meta["ssh_keys"]?.strings == [key])
            let print = meta["ssh_key_fingerprints"]?["SHA256_ED25519"]?.string
            #expect(print == "+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU")
            _ = try await visitor.post("/_sandbox/github/host-keys", json: "{}")
            #expect(try await visitor.get("/github/meta").text == factText("github.meta"))
        }
    }

    @Test func jobsOfAnAttemptAreListed() async throws {
        try await withSandbox { sandbox in
            sandbox.github.addJob(run: 7, attempt: 1, name: "build (linux)", status: "completed", conclusion: "failure")
            sandbox.github.addJob(run: 7, attempt: 2, name: "build (linux)")
            let token = sandbox.github.addToken()
            let reply = try await Visitor(sandbox).get(
                "/github/repos/octo-org/app/actions/runs/7/attempts/2/jobs", token: token)
            #expect(reply.json["total_count"]?.int == 1)
            #expect(reply.json["jobs"]?[0]?["started_at"]?.string == "2026-11-20T22:10:00Z")
        }
    }
}
