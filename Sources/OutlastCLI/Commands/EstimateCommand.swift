// `outlast history estimate`: arguments to `EstimateRequest`.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct EstimateCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate", abstract: "How long a job will take at most, from which runs, and why.")

    @Option(help: ArgumentHelp("The project's path with its groups (the CI's).", valueName: "path"))
    var project: String?
    @Option(help: ArgumentHelp("The job's name (the CI's).", valueName: "name"))
    var job: String?
    @Option(
        help: ArgumentHelp("The share of jobs that shall stay under the bound, 0.5 to 0.999 (0.95).", valueName: "q"))
    var quantile: String?
    @Option(help: ArgumentHelp("How long the job has been running already.", valueName: "duration"))
    var elapsed: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = EstimateReply.empty

    func work(in session: Session) async throws(Failure) -> Report {
        let configuration = try session.configuration()
        let request = EstimateRequest(
            project: project, job: job,
            quantile: try ArgumentText.quantile(quantile, "--quantile") ?? configuration.quantile,
            elapsed: try ArgumentText.duration(elapsed, "--elapsed"), defaultDuration: configuration.defaultDuration)
        return EstimateReply(try EstimateFlow(try session.world()).run(request)).report
    }
}
