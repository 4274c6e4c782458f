// `outlast init`: a configuration and the CI's template for a repository that begins.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct InitCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a commented configuration and the template of the CI that this repository has.",
        discussion: """
            What may lie in the repository goes to .outlast.yml; what decides over tokens goes to outlast-operator.yml, to \
            be kept outside of it. Nothing is sent anywhere, and no file is overwritten without --force.
            """)

    @Option(
        help: ArgumentHelp(
            "gitlab, github, jenkins, azure-pipelines, circleci, bitbucket or buildkite (what is found).",
            valueName: "ci"))
    var ci: String?
    @Option(
        help: ArgumentHelp(
            "gitlab, github, azure-devops, bitbucket, oauth2 or generic (what git's remote tells).", valueName: "forge")
    )
    var forge: String?
    @Flag(help: "Overwrite files that are there already.")
    var force = false
    @Flag(help: "Print the files, write none.")
    var dryRun = false
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = InitReply.empty

    func work(in session: Session) async throws(Failure) -> Report {
        let request = InitRequest(
            folder: session.invocation.workingFolder, ci: ci, forge: forge, isForced: force, isDryRun: dryRun)
        let outcome = try await InitFlow(try session.world(), kit: session.wiring.starters).run(request)
        return InitReply.report(outcome, showsTexts: dryRun)
    }
}
