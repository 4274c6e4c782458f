// Questions that look like ours and are not, through the program: answered only where the contract says.

import Foundation
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@Suite("questions to the helper that git, or somebody in its place, may ask", .timeLimit(.minutes(5)))
struct HostileQuestionTests {
    /// The configured places: a path, a port and a loopback address. `{port}` stands for the sandbox's.
    private static let hosts = #"["git.example.com/group", "git.example.com:8443", "127.0.0.1:{port}/group/app"]"#

    private static func question(_ scheme: String, _ host: String, _ path: String?) -> String {
        "protocol=\(scheme)\nhost=\(host)\n" + (path.map { "path=\($0)\n" } ?? "")
    }

    /// Those that are ours.
    private static let answered =
        [
            ("https", "git.example.com", "group"), ("https", "git.example.com", "group/app.git"),
            ("https", "git.example.com", "group.git"), ("https", "git.example.com", "group/"),
            ("https", "git.example.com", "group/sub/deeper/app.git/info/lfs"),
            ("https", "GIT.Example.COM", "group/app"),
            ("https", "git.example.com:443", "group/app"), ("https", "git.example.com:8443", nil),
            ("https", "git.example.com:8443", "any/where.git"), ("https", "Git.example.com:8443", ""),
            ("https", "127.0.0.1:{port}", "group/app.git"), ("http", "127.0.0.1:{port}", "group/app.git"),
        ].map(question) + [
            question("https", "git.example.com:8443", nil)
                + "username=somebody\nwwwauth[]=Basic realm=\"x\"\nstate[]=a.b\n",
            "capability[]=authtype\ncapability[]=state\ncapability[]=unheard-of\n"
                + question("https", "git.example.com:8443", nil),
            question("https", "git.example.com:8443", nil)
                + "some-day=x\nhost2=evil.example\nHOST=evil.example\nurl=https://e\n",
            question("https", "git.example.com:8443", nil) + "\nhost=evil.example\nnot a line\n",
        ]

    /// Paths that are not below `group`, though they may look so.
    private static let otherPaths = [
        "group-evil/app", "groupx/app", "group.evil/app", "Group/app", "GROUP/app", "evil/group/app", "groups",
        "gro/up",
        "group%2fapp", "group%2Fapp", "%67roup/app", "group%00/app", "group/../other", "../group/app", "./group/app",
        "group/./app", "group//app", "/group/app", "//group/app", "group\\app", "group/..\\other", "group/%2e%2e/other",
        "group/%2E./other", "group/..%2fother", "group/..%2F..%2Fother", "group/%5c..%5cother", "group/app%00.git",
        "group/a%2fb", " group/app", "group /app", "group\t/app", "group;/app/../../other", "group?/../other/..",
        // What joins the character before it is a character of its own to a server.
        "group/..%2f\u{301}other/app", "group/../\u{301}other", "group/\u{600}/../other", "group\u{301}/app",
        "group/%2e%2e\u{301}/../x", "ｇroup/app", "gr\u{43E}up/app",
    ].map { question("https", "git.example.com", $0) }

    /// Hosts that are not `git.example.com`.
    private static let otherHosts =
        [
            "git.example.com.", "git.example.com.:443", "git.example.com:444", "git.example.com:8444",
            "git.example.com:0443", "git.example.com:+443", "git.example.com:443:443", "git.example.com:",
            "git.example.com:99999", "git.example.com:65979", "git.example.com:-1", "git.example.com:44 3",
            "evil.git.example.com", "git.example.com.evil.example", "xgit.example.com", "git-example.com",
            "git.example.comx", "git.example.co", "evil@git.example.com", "user:password@git.example.com",
            "git.example.com@evil.example", "git.example.com:443@evil.example", "git.example.com/group",
            "git.example.com#evil.example", "git.example.com?evil.example", "git.example.com\\.evil.example",
            "git.example.com ", " git.example.com", "git.example.com\t", "git%2eexample.com", "git.example%2ecom",
            "g\u{131}t.example.com", "g\u{456}t.example.com", "xn--gt-lja.example.com", "xn--git-.example.com",
            "ｇｉｔ.example.com", "git\u{3002}example.com", "git\u{FF0E}example.com", "git.example.com\u{301}",
            "git\u{AD}.example.com", "git\u{200B}.example.com", "\u{202E}git.example.com", "", ".", ":443",
        ].map { question("https", $0, "group/app") }

    /// Other ways to reach the loopback address, and other ways to get at it than `https`, which alone is for everybody.
    private static let otherPlaces =
        [
            "localhost:{port}", "127.1:{port}", "2130706433:{port}", "0x7f.0.0.1:{port}", "0177.0.0.1:{port}",
            "127.0.0.01:{port}", "127.0.0.1.:{port}", "127.0.0.2:{port}", "[::1]:{port}", "[::ffff:127.0.0.1]:{port}",
            "0:{port}", "0.0.0.0:{port}", "127.0.0.1", "127.0.0.1:{port}0",
        ].flatMap { [question("http", $0, "group/app.git"), question("https", $0, "group/app.git")] }
        + [
            "http", "ssh", "git", "ftp", "ftps", "file", "HTTPS", "Https", "https ", " https", "https:", "",
            "git+https",
        ].map {
            question($0, "git.example.com", "group/app")
        } + [
            question("https", "git.example.com", nil), question("https", "git.example.com", ""), "", "\n",
            "host=git.example.com\npath=group/app\n", "protocol=https\npath=group/app\n", "protocol=https\n",
            "url=https://git.example.com/group/app\n", "\n" + question("https", "git.example.com:8443", nil),
        ]

    /// What git would never write.
    private static let malformed: [String] = {
        let good = question("https", "git.example.com:8443", "group/app")
        let doubled = ["protocol=https", "host=git.example.com:8443", "path=x", "username=u", "password=p"]
            .map { "\($0)\n\(good)\($0)\n" }
        let hidden = ["\0", "\r"].flatMap { odd in
            [
                "\(odd)\(good)", "\(good)\(odd)", "protocol=https\nhost=git.example.com:8443\(odd)\n",
                "protocol=https\nhost=git.example.com:8443\(odd).evil.example\n", "\(good)\nbehind\(odd)the end\n",
                "protocol=https\(odd)\nhost=git.example.com:8443\n", "\(good)username=u\(odd)\n", "\(good)x=\(odd)\n",
            ]
        }
        return doubled + hidden + [
            "protocol", "get\n", "\(good)host\n", "=https\n\(good)", "\(good)=\n", " \n\(good)",
            // A line feed that somebody has smuggled into a path.
            "protocol=https\nhost=git.example.com:8443\npath=x\nhost=evil.example\n",
            "\(good)username=" + String(repeating: "u", count: 65_536) + "\n",
            "\(good)" + String(repeating: "x=y\n", count: 20_000),
        ]
    }()

    @Test("only the configured places are answered; all else gets silence or 65, and leaves nothing behind")
    func table() async throws {
        try await withForge { scene, sandbox in
            let port = String(sandbox.port)
            func written(_ text: String) -> String { text.replacingOccurrences(of: "{port}", with: port) }
            let token = try sandbox.gitlab.addToken().secret
            let file = try scene.write(
                "version: 1\ncredentials:\n  release: {forge: gitlab, api_url: \"\(sandbox.gitlabAPI)\", token: {env: T}, hosts: \(written(Self.hosts))}\n",
                to: "\(scene.home)/outlast.yml")
            let variables = ["OUTLAST_CONFIG": file, "T": token]
            for input in (Self.otherPaths + Self.otherHosts + Self.otherPlaces).map(written) {
                let run = try await scene.run("credential get", variables, input: input)
                #expect(run.code == 0 && run.everything.isEmpty, "\(input): \(run.everything)")
            }
            for input in Self.malformed {
                for action in ["get", "erase"] {
                    let run = try await scene.run("credential \(action)", variables, input: input)
                    #expect(run.exit == .malformedInput && run.output.isEmpty, "\(input.prefix(80)): \(run.everything)")
                    #expect(!run.errors.contains("evil"), "\(run.errors)")
                }
            }
            #expect(sandbox.questions == 0 && scene.read(scene.state) == nil)
            let answer = ["username=oauth2", "password=\(token)"]
            for input in Self.answered.map(written) {
                let run = try await scene.run("credential get", variables, input: input + "\n")
                let lines = run.output.split(separator: "\n").map(String.init).filter { $0 != "capability[]=authtype" }
                #expect(run.code == 0 && Array(lines.prefix(2)) == answer, "\(input): \(run.errors)")
                #expect(lines.filter { $0.hasPrefix("password=") }.count == 1)
            }
        }
    }

    @Test("hundreds of mutations end with silence or 65, at once, and write nothing")
    func mutations() async throws {
        try await withScene { scene in
            let file = try scene.write(
                "version: 1\ncredentials:\n  release: {forge: gitlab, api_url: \"http://127.0.0.1:9/api/v4\", token: {env: T}, hosts: [git.example.org/group]}\n",
                to: "\(scene.home)/outlast.yml")
            let variables = ["OUTLAST_CONFIG": file, "T": scene.secret("glpat-0123456789-0123456789")]
            let before = try FileManager.default.subpathsOfDirectory(atPath: scene.folder).sorted()
            var random = SeededRandom(seed: 4)
            for _ in 0..<300 {
                // No mutation makes a neighbour of that host from this one.
                let input = CredentialMutation.next(
                    of:
                        "capability[]=authtype\nprotocol=https\nhost=git.example.com\npath=group/app.git\nusername=u\npassword=0123456789\nwwwauth[]=Basic\n\n",
                    &random)
                let action = ["get", "erase", "store"][Int.random(in: 0..<3, using: &random)]
                let run = try await scene.run("credential \(action)", variables, bytes: input)
                #expect([0, 65].contains(run.code) && run.output.isEmpty, "\(input): \(run.everything)")
            }
            #expect(try FileManager.default.subpathsOfDirectory(atPath: scene.folder).sorted() == before)
        }
    }
}
