// What else is on a job's machine: proxies, other helpers, a terminal. None of them gets the token, and none of them makes
// the job wait.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("git with outlast as its helper among others", .timeLimit(.minutes(10)))
struct SurroundingsTests {
    private func release(_ place: Workplace, _ renew: String = "{method: gitlab-rotate}") throws -> SandboxCredential {
        try place.stage.configure(
            """
            forge: gitlab
            api_url: \(place.api)
            token: {env: T}
            renew: \(renew)
            """)
        return try place.sandbox.gitlab.addToken(
            scopes: ["api", "write_repository"], expiresOn: place.stage.date(40))
    }

    /// A proxy's rule, and the login that it is given: none, or one that is wrong.
    private static let proxies: [(ProxyRule, login: String?)] = [
        (.refuses, nil), (.wantsLogin, nil), (.wantsLogin, "pr0xy-Passw0rd-of-nobody"),
    ]

    @Test(
        "a proxy that refuses to tunnel, or wants a login, is called a proxy, and nothing is renewed",
        arguments: InstalledGit.all, proxies)
    func proxy(_ git: InstalledGit, _ proxy: (rule: ProxyRule, login: String?)) async throws {
        try await withWorkplace(git, proxy: proxy.rule) { place in
            let token = try release(place)
            let login = proxy.login.map { "job:\(place.scene.secret($0))@" } ?? ""
            let run = try await place.job(
                """
                use_outlast
                for words in "ls-remote" "clone -q" "lfs clone"; do
                    if git $words "$S/group/app.git" 2>errors; then exit 9; fi
                    "$OUTLAST" record failure --stderr-file errors --json
                done
                printf 'protocol=https\\nhost=%s\\n\\n' "$H" | "$OUTLAST" credential get >"$PLACE/answer"
                """,
                [
                    "T": token.secret, "HTTPS_PROXY": "http://\(login)127.0.0.1:\(place.server.proxyPort)",
                    "NO_PROXY": "",
                    "PLACE": place.scene.vault,
                ])
            #expect(run.code == 0, "\(run.everything)")
            let verdicts = run.output.split(separator: "\n")
            #expect(verdicts.count == 3)
            for text in verdicts {
                let verdict = try JSONValue(parsing: Array(text.utf8))
                #expect(verdict["class"]?.text == "proxy", "\(text)")
                #expect(verdict["credential_at_fault"] == .bool(false), "\(text)")
            }
            // A token that nobody speaks against is handed on where its forge cannot be asked.
            #expect(place.scene.read("\(place.scene.vault)/answer")?.contains("password=\(token.secret)\n") == true)
            #expect(place.sandbox.questions == 0 && !place.hasRenewed)
        }
    }

    @Test("helpers of the machine neither get the token nor give an older one", arguments: InstalledGit.all)
    func otherHelpers(_ git: InstalledGit) async throws {
        try await withWorkplace(git) { place in
            let token = try release(place)
            let settings = """
                [credential]
                \thelper = store
                \thelper = cache
                \thelper = "!f() { cat >>\(place.scene.home)/spy; }; f"
                [credential "\(place.server.url)"]
                \thelper = store --file \(place.scene.home)/other-store
                \tusername = someone

                """
            try place.scene.write(settings, to: "\(place.scene.home)/.gitconfig")
            let stored = "https://oauth2:an-older-token-0123456789@127.0.0.1%3a\(place.server.port)\n"
            try place.scene.write(stored, to: "\(place.scene.home)/.git-credentials")
            let run = try await place.job(
                """
                use_outlast
                make_repository app
                git push -q "$S/group/app.git" HEAD:main
                git clone -q "$S/group/app.git" ../copy
                """, ["T": token.secret])
            #expect(run.code == 0, "\(run.everything)")
            let home = place.scene.home
            #expect(
                place.scene.read("\(home)/.git-credentials") == stored
                    && place.scene.read("\(home)/.gitconfig") == settings)
            for name in ["spy", "other-store", ".cache/git/credential/socket", ".git-credential-cache/socket"] {
                #expect(place.scene.read("\(home)/\(name)") == nil, "\(name)")
            }
            #expect(place.presented(below: "/group/app.git/") == [token.fingerprint])
        }
    }

    @Test(
        "on a terminal, with a token that is dead or with none, git ends and asks nobody", arguments: InstalledGit.all)
    func terminal(_ git: InstalledGit) async throws {
        try await withWorkplace(git) { place in
            let token = try release(place, "{method: none}")
            place.sandbox.gitlab.revokeToken(token.id)
            for value in [token.secret, ""] {
                let run = try await place.job(
                    """
                    use_outlast
                    timeout 120 script -qec 'git ls-remote "$S/group/app.git"' /dev/null </dev/null
                    """, ["T": value])
                #expect(run.code == 128, "\(run.everything)")
                let asked = run.output.replacing("could not read Username for", with: "")
                #expect(!asked.contains("Username for") && !asked.contains("Password for"), "\(run.output)")
            }
            #expect(!place.hasRenewed)
        }
    }
}
