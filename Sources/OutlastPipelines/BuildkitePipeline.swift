// Buildkite (facts, section 9.4 [mem]): the time-out stands in minutes; nothing is read from the log.
public import OutlastModel

/// Buildkite.
public struct BuildkitePipeline: Pipeline {
    /// Makes the reader.
    public init() {}

    /// `buildkite`
    public var id: String { "buildkite" }

    /// `BUILDKITE` is `true` in every job.
    public func isRunning(in variables: Variables) -> Bool { variables["BUILDKITE"] == "true" }

    /// The job: the step's key, else its label. A step with neither is called by the pipeline, and its job id tells it
    /// apart from its neighbours.
    public func context(from variables: Variables) -> JobContext {
        JobContext(
            ci: id, identity: identity(variables), timeout: variables.timeout("BUILDKITE_TIMEOUT", unit: .seconds(60)),
            slot: variables.joined(["BUILDKITE_ORGANIZATION_SLUG", "BUILDKITE_AGENT_NAME"], by: "/"),
            workspace: variables.path("BUILDKITE_BUILD_CHECKOUT_PATH"),
            isUntrustedChange: variables.number("BUILDKITE_PULL_REQUEST") != nil, status: status(variables))
    }

    /// Nil: Buildkite gives jobs no forge token of its own.
    public func kind(ofVariable name: String?, value: Secret, in variables: Variables) -> String? { nil }

    /// Nothing: annotations go through Buildkite's agent, not through the log.
    public func announce(
        _ notice: PreflightNotice, in variables: Variables, delimiter: String
    ) -> [Announcement] { [] }

    private func identity(_ variables: Variables) -> JobIdentity? {
        guard let project = variables.joined(["BUILDKITE_ORGANIZATION_SLUG", "BUILDKITE_PIPELINE_SLUG"], by: "/"),
            let run = variables.number("BUILDKITE_BUILD_NUMBER")
        else { return nil }
        let step = variables["BUILDKITE_STEP_KEY"] ?? variables["BUILDKITE_LABEL"]
        let parallel = variables.number("BUILDKITE_PARALLEL_JOB", least: 0).map(String.init) ?? ""
        return JobIdentity(
            forge: "buildkite", server: variables.host(of: "BUILDKITE_BUILD_URL"), project: project,
            job: step ?? project.lastPathPart, run: String(run),
            attempt: (variables.number("BUILDKITE_RETRY_COUNT", least: 0) ?? 0) + 1,
            leg: step == nil ? variables["BUILDKITE_JOB_ID"] ?? parallel : parallel)
    }

    // Set in hooks that run after the command.
    private func status(_ variables: Variables) -> JobStatus? {
        variables.number("BUILDKITE_COMMAND_EXIT_STATUS", least: 0).map { $0 == 0 ? .success : .failed }
    }
}
