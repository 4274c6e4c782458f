// What an explanation says to paste is understood by the program.

import ArgumentParser
import OutlastModel
import Testing

@testable import OutlastCLI

@Suite("Lines of an explanation")
struct AdviceTests {
    private static let moment = Instant(seconds: 1_795_132_800)

    /// A job that failed by a class, with or without a token, a renewal of it, and a preflight's word.
    private static func lines(
        _ kind: FailureClass, token hasToken: Bool, rotated: RenewalState?, said outcome: String?,
        method: String
    ) -> [String] {
        let series = JobSeries(forge: "gitlab", server: "", project: "group/app", job: "release")
        var token = KnownToken(
            mark: "aaaaaaaaaaaaaaaa", fingerprint: nil, credential: "release", kind: "scripted", forge: "gitlab",
            lifetime: Lifetime(expiry: .at(moment), source: .forge, checkedAt: moment), clockSkew: .seconds(90),
            firstSeenAt: moment, lastSeenAt: moment)
        if rotated != nil { token.lifetime = .unknown }
        let failure = KnownEvent(
            at: moment.advanced(by: .seconds(9)), event: "failure", outcome: kind.rawValue,
            token: hasToken ? token.mark : nil,
            diagnosis: KnownDiagnosis(
                class: kind, confidence: .high, line: "error: No space left on device",
                credentialAtFault: kind.credentialAtFault))
        var the = JobCase(
            job: KnownJob(
                id: "x", series: series, run: "1", status: .failed, begunAt: moment, lastSeenAt: moment),
            events: [failure], tokens: hasToken ? [token] : [], methods: ["scripted": method],
            shortLived: method == "oauth2" ? ["scripted"] : [])
        if let outcome {
            the.events.insert(
                KnownEvent(at: moment, event: "preflight", outcome: outcome, token: token.mark), at: 0)
        }
        if let rotated {
            the.renewals = [
                KnownRenewal(
                    at: moment, changedAt: moment, credential: "release", method: "gitlab-rotate", state: rotated,
                    old: token.mark)
            ]
        }
        return Explainer(the).explanation.wouldHaveSaved
    }

    @Test("every command in them parses", arguments: FailureClass.allCases)
    func parses(_ kind: FailureClass) throws {
        var commands: Set<String> = []
        for hasToken in [true, false] {
            for rotated in [nil, .retired, .lost] as [RenewalState?] {
                for outcome in [nil, "sufficient", "insufficient", "unknown"] as [String?] {
                    let lines = ["gitlab-rotate", "oauth2"].flatMap {
                        Self.lines(kind, token: hasToken, rotated: rotated, said: outcome, method: $0)
                    }
                    for line in lines {
                        #expect(line.contains("  # "), "\(line)")
                        let plain = line.prefix { $0 != "#" }
                        for match in plain.matches(of: /outlast ([^;)#]+)/) { commands.insert(String(match.output.1)) }
                    }
                }
            }
        }
        for command in commands {
            let words = command.split(separator: " ").map(String.init)
            #expect(throws: Never.self, "\(command)") { _ = try OutlastCommand.parseAsRoot(words) }
        }
        if kind == .authExpired { #expect(commands.count >= 5, "\(commands)") }
    }
}
