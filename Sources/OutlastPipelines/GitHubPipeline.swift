// GitHub Actions (facts, section 9.1): no variable tells the job's start or time-out; the run is told by outputs, a
// summary and commands in the log.
public import OutlastModel

/// GitHub Actions.
public struct GitHubPipeline: Pipeline {
    /// Makes the reader.
    public init() {}

    /// `github`
    public var id: String { "github" }
    /// Where the job's own token is.
    public let tokenVariables = ["GITHUB_TOKEN", "GH_TOKEN"]

    /// `GITHUB_ACTIONS` is `true` in every step.
    public func isRunning(in variables: Variables) -> Bool { variables["GITHUB_ACTIONS"] == "true" }

    /// The job: workflow and job key. Legs of a matrix share both and are told apart by the runner's name.
    public func context(from variables: Variables) -> JobContext {
        JobContext(
            ci: id, identity: identity(variables), slot: slot(variables), forge: "github",
            apiURL: variables.address("GITHUB_API_URL")?.text, workspace: variables.path("GITHUB_WORKSPACE"),
            tokenLifeLimit: tokenLifeLimit(variables),
            // Whether a pull request comes from a fork stands in the event's file only: any may.
            isUntrustedChange: variables["GITHUB_EVENT_NAME"].map { $0.utf8.starts(with: "pull_request".utf8) } ?? false
        )
    }

    /// The job's own token. It has no variable unless the workflow maps it to one, and a workflow can map any token to
    /// any name: a value that begins like another kind is not the job's, and an App's token (`ghs_` as well) under
    /// another name is left to be found out. `GH_TOKEN` counts unless `GITHUB_TOKEN` holds something else.
    public func kind(ofVariable name: String?, value: Secret, in variables: Variables) -> String? {
        guard !beginsLikeAnotherKind(value) else { return nil }
        if name == "GITHUB_TOKEN" || variables.holds(value, in: "GITHUB_TOKEN") { return "github-actions" }
        return name == "GH_TOKEN" && variables["GITHUB_TOKEN"] == nil ? "github-actions" : nil
    }

    /// Step outputs, a summary table, and `::warning::` or `::error::`.
    public func announce(
        _ notice: PreflightNotice, in variables: Variables, delimiter: String
    ) -> [Announcement] {
        var result: [Announcement] = []
        if let path = variables.path("GITHUB_OUTPUT"), !notice.outputs.isEmpty {
            let lines = notice.outputs.map { GitHubFormat.output($0.name, $0.value, delimiter: delimiter) }
            result.append(.append(path: path, text: lines.joined()))
        }
        if let path = variables.path("GITHUB_STEP_SUMMARY"), !notice.table.isEmpty {
            result.append(.append(path: path, text: GitHubFormat.table(notice.table)))
        }
        switch notice.level {
        case .quiet: break
        case .warning: result.append(.log(GitHubFormat.command("warning", notice.sentence)))
        case .error: result.append(.log(GitHubFormat.command("error", notice.sentence)))
        }
        return result
    }

    /// `::add-mask::`, which also reaches what the runner does not hide by itself.
    public func masks(_ forms: [Secret]) -> [Secret] {
        forms.map { RunnerLine.secret("::add-mask::", $0, escapes: GitHubFormat.escapes) }
    }

    /// Lines of the file that `GITHUB_ENV` names; later steps have the variables, this one does not.
    public func handover(
        _ later: [LaterVariable], in variables: Variables, delimiter: String
    ) throws(Failure) -> FileAddition? {
        guard let path = variables.path("GITHUB_ENV") else {
            throw .usage(
                "--export github needs the file that GITHUB_ENV names, and it names none here",
                hint: "it does so in a step of GitHub Actions only; elsewhere use --export shell or file:FILE")
        }
        if later.contains(where: { $0.name == "NODE_OPTIONS" }) {
            throw .usage("GitHub's runner takes no NODE_OPTIONS from a step", hint: "give the token another name")
        }
        return FileAddition(path: path, text: GitHubFormat.variables(later, delimiter: delimiter))
    }

    private func identity(_ variables: Variables) -> JobIdentity? {
        guard let project = variables["GITHUB_REPOSITORY"], project.splitAtLastSlash != nil,
            let job = variables.joined(["GITHUB_WORKFLOW", "GITHUB_JOB"], by: " / "),
            let run = variables.number("GITHUB_RUN_ID")
        else { return nil }
        return JobIdentity(
            forge: "github", server: variables.host(of: "GITHUB_SERVER_URL"), project: project, job: job,
            run: String(run), attempt: variables.number("GITHUB_RUN_ATTEMPT") ?? 1, leg: variables["RUNNER_NAME"] ?? "")
    }

    // Hosted machines are new for each job, and many bear the same name at the same time. An owner's runners share names
    // with other owners' only.
    private func slot(_ variables: Variables) -> String? {
        guard variables["RUNNER_ENVIRONMENT"] != "github-hosted", let name = variables["RUNNER_NAME"] else {
            return nil
        }
        let owner = variables["GITHUB_REPOSITORY"]?.splitAtLastSlash?.0 ?? ""
        return "\(variables.host(of: "GITHUB_SERVER_URL"))/\(owner)/\(name)"
    }

    // Facts, section 2.5: 24 hours on self-hosted machines; hosted jobs end after 6 hours, and their token with them.
    private func tokenLifeLimit(_ variables: Variables) -> Duration? {
        switch variables["RUNNER_ENVIRONMENT"] {
        case "self-hosted": .seconds(24 * 3600)
        case "github-hosted": .seconds(6 * 3600)
        default: nil
        }
    }

    private func beginsLikeAnotherKind(_ token: Secret) -> Bool {
        ["ghp_", "gho_", "ghu_", "ghr_", "github_pat_", "glpat-", "eyJ"].contains { prefix in
            token.withBytes { $0.starts(with: prefix.utf8) }
        }
    }
}
