// `record failure` and `record usage`: what a job tells of a command that failed, and what history makes of it.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("Telling why a command failed", .timeLimit(.minutes(10)))
struct FailureTests {
    private static let rejected = "fatal: Authentication failed for 'http://127.0.0.1/group/app.git/'\n"
    private static let shape: [(String, Sort)] = [
        ("schema", .number), ("class", .optionalText), ("confidence", .optionalText), ("line", .optionalText),
        ("advice", .optionalText), ("credential_at_fault", .optionalTruth), ("operation", .optionalText),
        ("job_id", .optionalText), ("fingerprint", .optionalText), ("state", .optionalText),
        ("state_reason", .optionalText),
    ]
    private static let job = "--project group/app --job release --run 1"

    @Test("a failure is classified from a file and from stdin, in a job and outside of any")
    func classified() async throws {
        try await withScene { scene in
            try scene.write(Self.rejected, to: "err")
            for options in ["", Self.job] {
                for (file, input) in [("err", nil), ("-", Self.rejected)] as [(String, String?)] {
                    let run = try await scene.run(
                        "record failure --stderr-file \(file) --json \(options)", input: input)
                    #expect(run.code == 0, "\(run.everything)")
                    #expect(Shape.complaint(run.json, .object(Self.shape)) == nil, "\(run.output)")
                    #expect(run.text("class") == "auth_rejected" && run.text("confidence") == "high")
                    #expect(run.text("line").map { $0 + "\n" } == Self.rejected)
                    #expect(run["credential_at_fault"] == .bool(true) && run.text("state") == "ok")
                }
            }
            let text = try await scene.run("record failure --stderr-file err")
            #expect(text.output.hasPrefix("auth_rejected (high): fatal: Authentication failed"))
        }
    }

    @Test("told twice it is stored once, in both views")
    func once() async throws {
        try await withScene { scene in
            for _ in 1...3 {
                let run = try await scene.run("record failure --stderr-file - \(Self.job)", input: Self.rejected)
                #expect(run.code == 0)
            }
            #expect(
                try await scene.sqlite("SELECT class, confidence, source, credential_at_fault FROM v_auth_failures")
                    == "auth_rejected|high|record|1\n")
            #expect(
                try await scene.sqlite("SELECT event, outcome FROM v_token_events") == "failure|auth_rejected\n")
            let other = "fatal: unable to access 'https://h/': Could not resolve host: h"
            try await scene.run("record failure --stderr-file - \(Self.job)", input: other)
            #expect(
                try await scene.sqlite("SELECT class, job_id IS NOT NULL FROM v_auth_failures ORDER BY class")
                    == "auth_rejected|1\ndns|1\n")
        }
    }

    @Test("the end of the token that the last preflight judged names the cause, and a network failure stays one")
    func sharpened() async throws {
        try await withForge { scene, forge in
            let token = try forge.gitlab.addToken(scopes: ["api"], expiresOn: "2020-01-01")
            scene.secret(token.secret)
            let variables = forge.gitlabJob.merging(["T": token.secret]) { $1 }
            try await scene.run("preflight --token-env T \(forge.gitlab4)", variables)
            let cases: [(String, String, String)] = [
                (Self.rejected, "auth_expired", "high"),
                ("fatal: repository 'http://127.0.0.1/group/app.git/' not found", "auth_expired", "medium"),
                (
                    "fatal: unable to access 'http://127.0.0.1/g/': Failed to connect to 127.0.0.1 port 1", "network",
                    "high"
                ),
                ("fatal: repository 'https://elsewhere.example.com/g/a.git/' not found", "not_found", "high"),
            ]
            for (input, wanted, confidence) in cases {
                let run = try await scene.run("record failure --stderr-file - --json", variables, input: input)
                #expect(run.text("class") == wanted && run.text("confidence") == confidence, "\(run.output)")
                #expect((run.text("fingerprint") != nil) == wanted.hasPrefix("auth"))
            }
        }
    }

    @Test("a use is kept with its operation, and an output with it is classified")
    func usage() async throws {
        try await withScene { scene in
            let plain = "record usage --json \(Self.job)"
            for _ in 1...2 {
                let fine = try await scene.run("\(plain) --operation push --outcome ok")
                #expect(fine.code == 0 && fine["class"] == .null && fine.text("operation") == "push")
                #expect(Shape.complaint(fine.json, .object(Self.shape)) == nil, "\(fine.output)")
            }
            let denied = try await scene.run(
                "\(plain) --operation push --outcome denied --stderr-file -", input: Self.rejected)
            #expect(denied.text("class") == "auth_rejected")
            #expect(
                try await scene.sqlite("SELECT event, outcome, substr(detail, 1, 5) FROM v_token_events ORDER BY at")
                    == "usage|ok|push\nusage|denied|push:\n")
            #expect(try await scene.sqlite("SELECT class FROM v_auth_failures") == "auth_rejected\n")
            #expect(try await scene.run("history events --json").code == 0)
        }
    }

    @Test("mistakes of the call are mistakes, and a broken store is none of the job's")
    func mistakes() async throws {
        try await withScene { scene in
            for line in [
                "record failure", "record failure --stderr-file missing", "record failure --stderr-file .",
                "record usage --operation push", "record usage --operation push --outcome fine",
                "record usage --operation  --outcome ok", "record failure --stderr-file - --project a",
            ] { #expect(try await scene.run(line, input: "x").exit == .usage) }
            let run = try await scene.run(
                "record failure --stderr-file - --json --state /proc/none/state.db", input: Self.rejected)
            #expect(run.code == 0 && run.text("class") == "auth_rejected" && run.text("state") == "unavailable")
            let strict = try await scene.run(
                "record failure --stderr-file - --strict --state /proc/none/state.db", input: Self.rejected)
            #expect(strict.exit == .stateUnusable)
        }
    }

    @Test("a credential that nobody knows is a mistake; one that no preflight has judged is kept, and that is said")
    func credentials() async throws {
        try await withForge { scene, forge in
            let token = try forge.gitlab.addToken(scopes: ["api"], expiresOn: "2099-01-01")
            scene.secret(token.secret)
            let file = try scene.write(
                "version: 1\ncredentials:\n  release: {forge: gitlab, api_url: \(forge.gitlabAPI), token: {env: T}}\n",
                to: "\(scene.home)/outlast.yml")
            let variables = forge.gitlabJob.merging(["T": token.secret, "OUTLAST_CONFIG": file]) { $1 }
            let line = "record failure --stderr-file - --json --credential"
            let early = try await scene.run("\(line) release", variables, input: Self.rejected)
            #expect(early.code == 0 && early["fingerprint"] == .null, "\(early.everything)")
            #expect(early.errors.contains("no preflight of this job has judged release"), "\(early.errors)")
            try await scene.run("preflight", variables)
            let known = try await scene.run("\(line) release", variables, input: Self.rejected)
            #expect(known.code == 0 && known.text("fingerprint") != nil, "\(known.everything)")
            let typo = try await scene.run("\(line) relaese", variables, input: Self.rejected)
            #expect(typo.exit == .usage && typo.text("error.hint")?.contains("release") == true, "\(typo.everything)")
            let bare = try await scene.run("record usage --operation push --outcome ok --credential nope \(Self.job)")
            #expect(bare.exit == .usage, "\(bare.everything)")
        }
    }

    @Test("an output that is hostile, huge or full of secrets leaves one safe line")
    func hostile() async throws {
        try await withScene { scene in
            let token = "glpat-aB3dE6gH9jK2mN5pQ8sT"
            let bare = "s3cretWithoutPrefixAbCdEf0123"
            scene.secret(token)
            scene.secret(bare)
            let noise = String(repeating: "::error::\u{1B}[2J\u{202E}##[group]x \(bare)\n", count: 5_000)
            let inputs = [
                noise + "fatal: Authentication failed for 'https://oauth2:\(token)@h/g/a.git/'",
                "remote: HTTP Basic: Access denied for \(token) \(bare)\nfatal: Authentication failed for 'https://h/'",
                "\(bare)\nfatal: unable to access 'https://\(bare)@h/': The requested URL returned error: 403",
                noise, "::set-output name=x::\(token)",
            ]
            for (index, input) in inputs.enumerated() {
                let file = try scene.hide(input, in: "err\(index)")
                let run = try await scene.run("record failure --json --stderr-file \(file) \(Self.job)")
                #expect(run.code == 0)
                #expect(run.text("line")?.utf8.count ?? 0 <= 500)
            }
        }
    }
}
