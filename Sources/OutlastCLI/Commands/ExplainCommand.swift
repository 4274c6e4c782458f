// `outlast history explain|show`: arguments to a choice of a job.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct ExplainCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Why a job failed, what was known when, and what would have saved it.",
        discussion: "Without a job: the one that this runs in, else the last one that failed.")

    @Argument(help: ArgumentHelp("The job's id, as in `outlast history jobs`.", valueName: "job"))
    var jobID: String?
    @Flag(help: "The job that began last.")
    var last = false
    @Flag(help: "The job that failed last.")
    var lastFailed = false
    @Flag(help: "Answer in Markdown, for a job summary.")
    var markdown = false
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = ExplainReply.empty

    func work(in session: Session) async throws(Failure) -> Report {
        if markdown, session.options.isJSON { throw .usage("--markdown and --json contradict each other") }
        return ExplainReply(try ExplainFlow(try session.world()).run(try choice)).report(isMarkdown: markdown)
    }

    private var choice: JobChoice? {
        get throws(Failure) {
            if [jobID != nil, last, lastFailed].filter({ $0 }).count > 1 {
                throw .usage("a job's id, --last and --last-failed exclude each other")
            }
            if last { return .last }
            if lastFailed { return .lastFailed }
            return jobID.map(JobChoice.id)
        }
    }
}

struct ShowCommand: WorkingCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "All that is known of one job.")

    @Argument(help: ArgumentHelp("The job's id, as in `outlast history jobs`.", valueName: "job"))
    var jobID: String
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = ShowReply.empty

    func work(in session: Session) async throws(Failure) -> Report {
        let (the, warnings) = try ShowFlow(try session.world()).run(jobID)
        return ShowReply.report(the, notes: warnings)
    }
}
