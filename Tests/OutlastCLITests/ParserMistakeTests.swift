// What the argument parser complains about is passed on without anything that the user typed but option names.

import OutlastModel
import Testing

@testable import OutlastCLI

@Suite("Complaints of the parser")
struct ParserMistakeTests {
    static let messages: [(String, String)] = [
        ("Error: Unknown option '--nonsense'", "unknown option '--nonsense'"),
        (
            "Unknown option '--nonsense'. Did you mean '--needs-scope'?",
            "unknown option '--nonsense'. Did you mean '--needs-scope'?"
        ),
        ("Missing value for '--duration <duration>'", "missing value for '--duration <duration>'"),
        ("Missing expected argument '<action>'", "missing expected argument '<action>'"),
        ("Missing expected argument '<Tq9r2v>'", "missing expected argument (not shown)"),
        ("Unexpected argument '<action>'", "unexpected argument (not shown)"),
        ("Unexpected argument 'glpat-abc'", "unexpected argument (not shown)"),
        (
            "The value 'hunter2' is invalid for '--format <format>'",
            "the value (not shown) is invalid for '--format <format>'"
        ),
        ("Unknown option '-tQ9rT2vW5yB8nM1'", "unknown option (not shown)"),
        ("Unknown option '--token=abc'", "unknown option (not shown)"),
        ("Unexpected argument 'it's'", "the arguments could not be understood"),
        ("2 unexpected arguments: 'a', 'b'\nUsage: secret", "2 unexpected arguments: (not shown), (not shown)"),
        ("", ""),
    ]

    @Test("shows option names and nothing else", arguments: messages)
    func shown(_ item: (message: String, shown: String)) {
        let failure = ParserMistake(item.message).failure
        #expect(failure.message == item.shown && failure.code == .usage && failure.hint != nil)
    }
}

@Suite("Tokens among the arguments")
struct ArgumentGateTests {
    private let gate = ArgumentGate(prefixes: ["glpat-", "ghp_", "eyJ"])

    private func isRefused(_ arguments: [String]) -> Bool {
        do throws(Failure) {
            try gate.check(arguments)
            return false
        } catch {
            #expect(error.code == .usage && !error.description.contains("0123"))
            return true
        }
    }

    @Test(
        "are refused wherever they stand",
        arguments: [
            "glpat-0123456789abcdefghij", "--token=glpat-0123456789abcdefghij", "-tghp_0123456789abcdefghij",
            "https://oauth2:glpat-0123456789abcdefghij@h/p", "PRIVATE-TOKEN: glpat-0123456789abcdefghij",
            "\"ghp_0123456789abcdefghij\"", "x=ghp_0123456789abcdefghij", "eyJ0123456789.eyJabc.sig",
            "-----BEGIN OPENSSH PRIVATE KEY-----\n0123\n-----END OPENSSH PRIVATE KEY-----\n",
        ])
    func refused(_ argument: String) {
        #expect(isRefused(["preflight", argument]))
        #expect(!isRefused(["exec", "--", argument]), "what stands behind -- is for somebody else")
    }

    @Test(
        "are not seen in words that only begin so, in paths and in addresses",
        arguments: [
            "ghp_", "glpat-tools", "/srv/glpat-release-tokens/ghp_configuration.yml",
            "--config=/x/ghp_configuration_file",
            "https://gitlab.example.com/glpat-documentation-page", "group/glpat-0123456789abcdefghij", "", "-", "=",
        ])
    func accepted(_ argument: String) { #expect(!isRefused([argument])) }
}
