// `outlast history report`: arguments to a page about the history.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct HistoryReportCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "One page about tokens, jobs, failures and ends, to be opened in a browser.",
        discussion: "The page needs nothing but itself: no network, no script.")

    @Option(help: ArgumentHelp("Where to write the page, whole or not at all; - is stdout.", valueName: "file"))
    var html: String?
    @Option(help: ArgumentHelp("From this time on (90 days ago).", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("The same as a number of days, from 1 to 3650.", valueName: "n"))
    var days: String?
    @Option(help: ArgumentHelp("Only this project.", valueName: "path"))
    var project: String?
    @Option(help: ArgumentHelp("Only this job.", valueName: "name"))
    var job: String?
    @Option(help: ArgumentHelp("The chance with which a job ends within its bound (0.95).", valueName: "number"))
    var quantile: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = HistoryReportReply.empty

    func work(in session: Session) async throws(Failure) -> Report {
        guard let html else {
            throw .usage("nothing says where to write the page", hint: "give --html FILE, such as --html report.html")
        }
        let isStdout = html == "-"
        if isStdout, session.options.isJSON {
            throw .usage("--html - writes the page to stdout and --json the answer: give one of them")
        }
        if since != nil, days != nil { throw .usage("--since and --days exclude each other") }
        let path = isStdout ? nil : try session.path(html, "the page")
        let world = try session.world()
        var from = try ArgumentText.instant(since, "--since")
        if let days = try ArgumentText.count(days, "--days", in: 1...3650) {
            from = world.clock.now().advanced(by: .seconds(-Int64(days) * 86_400))
        }
        let flow = ReportFlow(world)
        let outcome = try flow.run(
            ReportRequest(
                since: from, project: project, job: job,
                quantile: try ArgumentText.quantile(quantile, "--quantile") ?? 0.95))
        guard let path else {
            try flow.send(outcome.page)
            return Report(notes: outcome.warnings, json: { [] }, text: { _ in "" })
        }
        try flow.write(outcome.page, to: path)
        return HistoryReportReply.report(outcome.report, file: path, bytes: outcome.page.count, notes: outcome.warnings)
    }
}
