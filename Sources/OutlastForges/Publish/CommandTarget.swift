// A program of the operator's that takes the token by stdin and carries it wherever it belongs.
import OutlastModel

/// The target `command`.
struct CommandTarget: PublishTarget {
    let canBeRead = false

    var schema: SettingsSchema { PublishSchemas.command }

    func label(_ settings: Settings) -> String {
        SafeText.line("command \(settings.texts("command")?.first ?? "")", limit: 200)
    }

    /// A program cannot be asked whether it would work; one that is named by its path has to be there.
    func check(_ context: PublishContext) async throws(Failure) {
        let program = try command(context)[0]
        guard program.contains("/") else { return }
        guard let there = try context.files.statusFollowingLinks(of: program), there.sort == .file else {
            throw context.refused(label(context.settings), "there is no such program")
        }
    }

    func publish(_ token: Secret, _ context: PublishContext) async throws(Failure) {
        let words = try command(context)
        let label = label(context.settings)
        let answer: ProcessAnswer
        do throws(Failure) {
            answer = try await context.processes.ask(
                ProcessQuestion(
                    words, environment: context.variables.all, input: token,
                    timeout: Swift.max(context.timeout, .seconds(30))))
        } catch { throw context.refused(label, "it failed: \(error.message)", hint: error.hint) }
        guard answer.code == 0 else {
            let said = answer.errors.split(separator: "\n").last.map { ": \(SafeText.line(String($0)))" } ?? ""
            throw context.refused(label, "it ended with \(answer.code)\(said)")
        }
    }

    func read(_ context: PublishContext) async throws(Failure) -> Secret? { nil }

    private func command(_ context: PublishContext) throws(Failure) -> [String] {
        guard let words = context.settings.texts("command"), words.first?.isEmpty == false else {
            throw .configuration(
                "a publish target of credential \(context.credential) has no command to run",
                hint: "write `command: [program, argument]`")
        }
        return words
    }
}
