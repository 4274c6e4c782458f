// Azure Pipelines (facts, section 9.4 [mem, doc]): the run is told by lines that begin with `##vso[`.
public import OutlastModel

/// Azure Pipelines.
public struct AzurePipeline: Pipeline {
    /// Makes the reader.
    public init() {}

    /// `azure-pipelines`
    public var id: String { "azure-pipelines" }
    /// Where the job's own token is.
    public let tokenVariables = ["SYSTEM_ACCESSTOKEN"]

    /// `TF_BUILD` is `True` in every job.
    public func isRunning(in variables: Variables) -> Bool { variables["TF_BUILD"]?.lowercased() == "true" }

    /// The job: definition, stage and job key. `__default`, the name of what was given none, is left out of it.
    public func context(from variables: Variables) -> JobContext {
        let server = variables.address("SYSTEM_COLLECTIONURI")
        return JobContext(
            ci: id, identity: identity(variables, server), startedAt: startedAt(variables), slot: slot(variables),
            forge: "azure-devops", apiURL: server?.text, workspace: variables.path("BUILD_SOURCESDIRECTORY"),
            isUntrustedChange: variables["BUILD_REASON"] == "PullRequest", status: status(variables))
    }

    /// `SYSTEM_ACCESSTOKEN`, which the pipeline has to map; also under another name with the same value.
    public func kind(ofVariable name: String?, value: Secret, in variables: Variables) -> String? {
        kind(name, value, variables, among: [("SYSTEM_ACCESSTOKEN", "azure-devops-job")])
    }

    /// Output variables of the step, and a warning or an error for the run's page.
    public func announce(
        _ notice: PreflightNotice, in variables: Variables, delimiter: String
    ) -> [Announcement] {
        var lines = notice.outputs.compactMap { AzureFormat.output($0.name, $0.value) }
        switch notice.level {
        case .quiet: break
        case .warning: lines.append(AzureFormat.issue("warning", notice.sentence))
        case .error: lines.append(AzureFormat.issue("error", notice.sentence))
        }
        return lines.map(Announcement.log)
    }

    /// `##vso[task.setsecret]`
    public func masks(_ forms: [Secret]) -> [Secret] {
        forms.map { RunnerLine.secret("##vso[task.setsecret]", $0, escapes: AzureFormat.escapes) }
    }

    private func identity(_ variables: Variables, _ server: ServerURL?) -> JobIdentity? {
        let names = ["BUILD_DEFINITIONNAME", "SYSTEM_STAGENAME", "SYSTEM_PHASENAME"]
        let job = names.compactMap { variables[$0] }.filter { $0 != Self.unnamed }.joined(separator: " / ")
        guard let project = variables["SYSTEM_TEAMPROJECT"], !job.isEmpty, let run = variables.number("BUILD_BUILDID")
        else { return nil }
        // `dev.azure.com` is shared: the organization is the first part of the path there.
        let organization = server.map { String($0.path.drop { $0 == "/" }) } ?? ""
        let leg = variables["SYSTEM_JOBNAME"] ?? ""
        return JobIdentity(
            forge: "azure-devops", server: server?.origin.host ?? "",
            project: organization.isEmpty ? project : "\(organization)/\(project)", job: job, run: String(run),
            // Both counts only ever grow, so their sum tells the attempts apart.
            attempt: (variables.number("SYSTEM_STAGEATTEMPT") ?? 1) + (variables.number("SYSTEM_JOBATTEMPT") ?? 1) - 1,
            leg: leg == Self.unnamed ? "" : leg)
    }

    private static let unnamed = "__default"

    // The only variable with a time tells when the *pipeline* began. That is the job's own start (but for the queue) where
    // the pipeline has one unnamed stage and nothing is repeated; elsewhere it would make the job look older, and so
    // nearer to its end, than it is.
    private func startedAt(_ variables: Variables) -> Instant? {
        let isOnlyStage = variables["SYSTEM_STAGENAME"].map { $0 == Self.unnamed } ?? true
        let isFirst = ["SYSTEM_STAGEATTEMPT", "SYSTEM_JOBATTEMPT"].allSatisfy { (variables.number($0) ?? 1) == 1 }
        return isOnlyStage && isFirst ? variables.instant("SYSTEM_PIPELINESTARTTIME") : nil
    }

    // Microsoft's own machines bear the same few names for everybody.
    private func slot(_ variables: Variables) -> String? {
        guard let agent = variables["AGENT_NAME"],
            !["Azure Pipelines", "Hosted Agent"].contains(where: { agent.utf8.starts(with: $0.utf8) })
        else { return nil }
        return "\(variables.host(of: "SYSTEM_COLLECTIONURI"))/\(variables["AGENT_MACHINENAME"] ?? "")/\(agent)"
    }

    private func status(_ variables: Variables) -> JobStatus? {
        switch variables["AGENT_JOBSTATUS"] {
        case "Succeeded", "SucceededWithIssues": .success
        case "Failed": .failed
        case "Canceled": .canceled
        default: nil
        }
    }
}

/// Writes lines that Azure's agent reads. All texts are foreign.
enum AzureFormat {
    /// `##vso[task.setvariable …]`, for later steps as `STEP.name`; nil for names that are not `[A-Za-z0-9_]`.
    static func output(_ name: String, _ value: String) -> String? {
        guard Dotenv.isKey(name) else { return nil }
        return "##vso[task.setvariable variable=\(name);isOutput=true]\(escaped(value))"
    }

    /// `##vso[task.logissue …]`
    static func issue(_ type: String, _ text: String) -> String { "##vso[task.logissue type=\(type)]\(escaped(text))" }

    /// What the agent decodes in a command.
    static let escapes: [(byte: UInt8, text: String)] = [
        (UInt8(ascii: "%"), "%AZP25"), (UInt8(ascii: "\r"), "%0D"), (UInt8(ascii: "\n"), "%0A"),
    ]

    private static func escaped(_ text: String) -> String {
        SafeText.line(text).unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "%": result += "%AZP25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
