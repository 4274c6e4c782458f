// `history sync`: a forge's lists of tokens, page by page, by requests that only read.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("history sync", .timeLimit(.minutes(5)))
struct SyncTests {
    private func sync(_ night: Night, _ token: String, _ more: String = "") async throws -> Run {
        night.scene.secret(token)
        let run = try await night.scene.run(
            "history sync --token-env ADMIN \(night.sandbox.gitlab4) --json \(more)",
            night.stage.variables.merging(["ADMIN": token]) { $1 })
        let shape: [(String, Sort)] = [
            ("schema", .number), ("forge", .optionalText), ("api", .optionalText), ("listed", .number),
            ("whole", .truth),
        ]
        if run.code == 0 { #expect(Shape.complaint(run.json, .object(shape)) == nil, "\(run.output)") }
        return run
    }

    @Test("an administrator's lists are read to the last page, and nothing else is asked for than to read")
    func whole() async throws {
        try await withNight { night in
            let admin = try night.sandbox.gitlab.addToken(.personal(user: "root"), name: "admin", expiresOn: nil)
            for number in 1...120 {
                try night.sandbox.gitlab.addToken(
                    .personal(user: "dev"), name: "own \(number)", expiresOn: night.stage.date(7))
            }
            try night.sandbox.gitlab.addToken(
                .project("group/app"), name: "of a project", expiresOn: night.stage.date(9))
            try night.sandbox.gitlab.addToken(.group("group"), name: "of a group", expiresOn: night.stage.date(9))
            let gone = try night.sandbox.gitlab.addToken(name: "gone", expiresOn: night.stage.date(9))
            night.sandbox.gitlab.revokeToken(gone.id)
            let run = try await sync(night, admin.secret)
            #expect(run.number("listed") == 123 && run["whole"] == .bool(true), "\(run.everything)")
            let methods = Set(night.sandbox.log.map(\.method))
            #expect(methods == ["GET"] && night.sandbox.log.filter { $0.operation == "gitlab.tokens" }.count == 2)
            let calendar = try await night.scene.run("history calendar --json", night.stage.variables)
            #expect(calendar.text("dates.0.date") == night.stage.date(7) && calendar.number("dates.0.count") == 120)
            let kinds = calendar["dates.1.kinds"]?.members?.map(\.key)
            #expect(kinds == ["gitlab-group", "gitlab-project"], "\(calendar.output)")
            let expiring = try await night.scene.run("history expiring --json", night.stage.variables)
            let project = expiring["tokens"]?.elements?.first { $0["name"]?.text == "of a project" }
            let mark = "id:127.0.0.1:\(night.sandbox.port)/"
            #expect(project?["fingerprint"]?.text?.hasPrefix(mark) == true && project?["used_by"] == [])
            let endless = try await night.scene.run("history no-expiry --json", night.stage.variables)
            #expect(endless.text("tokens.0.name") == "admin", "\(endless.output)")
            // What is gone at the forge is gone from the next list.
            let last = try #require(night.sandbox.gitlab.tokens.last { $0.name == "of a group" })
            night.sandbox.gitlab.revokeToken(last.id)
            #expect(try await sync(night, admin.secret).number("listed") == 122)
            let again = try await night.scene.run("history calendar --json", night.stage.variables)
            #expect(again.number("dates.1.count") == 1)
        }
    }

    @Test("a token that a job has presented stays one token, and learns from the list")
    func known() async throws {
        try await withNight { night in
            let admin = try night.sandbox.gitlab.addToken(.personal(user: "root"), name: "admin", expiresOn: nil)
            let token = try night.sandbox.gitlab.addToken(
                .project("group/app"), name: "ci", expiresOn: night.stage.date(9))
            try night.configure()
            try await night.preflight(night.job(token: token.secret))
            #expect(try await sync(night, admin.secret).code == 0)
            let tokens = try await night.scene.run("history tokens --json", night.stage.variables)
            let found = tokens["tokens"]?.elements?.filter { $0["token_id"]?.text == String(token.id) } ?? []
            #expect(found.count == 1 && found[0]["fingerprint"]?.text == night.stage.fingerprint(token.secret))
            #expect(found[0]["owner"]?.text?.contains("bot") == true, "\(tokens.output)")
            let listed = try await night.scene.run(
                "history tokens --json --token id:127.0.0.1:\(night.sandbox.port)/\(admin.id)", night.stage.variables)
            #expect(listed["tokens"]?.elements?.count == 1, "\(listed.output)")
        }
    }

    @Test("an owner sees the own tokens, and those of the groups and projects that are maintained")
    func owner() async throws {
        try await withNight { night in
            let owner = try night.sandbox.gitlab.addToken(
                .personal(user: "dev"), name: "owner", expiresOn: night.stage.date(9))
            try night.sandbox.gitlab.addToken(
                .project("group/app"), name: "of a project", expiresOn: night.stage.date(9))
            try night.sandbox.gitlab.addToken(.group("group"), name: "of a group", expiresOn: night.stage.date(9))
            try night.sandbox.gitlab.addToken(
                .personal(user: "root"), name: "not to be seen", expiresOn: night.stage.date(9))
            let run = try await sync(night, owner.secret)
            #expect(run["whole"] == .bool(false) && run.number("listed") == 3, "\(run.everything)")
            let names = try await night.scene.run("history expiring --json", night.stage.variables)
            let found = names["tokens"]?.elements?.compactMap { $0["name"]?.text } ?? []
            #expect(Set(found) == ["owner", "of a project", "of a group"], "\(names.output)")
        }
    }

    @Test(
        "a credential that is dead, may not list, or belongs to a forge without lists is told so, and nothing is kept")
    func refused() async throws {
        try await withNight { night in
            let dead = try night.sandbox.gitlab.addToken(expiresOn: night.stage.date(9))
            night.sandbox.gitlab.revokeToken(dead.id)
            #expect(try await sync(night, dead.secret).exit == .rejected)
            let poor = try night.sandbox.gitlab.addToken(scopes: ["read_user"], expiresOn: night.stage.date(9))
            #expect(try await sync(night, poor.secret).exit == .insufficientScope)
            let other = try await night.scene.run(
                "history sync --token-env T --forge github --api-url \(night.sandbox.githubAPI) --json",
                night.stage.variables.merging(["T": night.scene.secret("ghp_0123456789abcdefghijABCDEFGHIJklmnop")]) {
                    $1
                })
            #expect(other.exit == .usage, "\(other.everything)")
            let tokens = try await night.scene.run("history tokens --json", night.stage.variables)
            #expect(tokens["tokens"]?.elements == [])
        }
    }

    @Test("a next page on another server is not fetched")
    func elsewhere() async throws {
        try await withNight { night in
            let admin = try night.sandbox.gitlab.addToken(.personal(user: "root"), expiresOn: nil)
            night.sandbox.addFault(
                FaultRule(
                    .redirect("http://127.0.0.2:1/x", status: 302), path: "/api/v4/personal_access_tokens",
                    match: .exact))
            #expect(try await sync(night, admin.secret).exit == .unreachable)
        }
    }
}
