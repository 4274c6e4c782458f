// `outlast record import --ci CI FILE…`: arguments to `JobImportRequest`.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct RecordImportCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Ended jobs from the lists of a CI's own interface.",
        discussion: """
            A file holds one saved answer or several, one behind another, and may be packed by gzip. Importing the same \
            jobs again changes nothing.
            """)

    /// The CIs whose lists are read.
    enum CI: String, CaseIterable { case gitlab, github, jenkins }

    @Argument(help: ArgumentHelp("Saved answers; - is stdin.", valueName: "file"))
    var files: [String] = []
    @Option(help: ArgumentHelp("gitlab, github or jenkins.", valueName: "ci"))
    var ci: String?
    @Option(
        help: ArgumentHelp("The project's path, where the jobs' addresses do not tell it rightly.", valueName: "path"))
    var project: String?
    @Option(
        help: ArgumentHelp(
            "GitHub: the key that a job has in its workflow, by its name in the list. May be repeated.",
            valueName: "name=key"))
    var jobKey: [String] = []
    @Flag(help: "Jenkins: the last part of each job's path is a branch.")
    var multibranch = false
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = JobImportReply.empty

    func work(in session: Session) async throws(Failure) -> Report {
        let choice: CI? = try ArgumentText.choice(ci, "--ci")
        guard let ci = choice else {
            throw .usage("nothing says whose lists these are", hint: "give --ci gitlab, github or jenkins")
        }
        if files.isEmpty { throw .usage("no file is named", hint: "name saved answers, or - for stdin") }
        let origins = files.map(ByteOrigin.init)
        if origins.count(where: { $0 == .standardInput }) > 1 { throw .usage("stdin can be read once only") }
        if let project, project.isEmpty || project.utf8.count > 1024 {
            throw .usage("--project must have 1 to 1024 bytes")
        }
        if multibranch, ci != .jenkins { throw .usage("--multibranch is for Jenkins") }
        if !jobKey.isEmpty, ci != .github { throw .usage("--job-key is for GitHub") }
        let request = JobImportRequest(
            ci: ci.rawValue, origins: origins, reading: JobListReading(project: project, isByBranch: multibranch),
            keys: try keys(), isStrict: session.options.isStrict)
        return JobImportReply.report(try JobImportFlow(try session.world()).run(request))
    }

    /// A name may hold `=`; a key does not.
    private func keys() throws(Failure) -> [String: String] {
        var keys: [String: String] = [:]
        for text in jobKey {
            guard let mark = text.lastIndex(of: "="), mark > text.startIndex, text.index(after: mark) < text.endIndex
            else { throw .usage("--job-key takes NAME=KEY, such as 'Unit tests=unit'") }
            keys[String(text[..<mark])] = String(text[text.index(after: mark)...])
        }
        return keys
    }
}
