// `command` and `http` through the program: tokens that a program or a service of the operator's own hands out, shared
// between jobs only where the operator gave them a word for that.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("refresh: command and http", .timeLimit(.minutes(5)))
struct RefreshProgramTests {
    private static let cacheKey = "cache-key-0123456789-0123456789"

    private func configure(_ stage: Stage, _ renew: String, isShared: Bool) throws {
        try stage.configure(
            """
            forge: generic
            min_remaining: 10m
            renew:
              \(renew)
              \(isShared ? "cache_key: {env: CACHE_KEY}" : "")
            publish: [{file: {path: \(stage.home)}}]
            """)
        stage.scene.secret(Self.cacheKey)
    }

    /// A program that hands out `minted-token-N-…` in this form, N being how often it was asked.
    private func minter(_ stage: Stage, _ form: String) throws -> String {
        let folder = stage.scene.vault
        for count in 1...4 { stage.scene.secret("minted-token-\(count)-0123456789") }
        let text = """
            #!/bin/sh
            count=$(($(cat '\(folder)/count' 2>/dev/null || echo 0) + 1))
            echo $count >'\(folder)/count'
            token="minted-token-$count-0123456789"
            \(form)
            """
        let path = try stage.scene.hide(text, in: "mint")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        return path
    }

    private static let bare = "echo \"$token\""
    private static let object = #"printf '{"token":"%s","expires_at":3600}\n' "$token""#

    @Test("without a cache key every job has a token of its own, kept nowhere", arguments: ["bare", "JSON"])
    func alone(_ form: String) async throws {
        try await withStage { stage in
            let program = try minter(stage, form == "bare" ? Self.bare : Self.object)
            try configure(stage, "method: command\n  command: [\(program)]", isShared: false)
            for count in 1...2 {
                let run = try await stage.refresh()
                run.expect("renewed")
                #expect(try stage.published() == "minted-token-\(count)-0123456789")
                #expect(run.text("fingerprint") == stage.fingerprint("minted-token-\(count)-0123456789"))
                #expect((run["expires_at"] == .null) == (form == "bare"), "\(run.output)")
            }
        }
    }

    @Test("with a cache key jobs share a token, as long as its end is far", arguments: ["bare", "JSON"])
    func shared(_ form: String) async throws {
        try await withStage { stage in
            let program = try minter(stage, form == "bare" ? Self.bare : Self.object)
            try configure(stage, "method: command\n  command: [\(program)]", isShared: true)
            let key = ["CACHE_KEY": Self.cacheKey]
            try await stage.refresh("", key).expect("renewed", generation: 1)
            #expect(try stage.published() == "minted-token-1-0123456789")
            let second = try await stage.refresh("", key)
            second.expect("reused", generation: 1)
            #expect(second.text("fingerprint") == stage.fingerprint("minted-token-1-0123456789"))
            try await stage.refresh("--force", key).expect("renewed", generation: 2)
            let stranger = try await stage.refresh("", ["CACHE_KEY": stage.scene.secret("another-word-0123456789")])
            stranger.expect("renewed", generation: 1)
            #expect(
                stranger.text("fingerprint") == stage.fingerprint("minted-token-3-0123456789"),
                "another word, another family")
        }
    }

    @Test("a program that fails, or says no token, is told and nothing of its stdout repeated")
    func failing() async throws {
        try await withStage { stage in
            let rows = [
                ("echo \"$token and more\"", "no token"),
                ("echo \"$token\"; echo 'vault is sealed' >&2; exit 3", "vault is sealed"),
            ]
            for (form, words) in rows {
                let program = try minter(stage, form)
                try configure(stage, "method: command\n  command: [\(program)]", isShared: false)
                let run = try await stage.refresh()
                run.expect("failed", .renewalFailed)
                #expect(run.text("error.message")?.contains(words) == true, "\(run.output)")
            }
            try configure(stage, "method: command\n  command: [\(stage.scene.vault)/none]", isShared: false)
            try await stage.refresh().expect("failed", .renewalFailed)
        }
    }

    @Test("a program that mints gets the job's environment, without the key of the secret cache")
    func environment() async throws {
        try await withStage { stage in
            let program = try minter(stage, "env >'\(stage.scene.vault)/environment'\n\(Self.bare)")
            try configure(stage, "method: command\n  command: [\(program)]", isShared: false)
            try await stage.refresh("", ["VAULT_ADDR": "https://vault.example.com"]).expect("renewed")
            let seen = try #require(stage.scene.read("\(stage.scene.vault)/environment"))
            #expect(seen.contains("VAULT_ADDR=https://vault.example.com") && !seen.contains("OUTLAST_KEY="))
        }
    }

    /// Makes the sandbox answer at `/mint` with this text from now on.
    private func serve(_ stage: Stage, _ text: String, _ type: String = "application/json") {
        stage.sandbox.clearFaults()
        stage.sandbox.addFault(
            FaultRule(.body(text, contentType: type, .before), method: "GET", path: "/mint", times: nil))
    }

    private func http(_ stage: Stage, _ more: String = "") -> String {
        "method: http\n  url: \"\(stage.sandbox.baseURL)/mint\"\n  headers: {X-Team: release, Authorization: {env: MINT_AUTHORIZATION}}\(more)"
    }

    @Test("a service's JSON is read by pointers, its headers come from the configuration and the environment")
    func pointers() async throws {
        try await withStage { stage in
            try configure(
                stage, http(stage, "\n  token_pointer: /data/0/value\n  expires_pointer: /data/0/end"), isShared: true)
            let word = stage.scene.secret("Bearer-minting-right-0123456789")
            let variables = ["CACHE_KEY": Self.cacheKey, "MINT_AUTHORIZATION": word]
            let token = stage.scene.secret("served-token-1-0123456789")
            serve(stage, #"{"data":[{"value":"\#(token)","end":7200}]}"#)
            let first = try await stage.refresh("", variables)
            first.expect("renewed", generation: 1)
            #expect(try stage.published() == token && (7000...7200).contains(first.number("remaining_s") ?? 0))
            serve(stage, #"{"data":[{"value":"\#(stage.scene.secret("served-token-2-0123456789"))","end":7200}]}"#)
            try await stage.refresh("", variables).expect("reused", generation: 1)
            try await stage.refresh("--force", variables).expect("renewed", generation: 2)
            #expect(try stage.published() == "served-token-2-0123456789")
            let asked = stage.sandbox.log.filter { $0.path == "/mint" }
            #expect(asked.count == 2 && asked.allSatisfy { $0.method == "GET" })
        }
    }

    @Test("without a cache key and pointers: a bare text, or JSON with `token` and `expires_at`")
    func plain() async throws {
        try await withStage { stage in
            try configure(stage, http(stage), isShared: false)
            let variables = ["MINT_AUTHORIZATION": stage.scene.secret("Bearer-minting-right-0123456789")]
            let token = stage.scene.secret("served-token-1-0123456789")
            let rows = [
                ("\(token)\n", "text/plain"), (#"{"token":"\#(token)","expires_at":3600}"#, "application/json"),
            ]
            for (text, type) in rows {
                serve(stage, text, type)
                let run = try await stage.refresh("", variables)
                run.expect("renewed")
                #expect(try stage.published() == token && (run["expires_at"] == .null) == (type == "text/plain"))
            }
            serve(stage, #"{"value":"\#(token)"}"#)
            let none = try await stage.refresh("", variables)
            none.expect("failed", .renewalFailed)
            #expect(none.text("error.hint")?.contains("token_pointer") == true, "\(none.output)")
        }
    }
}
