// `outlast history jobs|tokens|events|rotations`: arguments to a list and its filter.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Ask what is known of jobs, tokens and what happened to them.",
        subcommands: [
            ListJobsCommand.self, ListTokensCommand.self, ListEventsCommand.self, ListRotationsCommand.self,
            ShowCommand.self, ExplainCommand.self, ExpiringCommand.self, NoExpiryCommand.self, CalendarCommand.self,
            EstimateCommand.self, StatsCommand.self, SQLCommand.self, MetricsCommand.self, SyncCommand.self,
            HistoryImportCommand.self, HistoryPackCommand.self, HistoryMergeCommand.self, HistoryExportCommand.self,
            HistoryPruneCommand.self, HistoryReportCommand.self,
        ])
}

/// Which rows of a list.
struct FilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only from this time on.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Only before this time.", valueName: "time"))
    var until: String?
    @Option(help: ArgumentHelp("Only this project.", valueName: "path"))
    var project: String?
    @Option(help: ArgumentHelp("Only this job.", valueName: "name"))
    var job: String?
    @Option(
        help: ArgumentHelp(
            "Only this status of a job, standing of a token, state of a renewal or outcome of an event.",
            valueName: "status"))
    var status: String?
    @Option(
        help: ArgumentHelp("Only this token: the beginning of its fingerprint, or a credential.", valueName: "token"))
    var token: String?
    @Option(help: ArgumentHelp("The most rows (100).", valueName: "n"))
    var limit: String?

    func filter(of list: HistoryList) throws(Failure) -> HistoryFilter {
        HistoryFilter(
            since: try ArgumentText.instant(since, "--since"), until: try ArgumentText.instant(until, "--until"),
            project: project, job: job, status: try status(of: list), token: token,
            limit: try ArgumentText.count(limit, "--limit", in: 1...1_000_000) ?? 100)
    }

    /// A word that a list cannot have is a slip of the pen, and no answer to it would say so.
    private func status(of list: HistoryList) throws(Failure) -> String? {
        switch list {
        case .jobs: try ArgumentText.status(status, of: JobStatus.allCases)?.rawValue
        case .tokens: try ArgumentText.word(status, "--status", of: TokenStanding.names)
        case .rotations: try ArgumentText.word(status, "--status", of: RenewalState.allCases.map(\.rawValue))
        // What happens has more words than are listed anywhere.
        case .events: status
        }
    }
}

/// A command that shows one list.
protocol ListCommand: WorkingCommand {
    static var list: HistoryList { get }
    var filter: FilterOptions { get }
}

extension ListCommand {
    static var emptyReply: [JSONValue.Member] { [.init(list.rawValue, .array([]))] }

    func work(in session: Session) async throws(Failure) -> Report {
        let (table, warnings) = try ListFlow(try session.world()).run(Self.list, try filter.filter(of: Self.list))
        return ListReply.report(Self.list, table, notes: warnings)
    }
}

struct ListJobsCommand: ListCommand {
    static let configuration = CommandConfiguration(commandName: "jobs", abstract: "Job attempts, newest first.")
    static let list = HistoryList.jobs
    @OptionGroup(title: "Filter") var filter: FilterOptions
    @OptionGroup(title: "Common options") var common: CommonOptions
}

struct ListTokensCommand: ListCommand {
    static let configuration = CommandConfiguration(commandName: "tokens", abstract: "Tokens by their fingerprints.")
    static let list = HistoryList.tokens
    @OptionGroup(title: "Filter") var filter: FilterOptions
    @OptionGroup(title: "Common options") var common: CommonOptions
}

struct ListEventsCommand: ListCommand {
    static let configuration = CommandConfiguration(commandName: "events", abstract: "What happened, newest first.")
    static let list = HistoryList.events
    @OptionGroup(title: "Filter") var filter: FilterOptions
    @OptionGroup(title: "Common options") var common: CommonOptions
}

struct ListRotationsCommand: ListCommand {
    static let configuration = CommandConfiguration(commandName: "rotations", abstract: "Renewals of tokens.")
    static let list = HistoryList.rotations
    @OptionGroup(title: "Filter") var filter: FilterOptions
    @OptionGroup(title: "Common options") var common: CommonOptions
}
