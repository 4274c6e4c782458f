// `outlast history stats|metrics|sql`: arguments to figures, and to a statement of the asker's own.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct StatsCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "How many jobs, failures, renewals and tokens there were.")

    @Option(help: ArgumentHelp("From this time on (30 days ago).", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Before this time (now).", valueName: "time"))
    var until: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = FiguresReply.emptyStats

    func work(in session: Session) async throws(Failure) -> Report {
        let found = try StatsFlow(try session.world()).run(
            since: try ArgumentText.instant(since, "--since"), until: try ArgumentText.instant(until, "--until"))
        return FiguresReply.stats(found.counts, since: found.since, until: found.until, notes: found.warnings)
    }
}

struct MetricsCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "Figures in the text form of Prometheus, for a node exporter's folder.")

    @Option(help: ArgumentHelp("Write them to this file, whole or not at all, instead of stdout.", valueName: "path"))
    var file: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = FiguresReply.emptyMetrics

    func work(in session: Session) async throws(Failure) -> Report {
        let flow = MetricsFlow(try session.world())
        let (metrics, warnings) = try flow.run()
        if let file { try flow.write(metrics, to: file) }
        return FiguresReply.metrics(metrics, isWritten: file != nil, notes: warnings)
    }
}

struct SQLCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql", abstract: "One statement that reads the public views, as a table or as JSON.")

    @Argument(help: ArgumentHelp("Such as 'SELECT job, status FROM v_jobs'.", valueName: "statement"))
    var statement: String
    @Option(help: ArgumentHelp("The most rows (1000).", valueName: "n"))
    var limit: String?
    @Option(help: ArgumentHelp("How long it may take (10s).", valueName: "duration"))
    var timeLimit: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = FiguresReply.emptyTable

    func work(in session: Session) async throws(Failure) -> Report {
        let (table, isCut, warnings) = try StatementFlow(try session.world()).run(
            statement, rowLimit: try ArgumentText.count(limit, "--limit", in: 1...1_000_000) ?? 1000,
            timeLimit: try ArgumentText.duration(timeLimit, "--time-limit", positive: true) ?? .seconds(10))
        return FiguresReply.table(table, isCut: isCut, notes: warnings)
    }
}
