// git's credential protocol: what is understood, what is refused whole, what is written.

import OutlastGit
import OutlastModel
import OutlastTestKit
import Testing

@Suite("git's credential protocol")
struct CredentialProtocolTests {
    private let git = Git()

    private func question(_ text: String) throws(Failure) -> GitQuestion { try git.question(Array(text.utf8)) }

    @Test("what git 2.39 and what git 2.55 write")
    func versions() throws {
        let old = try question("protocol=https\nhost=git.example.com:8443\npath=a/b.git\nusername=u\n\n")
        #expect(old.scheme == "https" && old.host == "git.example.com:8443" && old.path == "a/b.git")
        #expect(old.username == "u" && old.password == nil && !old.takesEphemeral)
        let new = try question(
            """
            capability[]=authtype
            capability[]=state
            protocol=https
            host=git.example.com
            wwwauth[]=Basic realm="a=b"
            wwwauth[]=Bearer
            state[]=other.1
            password=p=q
            password_expiry_utc=12
            oauth_refresh_token=r
            ephemeral=1
            some-day=some value
            """)
        #expect(new.takesEphemeral && new.password?.reveal() == "p=q" && new.path == nil)
        #expect(try !question("capability[]=authtype\ncapability[]=\n").takesEphemeral)
        #expect(
            try question("").host == nil && question("\nhost=h").host == nil
                && question("host=\n").host?.isEmpty == true)
    }

    static let malformed = [
        "protocol", "protocol=https\nhost", "=https", "protocol=https\n=\n", "protocol=https\nhost=h\nhost=i\n",
        "password=a\npassword=b\n", "protocol=https\r\nhost=h\r\n", "host=h\rusername=u\n", "host=h\0\n", "\0",
        "protocol=https\nhost=h\n\nhost=\0", "username=" + String(repeating: "u", count: 65_536),
        String(repeating: "a=b\n", count: 20_000), "get\n",
    ]

    @Test("what git would never write is refused with 65, and nothing of it is repeated", arguments: malformed)
    func refused(_ text: String) throws {
        let failure = #expect(throws: Failure.self) { try question(text) }
        #expect(failure?.code == .malformedInput && failure?.message.utf8.count ?? 0 < 200)
    }

    @Test("answers carry what this git understands, and nothing that would be another line")
    func answers() {
        let plain = GitQuestion()
        let modern = GitQuestion(takesEphemeral: true)
        let login = GitLogin(username: "oauth2", password: Secret("t0ken"), expiresAt: Instant(milliseconds: 1_999))
        func text(_ answer: GitAnswer, _ question: GitQuestion) -> String { git.reply(answer, to: question).reveal() }
        #expect(text(.login(login), plain) == "username=oauth2\npassword=t0ken\npassword_expiry_utc=1\n")
        #expect(
            text(.login(login), modern)
                == "capability[]=authtype\nusername=oauth2\npassword=t0ken\npassword_expiry_utc=1\nephemeral=1\n")
        #expect(
            text(.login(GitLogin(username: "u", password: Secret("p"))), plain) == "username=u\npassword=p\n")
        #expect(text(.nothing, modern).isEmpty && text(.quit, modern) == "quit=1\n")
        for (user, password) in [
            ("u\nhost=h", "p"), ("u\0", "p"), ("", "p"), ("u", "p\nq"), ("u", "p\0"), ("u", ""), ("u", "p\r"),
        ] {
            #expect(text(.login(GitLogin(username: user, password: Secret(password))), modern).isEmpty)
        }
    }

    @Test("what was read is what was written, for every field")
    func roundTrip() throws {
        var random = SeededRandom(seed: 7)
        let letters = Array("abcXYZ019 =/.:@%é-_")
        for _ in 0..<500 {
            func word() -> String {
                String(
                    (0...Int.random(in: 0...20, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a"
                    })
            }
            let fields = [
                ("protocol", word()), ("host", word()), ("path", word()), ("username", word()), ("password", word()),
            ]
            .shuffled(using: &random)
            let question = try question(fields.map { "\($0.0)=\($0.1)\n" }.joined())
            let read = [
                "protocol": question.scheme, "host": question.host, "path": question.path,
                "username": question.username, "password": question.password?.reveal(),
            ]
            for (name, value) in fields { #expect(read[name] == value) }
        }
    }

    @Test("ten thousand mutations are understood or refused, and never answered with more than one login")
    func mutations() throws {
        var random = SeededRandom(seed: 20_261_120)
        let seed = Array(
            "capability[]=authtype\nprotocol=https\nhost=git.example.com\npath=a/b.git\nusername=u\npassword=0123456789\nwwwauth[]=Basic\n\n"
                .utf8)
        let odd: [UInt8] = [0, 10, 13, 32, 37, 46, 47, 58, 61, 64, 92, 127, 255]
        let claim = GitClaim(hosts: [HostPattern(host: "git.example.com", port: nil, path: ["a"])], username: nil)
        var answered = 0
        for _ in 0..<10_000 {
            var bytes = seed
            for _ in 0...Int.random(in: 0...4, using: &random) {
                let place = Int.random(in: 0..<max(bytes.count, 1), using: &random)
                switch Int.random(in: 0...4, using: &random) {
                case 0 where !bytes.isEmpty: bytes[place] = odd.randomElement(using: &random) ?? 0
                case 1 where !bytes.isEmpty: bytes.remove(at: place)
                case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: min(place, bytes.count))
                case 3 where !bytes.isEmpty: bytes.removeSubrange(place..<min(place + 9, bytes.count))
                default: bytes += bytes.prefix(place)
                }
            }
            let question: GitQuestion
            do throws(Failure) { question = try git.question(bytes) } catch {
                #expect(error.code == .malformedInput)
                continue
            }
            guard let address = GitAddress(question),
                GitClaim.best(for: address, username: question.username, among: [claim]) != nil
            else { continue }
            answered += 1
            #expect(question.host?.lowercased().hasPrefix("git.example.com") == true && address.path.first == "a")
            let login = GitLogin(username: question.username ?? "oauth2", password: Secret("t"))
            let lines = git.reply(.login(login), to: question).reveal().split(separator: "\n")
            #expect(lines.filter { $0.hasPrefix("password=") } == ["password=t"] && lines.count <= 5)
        }
        #expect(answered > 100)
    }
}
