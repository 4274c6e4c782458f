// `outlast record start|finish`: arguments to `RecordRequest`. The others have files of their own.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Keep what durations and explanations are learnt from.",
        subcommands: [
            RecordStartCommand.self, RecordFinishCommand.self, RecordUsageCommand.self, RecordFailureCommand.self,
            RecordImportCommand.self,
        ])
}

/// The parts of a job's identity and its times; what is not given comes from the CI's variables.
struct JobOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The project's path with its groups.", valueName: "path"))
    var project: String?
    @Option(help: ArgumentHelp("The job's name.", valueName: "name"))
    var job: String?
    @Option(help: ArgumentHelp("The run: job id, run id or build number.", valueName: "id"))
    var run: String?
    @Option(help: ArgumentHelp("The attempt within the run, from 1.", valueName: "n"))
    var attempt: String?
    @Option(help: ArgumentHelp("The leg of a matrix, as a series of its own.", valueName: "name"))
    var leg: String?
    @Option(help: ArgumentHelp("The forge, for jobs outside a known CI (generic).", valueName: "forge"))
    var forge: String?
    @Option(help: ArgumentHelp("When the job began.", valueName: "time"))
    var startedAt: String?

    func request(
        _ step: RecordRequest.Step, finishedAt: String?, status: String?, in session: Session
    ) throws(Failure) -> RecordRequest {
        let ended = try ArgumentText.status(status, of: [.success, .failed, .canceled])
        return RecordRequest(
            step: step, project: project, job: job, run: run,
            attempt: try ArgumentText.count(attempt, "--attempt", in: 1...1_000_000), leg: leg, forge: forge,
            startedAt: try ArgumentText.instant(startedAt, "--started-at"),
            finishedAt: try ArgumentText.instant(finishedAt, "--finished-at"), status: ended,
            isStrict: session.options.isStrict)
    }
}

struct RecordStartCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "The job begins. Saying it twice changes nothing.")

    @OptionGroup(title: "The job") var job: JobOptions
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = RecordReply.empty

    func work(in session: Session) async throws(Failure) -> Report {
        let request = try job.request(.start, finishedAt: nil, status: nil, in: session)
        return RecordReply.report(try await RecordFlow(try session.world()).run(request))
    }
}

struct RecordFinishCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "finish", abstract: "The job ends. Saying it twice changes nothing.")

    @OptionGroup(title: "The job") var job: JobOptions
    @Option(help: ArgumentHelp("When the job ended (now).", valueName: "time"))
    var finishedAt: String?
    @Option(help: ArgumentHelp("success, failed or canceled (what the CI says, else success).", valueName: "status"))
    var status: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = RecordReply.empty

    func work(in session: Session) async throws(Failure) -> Report {
        let request = try job.request(.finish, finishedAt: finishedAt, status: status, in: session)
        return RecordReply.report(try await RecordFlow(try session.world()).run(request))
    }
}
