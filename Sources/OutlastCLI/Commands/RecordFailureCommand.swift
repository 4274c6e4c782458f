// `outlast record usage|failure`: arguments to `FailureRequest`.

import ArgumentParser
import OutlastFlows
import OutlastModel

/// What both commands take.
struct FailureOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The credential that was used (the one of the last preflight).", valueName: "name"))
    var credential: String?
    @OptionGroup(title: "The job") var job: JobOptions

    func request(_ report: FailureRequest.Report, in session: Session) throws(Failure) -> FailureRequest {
        FailureRequest(
            report: report, job: try job.request(.finish, finishedAt: nil, status: nil, in: session),
            credential: credential, configured: credential == nil ? [] : Self.names(in: session))
    }

    /// Whatever keeps a configuration from being read is no reason to lose what happened.
    private static func names(in session: Session) -> [String] {
        (try? session.configuration())?.credentials.map(\.name) ?? []
    }

    static func text(_ file: String?) -> FailureRequest.Text? {
        file.map { $0 == "-" ? .stdin : .file($0) }
    }
}

struct RecordFailureCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "failure",
        abstract: "A command failed: says why by what git or ssh wrote on stderr, and keeps it.")

    @Option(help: ArgumentHelp("What the command wrote on stderr; - for stdin.", valueName: "file"))
    var stderrFile: String
    @OptionGroup var failure: FailureOptions
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = FailureReply.empty

    func work(in session: Session) async throws(Failure) -> Report {
        let text = FailureOptions.text(stderrFile) ?? .stdin
        return FailureReply.report(
            try await FailureFlow(try session.world()).run(try failure.request(.failure(text), in: session)))
    }
}

struct RecordUsageCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "A token was used: keeps for what, and how it went.")

    @Option(help: ArgumentHelp("What it was used for, such as push or fetch.", valueName: "word"))
    var operation: String
    @Option(help: ArgumentHelp("ok, denied or error.", valueName: "outcome"))
    var outcome: String
    @Option(help: ArgumentHelp("What the command wrote on stderr; - for stdin.", valueName: "file"))
    var stderrFile: String?
    @OptionGroup var failure: FailureOptions
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = FailureReply.empty

    func work(in session: Session) async throws(Failure) -> Report {
        guard (1...100).contains(operation.utf8.count) else { throw .usage("--operation must have 1 to 100 bytes") }
        guard let ended: FailureRequest.Outcome = try ArgumentText.choice(outcome, "--outcome") else {
            throw .usage("--outcome takes one of ok, denied, error")
        }
        let report = FailureRequest.Report.usage(
            operation: operation, outcome: ended, text: FailureOptions.text(stderrFile))
        return FailureReply.report(
            try await FailureFlow(try session.world()).run(try failure.request(report, in: session)))
    }
}
