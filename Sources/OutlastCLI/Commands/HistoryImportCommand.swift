// `outlast history import gitlab-log FILE…`: arguments to `LogImportRequest`.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct HistoryImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take in what a forge wrote down itself.",
        subcommands: [ImportGitLabLogCommand.self])
}

struct ImportGitLabLogCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "gitlab-log", abstract: "Refused tokens from GitLab's api_json.log.",
        discussion: """
            Files may be packed by gzip and come in any order. A line that was taken in before, from whatever copy of the \
            log, is not taken in again.
            """)

    @Argument(help: ArgumentHelp("The log's files; - is stdin.", valueName: "file"))
    var files: [String] = []
    @Option(help: ArgumentHelp("GitLab's host, where the log calls it by another name.", valueName: "host"))
    var host: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = LogImportReply.empty

    func work(in session: Session) async throws(Failure) -> Report {
        if files.isEmpty { throw .usage("no file is named", hint: "name the log's files, or - for stdin") }
        let origins = files.map(ByteOrigin.init)
        if origins.count(where: { $0 == .standardInput }) > 1 { throw .usage("stdin can be read once only") }
        let request = LogImportRequest(log: "gitlab-log", origins: origins, host: try hostName())
        return LogImportReply.report(try LogImportFlow(try session.world()).run(request))
    }

    private func hostName() throws(Failure) -> String? {
        guard let host else { return nil }
        guard let url = ServerURL("https://\(host)"), url.text == "https://\(url.origin.host)" else {
            throw .usage("--host takes a host's name such as gitlab.example.com")
        }
        return url.origin.host.lowercased()
    }
}
