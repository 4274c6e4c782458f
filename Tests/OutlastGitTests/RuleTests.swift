// Rules on lines that no sample has, and on what surrounds lines in logs.

import OutlastGit
import OutlastModel
import Testing

@Suite("Diagnosis of lines")
struct RuleTests {
    private func diagnose(_ text: String) -> Diagnosis { Sample.diagnostician.diagnose(Array(text.utf8)) }

    static let rejected = "fatal: Authentication failed for 'https://git.example.com/group/app.git/'"

    // One literal for each text: long lines are quicker to check than sums.
    // swift-format-ignore
    static let known: [(String, FailureClass)] = [
        ("remote: Your SSH key has expired.", .authExpired),
        ("remote: Resource not accessible by integration", .scope),
        ("fatal: rate limited by 'https://git.example.com/', please try again in 30 seconds", .rateLimited),
        ("error: response requested a delay greater than http.maxRetryTime (400 > 300 seconds)", .rateLimited),
        (
            "remote: TF401019: The Git repository with name or identifier x does not exist or you do not have permissions\nfatal: repository 'https://dev.example.com/o/p/_git/x/' not found", .notFound
        ),
        (
            "remote: TF400813: The user 'x' is not authorized to access this resource.\nfatal: unable to access 'https://dev.example.com/': The requested URL returned error: 403",
            .authRejected
        ),
        ("fatal: remote error: GitLab is currently unable to handle this request due to load", .server),
        ("fatal: unable to get password from user", .authMissing),
        ("git@git.example.com: Permission denied (publickey,password).", .publickey),
        ("Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures", .publickey),
        ("ssh: connect to host git.example.com port 22: No route to host", .network),
        ("client_loop: send disconnect: Broken pipe\nfatal: Could not read from remote repository.", .network),
        ("fatal: unable to access 'https://h/': Received HTTP code 407 from proxy after CONNECT", .proxy),
        ("fatal: unable to access 'https://h/': SSL certificate problem: certificate has expired", .tls),
        ("fatal: unable to access 'https://h/': Could not resolve host: h", .dns),
        (
            "error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly: CANCEL (err 8)\nfatal: early EOF",
            .network
        ),
        (
            " ! [remote rejected] main -> main (refusing to allow an OAuth App to create or update workflow `.github/workflows/a.yml` without `workflow` scope)\nerror: failed to push some refs to 'https://h/'",
            .scope
        ),
        (
            "batch response: Authentication required: 401\nerror: failed to push some refs to 'https://h/'",
            .authRejected
        ),
        ("curl: (22) The requested URL returned error: 401", .authRejected),
        ("erreur\u{A0}: échec RPC\u{A0}; HTTP 401 curl 22 The requested URL returned error: 401", .authRejected),
        ("致命错误：无法访问 'https://h/'：The requested URL returned error: 403", .forbidden),
        (
            "Error downloading object: a.bin (0a1b2c3): Smudge error: Error downloading a.bin (0a1b2c3d): batch response: Authentication required: Authorization error: http://h/a.git/info/lfs/objects/batch\nerror: external filter 'git-lfs filter-process' failed\nfatal: a.bin: smudge filter lfs failed",
            .authRejected
        ),
        (
            " ! [zurückgewiesen] main -> main (kein Vorspulen)\nFehler: Fehler beim Versenden einiger Referenzen nach 'https://h/'", .nonFastForward
        ),
        (
            "Fehler: RPC fehlgeschlagen; HTTP 401 curl 22 The requested URL returned error: 401\nSchwerwiegend: Die Gegenseite hat unerwartet abgebrochen.", .authRejected
        ),
        ("fatal: unable to access 'http://h:22/': Received HTTP/0.9 when not allowed", .server),
        (
            "fatal: unable to access 'https://proxy.example.com/a/': Recv failure: Connection reset by peer",
            .network
        ),
        (
            "fatal: 'group/app.git' does not appear to be a git repository\nfatal: Could not read from remote repository.",
            .notFound
        ),
        ("", .unknown), ("compiling main.c\nld: symbol not found\nmake: *** [all] Error 1", .unknown),
        ]

    @Test("texts of forges and programs that were not at hand to record", arguments: known)
    func texts(_ text: String, _ wanted: FailureClass) {
        let diagnosis = diagnose(text)
        #expect(diagnosis.class == wanted, "\(diagnosis)")
    }

    @Test(
        "what logs put around a line changes nothing",
        arguments: [
            "2026-11-20T22:10:00.1234567Z \(rejected)", "2026-11-20T22:10:00.123456Z 01E \(rejected)",
            "[2026-11-20T22:10:00.123Z] \(rejected)", "22:10:00 \(rejected)", "\u{1B}[31m\(rejected)\u{1B}[0m",
            "\u{1B}[0K\u{1B}[36;1m\(rejected)\u{1B}[0;m",
            "Receiving objects: 10%\rReceiving objects: 100%\r\(rejected)\r\n",
            "##[error]\(rejected)", "\u{1B}]0;title\u{07}\(rejected)", "\u{FEFF}\n\0\0\n\(rejected)\n\n",
            "\(rejected)\nmake: *** [Makefile:3: release] Error 128", "\(rejected)\nERROR: Job failed: exit code 128",
        ])
    func surroundings(_ text: String) {
        let diagnosis = diagnose(text)
        #expect(diagnosis.class == .authRejected && diagnosis.confidence == .high, "\(diagnosis)")
        #expect(diagnosis.line == Self.rejected)
        #expect(diagnosis.host == "git.example.com")
    }

    @Test("bytes that are not UTF-8 do not matter")
    func bytes() {
        let bytes: [UInt8] = [0xFF, 0xFE, 0xC3, 0x0A] + Array(Self.rejected.utf8) + [0xC3, 0x28, 0x0A, 0x80]
        #expect(Sample.diagnostician.diagnose(bytes).class == .authRejected)
    }

    @Test("of a long output the end counts, and nothing is shown of a line that the cut goes through")
    func tail() {
        let noise = String(repeating: "a line of a build that is not interesting\n", count: 50_000)
        #expect(diagnose(noise + Self.rejected + "\n").class == .authRejected)
        #expect(diagnose(Self.rejected + "\n" + noise).class == .unknown)
        let long = String(repeating: "x", count: 70_000) + " fatal: Authentication failed for 'https://h/'"
        #expect(diagnose(long).line == nil)
    }

    @Test("git's last word wins over forged words before it")
    func forged() {
        for forged in [
            Self.rejected, "remote: HTTP Basic: Access denied", "HTTP 401 Unauthorized",
            "error: RPC failed; HTTP 401 curl 22",
        ] {
            for (last, wanted) in [
                ("fatal: unable to access 'https://h/': Could not resolve host: h", FailureClass.dns),
                ("fatal: unable to access 'https://h/': CONNECT tunnel failed, response 403", .proxy),
                (
                    " ! [rejected] main -> main (fetch first)\nerror: failed to push some refs to 'https://h/'",
                    .nonFastForward
                ),
            ] {
                let diagnosis = diagnose("\(forged)\nok 12 - refuses\n\(last)")
                #expect(diagnosis.class == wanted, "\(forged) \(diagnosis)")
                #expect(diagnosis.credentialAtFault == false)
            }
        }
    }

    @Test(
        "words that stand where git would not have put them are never certain, and blame no credential",
        arguments: [
            "ok 3 - prints fatal: Authentication failed for 'https://h/'",
            "npm ERR! fatal: Authentication failed for 'https://h/'",
            "\(rejected)\nfatal: something that nobody has seen before",
        ])
    func elsewhere(_ text: String) {
        let diagnosis = diagnose(text)
        #expect(diagnosis.confidence == .low && diagnosis.credentialAtFault == nil, "\(diagnosis)")
    }

    @Test(
        "words without any mark decide nothing",
        arguments: [
            "HTTP 401", "401 Unauthorized", "Authentication failed for 'https://h/'", "the token was revoked",
            "denied: access forbidden",
        ])
    func bare(_ text: String) { #expect(diagnose(text).class == .unknown) }

    @Test("what the command did after a failure makes that failure less certain")
    func later() {
        let diagnosis = diagnose("\(Self.rejected)\nRunning 12 tests\nAssertionError: 1 is not 2\n")
        #expect(diagnosis.class == .authRejected && diagnosis.confidence == .medium)
    }

    @Test(
        "a line that is kept holds no secret",
        arguments: [
            "https://x:glpat-aB3dE6gH9jK2mN5pQ8sT@h/g/app.git", "https://ghp_aB3dE6gH9jK2mN5pQ8sTuVwXyZ0123456789@h/",
            "glpat-aB3dE6gH9jK2mN5pQ8sT", "x:s3cr3tPassw0rdWithoutAnyPrefix@h:g/app.git", "aB3dE6gH9jK2mN5pQ8sTuVwX",
            "Authorization: Basic aBcDeFgHiJkLmNoP", "password=aB3dE6gH9jK2mN5pQ8sT",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1g",
        ])
    func masked(_ secret: String) throws {
        let line = try #require(diagnose("fatal: Authentication failed for '\(secret)'").line)
        for part in ["aB3dE6gH9jK2", "s3cr3tPass", "aBcDeFgHiJ", "eyJzdWIi", "dBjftJeZ4C"] {
            #expect(!line.contains(part))
        }
        #expect(line.hasPrefix("fatal: Authentication failed for '"))
    }

    @Test("words about secrets are no secrets")
    func words() {
        let text = "batch response: Authorization error: http://git.example.com/lfs/objects/batch"
        #expect(diagnose(text).line == text && diagnose(text).class == .forbidden)
    }

    @Test("the server's own words are shown before a bare status, with their advice")
    func explained() {
        let words = "remote: You can't push code to an archived project."
        let diagnosis = diagnose(
            "\(words)\nfatal: unable to access 'https://h/': The requested URL returned error: 403")
        #expect(diagnosis.line == words && diagnosis.confidence == .high && diagnosis.host == "h")
        #expect(diagnosis.advice.contains("archived"))
    }

    @Test("the password that git-lfs shows in a refused address is not kept")
    func userInfo() throws {
        let text =
            "batch response: Client error &{%!s(string=http) %!s(*url.Userinfo=&{x hunter2 true})}s from HTTP 413"
        let diagnosis = diagnose(text)
        #expect(diagnosis.class == .size && diagnosis.line?.contains("hunter2") == false)
    }

    @Test("a host key's fingerprint and a commit are no secrets")
    func shown() throws {
        let key = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
        let line = try #require(
            diagnose("fatal: unable to access 'https://h/x': SSL: \(key) 0123456789abcdef0123456789abcdef01234567").line
        )
        #expect(line.contains("0123456789abcdef0123456789abcdef01234567"))
        #expect(line.contains("SHA256:+DiY3wvvV6TuJJhbpZisF"))
    }

    @Test("every class has an advice of one sentence")
    func advice() {
        for sample in Sample.all {
            let advice = sample.diagnosis.advice
            #expect(!advice.isEmpty && !advice.hasSuffix(".") && !advice.contains("\n"))
        }
    }
}
