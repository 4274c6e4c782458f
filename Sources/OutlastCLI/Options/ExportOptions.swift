// How a value leaves for the job that called (contract, sections 5 and 6).

import ArgumentParser
import OutlastFlows
import OutlastModel

struct ExportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Hand the value to the job: shell (lines for eval), github, dotenv:FILE or file:FILE.", valueName: "form"))
    var export: [String] = []
    @Flag(help: "Let --export dotenv: write into the CI's workspace, where the file may become an artifact.")
    var plaintextArtifact = false

    /// The variable where neither the credential nor `--token-env` names one.
    static let usualName = "OUTLAST_TOKEN"

    /// The handover that was asked for; nil for none.
    ///
    /// - Parameter takesFile: whether `file:FILE` is among the forms.
    func handover(
        in session: Session, _ world: World, takesFile: Bool = true
    ) throws(Failure) -> Handover? {
        guard let form = try form(from: session.invocation.workingFolder, takesFile: takesFile) else {
            if plaintextArtifact { throw .usage("--plaintext-artifact belongs to --export dotenv:FILE") }
            return nil
        }
        if form == .shell, session.options.isJSON {
            throw .usage(
                "--export shell and --json both want stdout for themselves", hint: "leave --json, or use file:FILE")
        }
        return Handover(world, form, allowsPlaintextArtifact: plaintextArtifact)
    }

    /// The form, its path made absolute; nil when none was asked for.
    func form(from folder: String, takesFile: Bool) throws(Failure) -> ExportForm? {
        guard export.count <= 1 else { throw .usage("--export was given \(export.count) times", hint: "give it once") }
        guard let text = export.first else { return nil }
        switch text {
        case "shell": return .shell
        case "github": return .pipeline("github")
        default: break
        }
        if let path = Self.path(in: text, after: "dotenv:", from: folder) { return .dotenv(path) }
        if takesFile, let path = Self.path(in: text, after: "file:", from: folder) { return .file(path) }
        throw .usage("--export takes shell, github\(takesFile ? ", dotenv:FILE or file:FILE" : " or dotenv:FILE")")
    }

    private static func path(in text: String, after prefix: String, from folder: String) -> String? {
        guard text.utf8.starts(with: prefix.utf8) else { return nil }
        let path = String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        guard !path.isEmpty else { return nil }
        return path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}
