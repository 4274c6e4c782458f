// Ten thousand damaged questions through reader and flow: understood or refused, and nothing else touched.

import OutlastFlows
import OutlastGit
import OutlastModel
import OutlastTestKit
import Testing

@Suite("damaged questions to git's helper", .timeLimit(.minutes(5)))
struct GitMutationTests {
    private static let question =
        "capability[]=authtype\nprotocol=https\nhost=scripted.example.com\npath=a/b.git\nusername=u\npassword=0123456789-0123456789\nwwwauth[]=Basic\n\n"
    private let clock = FixedClock("2026-11-20T22:10:00Z")
    private let token = "scr-0123456789-0123456789"

    /// Whether the bytes themselves, read without any of the program's code, ask for the configured place.
    private func asksForOurs(_ bytes: [UInt8]) -> Bool {
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false).prefix { !$0.isEmpty }
            .map { String(decoding: $0, as: UTF8.self) }
        func value(_ key: String) -> String? {
            lines.first { $0.hasPrefix("\(key)=") }.map { String($0.dropFirst(key.count + 1)) }
        }
        let hosts = ["scripted.example.com", "scripted.example.com:443"]
        guard value("protocol") == "https", let host = value("host"), hosts.contains(host.lowercased()),
            let path = value("path")?.utf8.split(separator: 47, omittingEmptySubsequences: false),
            let first = path.first, first.elementsEqual("a".utf8) || first.elementsEqual("a.git".utf8)
        else { return false }
        return !path.contains { $0.elementsEqual("..".utf8) || $0.elementsEqual(".".utf8) }
    }

    @Test("ten thousand of them end with one login for the place that was asked for, with silence, or with 65")
    func mutations() async throws {
        var random = SeededRandom(seed: 20_261_121)
        let forge = ScriptedForge(until: clock.now().advanced(by: .seconds(7200)), at: clock.now())
        var credential = CredentialConfiguration(name: "release", forge: "scripted", token: .env("T"))
        credential.hosts = [HostPattern(host: "scripted.example.com", port: nil, path: ["a"])]
        var (given, silent, refused) = (0, 0, 0)
        for _ in 0..<10_000 {
            let bytes = CredentialMutation.next(of: Self.question, &random)
            let action: GitCredentialRequest.Action = Bool.random(using: &random) ? .get : .erase
            let history = RememberingHistory(kinds: { $0 == "scripted" ? ScriptedForge.kind : nil })
            // Files, programs and the network are traps.
            let world = World.trapping(
                clock: PatientClock(clock), variables: ["T": token], forges: [forge], store: .success(history),
                input: bytes)
            let flow = GitCredentialFlow(world, git: Git())
            let outcome: GitCredentialOutcome
            do throws(Failure) {
                outcome = try await flow.run(GitCredentialRequest(action: action, credentials: [credential]))
            } catch {
                #expect(error.code == .malformedInput && error.message.utf8.count < 200, "\(bytes)")
                #expect(history.records.isEmpty)
                refused += 1
                continue
            }
            let lines = outcome.reply.reveal().split(separator: "\n")
            if lines.isEmpty {
                #expect(history.records.isEmpty, "\(bytes)")
                silent += 1
            } else {
                #expect(action == .get && asksForOurs(bytes), "\(String(decoding: bytes, as: UTF8.self))")
                #expect(lines.filter { $0.hasPrefix("password=") } == ["password=\(token)"] && lines.count <= 5)
                given += 1
            }
        }
        #expect(given > 500 && silent > 1_000 && refused > 1_000, "\(given), \(silent), \(refused)")
    }
}
