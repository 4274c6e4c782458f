// An explanation as a person reads it, and as a job summary has it, whole.

import OutlastFlows
import OutlastModel
import Testing

@testable import OutlastCLI

@Suite("How an explanation is shown")
struct ExplainReplyTests {
    private static func at(_ text: String) -> Instant { Instant(text: text) ?? Instant(milliseconds: 0) }

    private static let outcome: ExplainOutcome = {
        let series = JobSeries(forge: "gitlab", server: "ci", project: "group/app", job: "release")
        let job = KnownJob(
            id: "362b788320e613a4", series: series, run: "4711", status: .failed, begunAt: at("2026-11-20T22:10:00Z"),
            lastSeenAt: at("2026-11-21T00:03:05Z"))
        let explanation = Explanation(
            cause: .init(
                class: .authExpired, sentence: "the push at 00:03 failed because token release (id 12) ended at 00:00",
                confidence: .high, credentialAtFault: true),
            evidence: [
                .init(at: at("2026-11-20T22:10:00Z"), what: "preflight: insufficient: a | b", source: "preflight"),
                .init(at: at("2026-11-21T00:00:00Z"), what: "token release (id 12) ended", source: "forge"),
            ], wouldHaveSaved: ["outlast preflight --credential release --on-insufficient refresh  # renews"])
        let before = PastFailure(
            at: at("2026-11-19T00:03:00Z"), job: job, class: .authExpired, credential: "release")
        return ExplainOutcome(job: job, explanation: explanation, similar: [before], warnings: [])
    }()

    private let plain = TextStyle(hasColour: false, columns: nil)

    @Test("as text: the cause first")
    func text() {
        #expect(
            ExplainReply(Self.outcome).report(isMarkdown: false).text(plain) == """
                the push at 00:03 failed because token release (id 12) ended at 00:00
                  auth_expired, confidence high: a credential was at fault
                  job 362b788320e613a4: release (run 4711) of group/app

                evidence (times are UTC):
                  2026-11-20T22:10:00Z  preflight  preflight: insufficient: a | b
                  2026-11-21T00:00:00Z  forge      token release (id 12) ended

                what would have saved it:
                  outlast preflight --credential release --on-insufficient refresh  # renews

                failures like it before:
                  2026-11-19T00:03:00Z  job release (run 4711) of group/app, credential release

                """)
    }

    @Test("as Markdown: nothing in it is taken for Markdown or HTML")
    func markdown() {
        #expect(
            ExplainReply(Self.outcome).report(isMarkdown: true).text(plain) == """
                ### the push at 00:03 failed because token release &#40;id 12&#41; ended at 00:00

                <code>auth&#95;expired</code>, confidence high

                | when (UTC) | source | what |
                | --- | --- | --- |
                | 2026-11-20T22:10:00Z | preflight | preflight: insufficient: a &#124; b |
                | 2026-11-21T00:00:00Z | forge | token release &#40;id 12&#41; ended |

                What would have saved it:

                - <code>outlast preflight --credential release --on-insufficient refresh  &#35; renews</code>

                Failures like it before:

                - 2026-11-19T00:03:00Z  job release &#40;run 4711&#41; of group/app, credential release


                """)
    }
}
