// The table of kinds against the contract, and the guess before anybody is asked.

import OutlastForges
import OutlastModel
import OutlastTestKit
import Testing

@Suite("Kinds of tokens")
struct KindTests {
    /// The list of the command-line contract, section 4.
    static let contract = [
        "gitlab-personal", "gitlab-project", "gitlab-group", "gitlab-service-account", "gitlab-access-token",
        "gitlab-oauth", "gitlab-job", "gitlab-deploy", "github-app-installation", "github-actions",
        "github-pat-classic", "github-pat-fine-grained", "github-oauth", "github-app-user", "azure-devops-pat",
        "azure-devops-job", "bitbucket-access-token", "oauth2", "jwt", "opaque",
    ]

    @Test("are those of the contract, each once")
    func complete() {
        let known = Forges.all.flatMap(\.kinds).map(\.id)
        #expect(known.sorted() == Self.contract.sorted())
    }

    @Test("forges come in wiring order, under the names of the contract")
    func names() {
        #expect(Forges.all.map(\.id) == ["gitlab", "github", "azure-devops", "bitbucket", "oauth2", "generic"])
    }

    @Test("methods of renewal are those of the contract")
    func methods() {
        let methods = Set(Forges.all.flatMap(\.kinds).compactMap(\.renewal.method))
        #expect(methods == ["gitlab-rotate", "oauth2", "github-app", "github-user"])
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let token: String
        var chosen: String?
        var hint: String?
        var ci: String?
        let forge: String?
        let kind: String
        var testDescription: String { "\(token.prefix(12)) \(chosen ?? "-") \(hint ?? "-") \(ci ?? "-")" }
    }

    static let jwt = TestJWT.token(payload: #"{"exp":1795219800}"#)
    static let rows: [Row] = [
        // Nothing but the prefix.
        Row(token: "glpat-0123456789abcdefghij", forge: "gitlab", kind: "gitlab-access-token"),
        Row(token: "glpat-AbCd_eF01.0w.170abcdef", forge: "gitlab", kind: "gitlab-access-token"),
        Row(token: "glcbt-64_abcdefghijklmnop", forge: "gitlab", kind: "gitlab-job"),
        Row(token: "glcbt-" + jwt, forge: "gitlab", kind: "gitlab-job"),
        Row(token: "gldt-0123456789abcdefghij", forge: "gitlab", kind: "gitlab-deploy"),
        Row(token: "ghp_012345678901234567890123456789012345", forge: "github", kind: "github-pat-classic"),
        Row(token: "github_pat_22characters_59", forge: "github", kind: "github-pat-fine-grained"),
        Row(token: "gho_0123", forge: "github", kind: "github-oauth"),
        Row(token: "ghu_0123", forge: "github", kind: "github-app-user"),
        Row(token: "ghs_0123", forge: "github", kind: "github-app-installation"),
        Row(token: "ghs_123456_" + jwt, forge: "github", kind: "github-app-installation"),
        Row(token: "ATCTT3xFfGN0abc", forge: "bitbucket", kind: "bitbucket-access-token"),
        Row(token: jwt, forge: nil, kind: "jwt"),
        Row(token: "0123456789abcdef", forge: nil, kind: "opaque"),
        Row(token: "glpat-", forge: nil, kind: "opaque"),
        // The CI decides where the prefix does not speak against it.
        Row(token: "corp-0123456789", ci: "gitlab", forge: "gitlab", kind: "opaque"),
        Row(token: "glpat-0123456789", ci: "gitlab", forge: "gitlab", kind: "gitlab-access-token"),
        Row(token: "0123", hint: "gitlab-job", ci: "gitlab", forge: "gitlab", kind: "gitlab-job"),
        Row(token: "ghs_0123", hint: "github-actions", ci: "github", forge: "github", kind: "github-actions"),
        Row(token: jwt, hint: "azure-devops-job", ci: "azure-devops", forge: "azure-devops", kind: "azure-devops-job"),
        Row(token: "0123", ci: "bitbucket", forge: "bitbucket", kind: "bitbucket-access-token"),
        Row(token: "0123", ci: "jenkins", forge: nil, kind: "opaque"),
        // A token is not sent to a forge that it is visibly not for.
        Row(token: "ghp_0123", ci: "gitlab", forge: "github", kind: "github-pat-classic"),
        Row(token: "ghp_0123", hint: "gitlab-job", ci: "gitlab", forge: "github", kind: "github-pat-classic"),
        Row(token: "glpat-0123", hint: "github-actions", ci: "github", forge: "gitlab", kind: "gitlab-access-token"),
        Row(token: jwt, ci: "gitlab", forge: nil, kind: "jwt"),
        // What was chosen is final.
        Row(token: "ghp_0123", chosen: "gitlab", ci: "github", forge: "gitlab", kind: "opaque"),
        Row(token: "glpat-0123", chosen: "gitlab", ci: "github", forge: "gitlab", kind: "gitlab-access-token"),
        Row(token: "glpat-0123", chosen: "generic", ci: "gitlab", forge: "generic", kind: "opaque"),
        Row(token: jwt, chosen: "generic", forge: "generic", kind: "jwt"),
        Row(token: jwt, chosen: "oauth2", ci: "gitlab", forge: "oauth2", kind: "oauth2"),
        Row(token: "0123", chosen: "bitbucket", forge: "bitbucket", kind: "bitbucket-access-token"),
        Row(token: "0123", chosen: "gitlab", hint: "gitlab-job", ci: "gitlab", forge: "gitlab", kind: "gitlab-job"),
        Row(token: "0123", chosen: "github", hint: "gitlab-job", ci: "gitlab", forge: "github", kind: "opaque"),
        Row(token: "0123", chosen: "azure-devops", forge: "azure-devops", kind: "opaque"),
    ]

    @Test("are told by choice, CI and prefix, in this order of trust", arguments: rows)
    func identified(_ row: Row) {
        let found = TokenIdentification(
            token: Secret(row.token), chosenForge: row.chosen, kindFromCI: row.hint, forgeOfCI: row.ci,
            forges: Forges.all)
        #expect(found.forge == row.forge)
        #expect(found.kind.id == row.kind)
    }

    @Test("every forge keeps the rules of all forges")
    func conformance() async throws {
        let paths = ["gitlab": "/api/v4", "bitbucket": "/2.0", "azure-devops": "/organization"]
        for forge in Forges.all { try await ForgeConformance(forge, path: paths[forge.id] ?? "").check() }
    }

    @Test("an installation's hour, an App user's eight, and the day of GITHUB_TOKEN, at the second")
    func lives() throws {
        let kinds = Dictionary(uniqueKeysWithValues: Forges.all.flatMap(\.kinds).map { ($0.id, $0) })
        #expect(kinds["github-app-installation"]?.expiry == .life(.seconds(3600)))
        #expect(kinds["github-app-user"]?.expiry == .life(.seconds(28_800)))
        let actions = try #require(kinds["github-actions"])
        let start = try #require(Instant(text: "2026-11-20T22:10:00Z"))
        for (limit, seconds) in [(nil, 86_400), (Duration.seconds(21_600), 21_600)] as [(Duration?, Int)] {
            let end = try #require(
                LifetimeRules.latestEnd(
                    of: actions, jobStart: start, job: JobContext(ci: "github", tokenLifeLimit: limit)))
            let before = start.advanced(by: .seconds(seconds - 1))
            #expect(LifetimeRules.isOver(.at(end), at: before) == false)
            #expect(LifetimeRules.isOver(.at(end), at: before.advanced(by: .seconds(1))) == true)
        }
    }
}
