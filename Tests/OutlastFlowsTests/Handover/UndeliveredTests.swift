// What a renewed token that did not reach the job means, by where else it is.

import OutlastModel
import Testing

@testable import OutlastFlows

@Suite("A token that was not handed on")
struct UndeliveredTests {
    struct Row: Sendable {
        var isRenewed = true
        var isDestructive = true
        var isPublished = false
        var isInState = true
        var stateOutlivesJob = true
        let code: OutlastModel.ExitCode
        let words: String
    }

    static let rows = [
        Row(code: .unexpected, words: "the token is safe"),
        Row(stateOutlivesJob: false, code: .renewalInDoubt, words: "only in this job's own folder"),
        Row(isPublished: true, stateOutlivesJob: false, code: .unexpected, words: "the token is safe"),
        Row(isInState: false, code: .renewalInDoubt, words: "the new token is lost"),
        Row(isPublished: true, isInState: false, code: .stateUnusable, words: "a publish target has it"),
        Row(isDestructive: false, stateOutlivesJob: false, code: .unexpected, words: "a token as good"),
        Row(isDestructive: false, isInState: false, code: .unexpected, words: "a token as good"),
        Row(isRenewed: false, stateOutlivesJob: false, code: .unexpected, words: "use another"),
    ]

    @Test("ends with 21 only where the token is nowhere or goes with the job", arguments: rows)
    func rule(_ row: Row) {
        let failure = UndeliveredRule.failure(
            UndeliveredRule.Facts(
                credential: "release", isRenewed: row.isRenewed, generation: 2, isDestructive: row.isDestructive,
                isPublished: row.isPublished, isInState: row.isInState, stateOutlivesJob: row.stateOutlivesJob),
            because: Failure(.unexpected, "the disk is full", hint: "use another"))
        #expect(failure.code == row.code)
        #expect(failure.description.contains(row.words), "\(failure)")
        #expect(failure.message.contains("release") && failure.message.contains("the disk is full"))
    }
}
