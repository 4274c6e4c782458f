// Why a renewal does not happen: each refusal has its code, comes before anything is spent, and leaves the token as it was.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite("refresh: refusals", .timeLimit(.minutes(5)))
struct RefreshRefusalTests {
    private func token(
        _ stage: Stage, scopes: [String] = ["api"], days: Int = 1
    ) throws -> (credential: SandboxCredential, line: String, variables: [String: String]) {
        let token = try stage.sandbox.gitlab.addToken(scopes: scopes, expiresOn: stage.date(days))
        return (token, "--token-env T \(stage.sandbox.gitlab4)", ["T": token.secret])
    }

    private func expectUntouched(_ stage: Stage, at location: SourceLocation = #_sourceLocation) {
        #expect(stage.sandbox.counters.requests(of: "gitlab.rotate") == 0, sourceLocation: location)
    }

    @Test("no key, a wrong key and two keys are three things, told before any request")
    func keys() async throws {
        try await withStage { stage in
            let (_, line, variables) = try token(stage)
            let none = try await stage.refresh(line, variables, without: ["OUTLAST_KEY"])
            none.expect("failed", .cacheLocked)
            #expect(none.text("error.hint")?.contains("OUTLAST_KEY") == true && none.text("credential") == "token")
            let two = try await stage.refresh(
                line, variables.merging(["OUTLAST_PASSPHRASE": "words words words"]) { $1 })
            two.expect("failed", .configuration)
            #expect(two.text("error.message")?.contains("OUTLAST_KEY and OUTLAST_PASSPHRASE") == true)
            try await stage.refresh(line, variables.merging(["OUTLAST_KEY": "short"]) { $1 })
                .expect("failed", .configuration)
            #expect(stage.sandbox.questions == 0)

            try await stage.refresh(line, variables).expect("renewed")
            let questions = stage.sandbox.questions
            let other = stage.scene.secret(Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString())
            let wrong = try await stage.refresh(line, variables.merging(["OUTLAST_KEY": other]) { $1 })
            wrong.expect("failed", .cacheLocked)
            #expect(wrong.text("error.message") != none.text("error.message"))
            #expect(stage.sandbox.questions == questions)
        }
    }

    @Test("a run that was refused has not bound the state to its key")
    func unbound() async throws {
        try await withStage { stage in
            let narrow = try token(stage, scopes: ["read_api"])
            try await stage.refresh(narrow.line, narrow.variables).expect("failed", .insufficientScope)
            let (_, line, variables) = try token(stage)
            // The token has as much left as today has: less than an hour in the last one.
            try await stage.refresh("\(line) --if-remaining-below 1s", variables).expect("unchanged")
            try await stage.refresh("\(line) --dry-run", variables).expect("unchanged")
            let other = stage.scene.secret(Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString())
            let free = try await stage.scene.run("key check", ["OUTLAST_KEY": other, "OUTLAST_STATE": stage.state])
            #expect(free.exit == .done, "\(free.everything)")
            try await stage.refresh(line, variables.merging(["OUTLAST_KEY": other]) { $1 }).expect("renewed")
            try await stage.refresh(line, variables).expect("failed", .cacheLocked)
        }
    }

    @Test("what is waited for after an answer that tells nothing is said while it is waited for")
    func saysWhatItWaitsFor() async throws {
        try await withStage { stage in
            let (_, line, variables) = try token(stage)
            stage.sandbox.addFault(
                FaultRule(
                    .status(500, .before, retryAfter: nil), method: "POST",
                    path: "/api/v4/personal_access_tokens/self/rotate"))
            let run = try await stage.refresh("\(line) --timeout 3s", variables)
            run.expect("failed", .renewalFailed)
            #expect(run.errors.hasPrefix("outlast: token: the request of "), "\(run.errors)")
            #expect(run.errors.contains("; waiting until "), "\(run.errors)")
        }
    }

    @Test("in a job whose store goes with it there is no home: 20 with both remedies, before any request")
    func homeless() async throws {
        try await withStage { stage in
            let (token, line, variables) = try token(stage)
            let job = stage.sandbox.gitlabJob.merging(variables) { $1 }
            let run = try await stage.refresh(line, job, without: ["OUTLAST_STATE"])
            run.expect("failed", .renewalFailed)
            #expect(run.text("error.message")?.contains("only in this job's own folder") == true, "\(run.output)")
            let hint = try #require(run.text("error.hint"))
            #expect(hint.contains("export OUTLAST_STATE=") && hint.contains("publish:"), "\(hint)")
            #expect(stage.sandbox.questions == 0)
            #expect(stage.sandbox.gitlab.token(token.id)?.active == true)
            // Either remedy does.
            try stage.configure(
                """
                forge: gitlab
                api_url: \(stage.sandbox.gitlabAPI)
                token: {env: T}
                publish: [{file: {path: \(stage.home)}}]
                """)
            let published = try await stage.refresh("--exclusive", job, without: ["OUTLAST_STATE"])
            published.expect("renewed", generation: 2)
        }
    }

    /// The lines of a refusal's hint that are there to be pasted, with a folder that is there.
    private func remedies(_ run: Run, _ stage: Stage) throws -> [String] {
        let hint = try #require(run.text("error.hint"), "\(run.output)")
        #expect(!hint.contains("PostgreSQL") && hint.contains("resource_group: ") && hint.contains("concurrency: "))
        #expect(run.errors.contains("\noutlast: export OUTLAST_STATE="), "each on a line of its own: \(run.errors)")
        return hint.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("#") }.map {
            String($0).replacing("/path/on/a/volume", with: stage.scene.vault)
        }
    }

    @Test("each remedy of that refusal works as it is pasted", arguments: 0..<3)
    func pasted(_ number: Int) async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(90))
            let lines =
                "forge: gitlab\napi_url: \(stage.sandbox.gitlabAPI)\ntoken: {env: T}\nrenew: {method: gitlab-rotate}"
            try stage.configure(lines)
            var job = stage.sandbox.gitlabJob.merging(["T": token.secret]) { $1 }
            let run = try await stage.refresh("--credential release --force", job, without: ["OUTLAST_STATE"])
            run.expect("failed", .renewalFailed)
            let remedies = try remedies(run, stage)
            try #require(remedies.count == 4, "\(remedies)")
            #expect(remedies[0].hasPrefix("export OUTLAST_STATE=") && remedies[1].hasPrefix("publish: ["))
            var call = remedies[2]
            switch number {
            case 0:
                job["OUTLAST_STATE"] = String(remedies[0].dropFirst("export OUTLAST_STATE=".count))
                call = "outlast refresh --credential release --force --config \(stage.configuration)"
            case 1: try stage.configure(lines + "\n" + remedies[1])
            default:
                #expect(remedies[3].hasPrefix("eval \"$(outlast ") && remedies[3].hasSuffix(")\""))
                call = String(remedies[3].dropFirst("eval \"$(".count).dropLast(2))
            }
            #expect(call.hasPrefix("outlast refresh ") && call.contains("--force"), "\(call)")
            var environment = stage.variables.merging(job) { $1 }
            if number > 0 { environment["OUTLAST_STATE"] = nil }
            let again = try await stage.scene.run(
                call.split(separator: " ").dropFirst().map(String.init), environment)
            for token in stage.sandbox.gitlab.tokens { stage.scene.secret(token.secret) }
            #expect(again.exit == .done, "\(again.everything)")
            #expect(stage.sandbox.gitlab.token(token.id)?.active == false)
        }
    }

    @Test("the refusal of a copy names remedies that work, and a dry run says the same with its hint")
    func pastedOfACopy() async throws {
        try await withStage { stage in
            let (token, line, variables) = try token(stage)
            let job = stage.sandbox.gitlabJob.merging(variables) { $1 }
            let path = stage.scene.vault + "/handed"
            let call = "\(line) --force --unpublished --export file:\(path)"
            let refused = try await stage.refresh(call, job, without: ["OUTLAST_STATE"])
            refused.expect("failed", .renewalFailed)
            let remedies = try remedies(refused, stage)
            #expect(remedies.count == 2 && remedies[1] == "outlast refresh \(call) --exclusive", "\(remedies)")
            let dry = try await stage.refresh("\(line) --force --dry-run", job, without: ["OUTLAST_STATE"])
            dry.expect("unchanged")
            let notes = (dry["notes"]?.elements ?? []).compactMap(\.text)
            #expect(
                notes.contains { $0.hasPrefix("could not renew token") } && notes.contains { $0.hasPrefix("hint: ") })
            #expect(notes.contains { $0.hasPrefix("export OUTLAST_STATE=") }, "\(notes)")
            var environment = stage.variables.merging(job) { $1 }
            environment["OUTLAST_STATE"] = nil
            let again = try await stage.scene.run(
                remedies[1].split(separator: " ").dropFirst().map(String.init), environment)
            for token in stage.sandbox.gitlab.tokens { stage.scene.secret(token.secret) }
            #expect(again.exit == .done && stage.sandbox.gitlab.token(token.id)?.active == false, "\(again.everything)")
        }
    }

    @Test("a token that may not, is dead, or has ended keeps its own code")
    func tokens() async throws {
        try await withStage { stage in
            let narrow = try token(stage, scopes: ["read_api"])
            let revoked = try token(stage)
            stage.sandbox.gitlab.revokeToken(revoked.credential.id)
            let ended = try token(stage, days: 0)
            let cases: [(String, [String: String], OutlastModel.ExitCode, String)] = [
                (narrow.line, narrow.variables, .insufficientScope, "self_rotate"),
                (revoked.line, revoked.variables, .rejected, "not accepted"),
                (ended.line, ended.variables, .expired, "expired"),
                (ended.line, ["T": "glpat-nobody-knows-this-0"], .rejected, "not accepted"),
            ]
            for (line, variables, code, words) in cases {
                stage.scene.secret(variables["T"] ?? "")
                for more in ["", " --force"] {
                    let run = try await stage.refresh(line + more, variables)
                    run.expect("failed", code)
                    #expect(run.text("error.message")?.contains(words) == true, "\(run.output)")
                }
            }
            expectUntouched(stage)
        }
    }

    @Test("a forge that does not answer is 69 and one that asks to wait 75, with nothing spent")
    func unreachable() async throws {
        try await withStage { stage in
            let (token, line, variables) = try token(stage)
            let path = "/api/v4/personal_access_tokens"
            stage.sandbox.addFault(FaultRule(.drop(.before), path: path, times: nil))
            try await stage.refresh(line, variables).expect("failed", .unreachable)
            stage.sandbox.clearFaults()
            stage.sandbox.addFault(FaultRule(.html(.before), path: path, times: nil))
            try await stage.refresh(line, variables).expect("failed", .unreachable)
            stage.sandbox.clearFaults()
            stage.sandbox.addFault(FaultRule(.status(429, .before, retryAfter: "30"), path: path, times: nil))
            try await stage.refresh(line, variables).expect("failed", .slowDown)
            expectUntouched(stage)
            #expect(stage.sandbox.gitlab.token(token.id)?.active == true)
        }
    }

    @Test("a copy of a store serves what it holds, and renews only with proof of being alone")
    func copies() async throws {
        try await withStage { stage in
            let (token, line, variables) = try token(stage)
            try await stage.refresh(line, variables).expect("renewed", generation: 2)
            let copy = stage.scene.folder + "/copy"
            try FileManager.default.createDirectory(
                atPath: copy, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            for name in try FileManager.default.contentsOfDirectory(atPath: stage.scene.folder + "/volume")
            where name.hasPrefix("state.db") && !name.hasSuffix(".leases") {
                try FileManager.default.copyItem(
                    atPath: stage.scene.folder + "/volume/" + name, toPath: copy + "/" + name)
            }
            let other = line + " --state \(copy)/state.db"
            try await stage.refresh(other, variables).expect("reused", generation: 2)
            let refused = try await stage.refresh(other + " --if-remaining-below 300d", variables)
            refused.expect("failed", .renewalFailed)
            #expect(refused.text("error.message")?.contains("copy") == true, "\(refused.output)")
            #expect(refused.text("error.hint")?.contains("--exclusive") == true, "\(refused.output)")
            #expect(stage.sandbox.counters.commits(of: "gitlab.rotate") == 1)
            #expect(stage.sandbox.gitlab.token(token.id)?.active == false)
            try await stage.refresh(other + " --if-remaining-below 300d --exclusive", variables)
                .expect("renewed", generation: 3)
        }
    }

    @Test("another process that does not finish within --wait is 22, and nothing was sent")
    func waiting() async throws {
        try await withStage { stage in
            let (_, line, variables) = try token(stage)
            try await stage.refresh(line, variables).expect("renewed", generation: 2)
            let folder = stage.state + ".leases"
            let locks = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(locks.count == 1)
            let held = open(folder + "/" + (try #require(locks.first)), O_RDWR | O_CLOEXEC)
            defer { close(held) }
            try #require(held >= 0 && flock(held, LOCK_EX | LOCK_NB) == 0)
            for wait in ["0", "1s"] {
                let run = try await stage.refresh(line + " --if-remaining-below 300d --wait \(wait)", variables)
                run.expect("failed", .leaseHeld, generation: 2)
                let presented = stage.fingerprint(variables["T"] ?? "")
                #expect(
                    run.text("previous_fingerprint") == presented && run.text("fingerprint") != nil, "\(run.output)")
                #expect((run.number("waited_s") ?? -1) >= (wait == "0" ? 0 : 1), "\(run.output)")
            }
            let locked = try await stage.refresh(line, variables, without: ["OUTLAST_KEY"])
            locked.expect("failed", .cacheLocked)
            #expect(locked.text("fingerprint") == stage.fingerprint(variables["T"] ?? ""), "\(locked.output)")
            #expect(locked["waited_s"] == .null)
            // What needs no renewal needs no lock.
            try await stage.refresh(line, variables).expect("reused", generation: 2)
            #expect(stage.sandbox.counters.requests(of: "gitlab.rotate") == 1)
            flock(held, LOCK_UN)
            try await stage.refresh(line + " --if-remaining-below 300d", variables).expect("renewed", generation: 3)
        }
    }

    @Test("a state that cannot be used is 40 before any request")
    func state() async throws {
        try await withStage { stage in
            let (_, line, variables) = try token(stage)
            let run = try await stage.refresh(line + " --state /proc/outlast/state.db", variables)
            run.expect("failed", .stateUnusable)
            #expect(stage.sandbox.questions == 0)
        }
    }

    @Test("an answer that was lost after GitLab had rotated is 21, and never tried again")
    func lost() async throws {
        try await withStage { stage in
            let (_, line, variables) = try token(stage)
            stage.sandbox.addFault(
                FaultRule(.drop(.after), method: "POST", path: "/api/v4/personal_access_tokens/self/rotate"))
            for _ in 1...2 {
                let run = try await stage.refresh(line, variables)
                run.expect("in_doubt", .renewalInDoubt)
                #expect(run.text("error.message")?.contains("never arrived") == true, "\(run.output)")
                #expect(run.text("error.hint")?.contains("/rotate") == true, "\(run.output)")
            }
            #expect(stage.sandbox.counters.requests(of: "gitlab.rotate") == 1 && stage.sandbox.counters.replays.isEmpty)
        }
    }
}
