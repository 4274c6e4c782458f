// GitLab CI (facts, section 9.2): everything about the job stands in variables, its start and its time-out too.
public import OutlastModel

/// GitLab CI.
public struct GitLabPipeline: Pipeline {
    /// Makes the reader.
    public init() {}

    /// `gitlab`
    public var id: String { "gitlab" }
    /// Where the job's own token is.
    public let tokenVariables = ["CI_JOB_TOKEN"]

    /// `GITLAB_CI` is `true` in every job.
    public func isRunning(in variables: Variables) -> Bool { variables["GITLAB_CI"] == "true" }

    /// The job. A retry is a new `CI_JOB_ID`, so the attempt is always 1.
    public func context(from variables: Variables) -> JobContext {
        JobContext(
            ci: id, identity: identity(variables), startedAt: variables.instant("CI_JOB_STARTED_AT"),
            timeout: variables.timeout("CI_JOB_TIMEOUT", unit: .seconds(1)),
            slot: variables.joined(["CI_RUNNER_ID", "CI_CONCURRENT_ID"], by: "/").map { "\(host(variables))/\($0)" },
            forge: "gitlab", apiURL: variables.address("CI_API_V4_URL")?.text,
            serverCAFile: variables.path("CI_SERVER_TLS_CA_FILE"), workspace: variables.path("CI_PROJECT_DIR"),
            isUntrustedChange: isFromFork(variables), status: status(variables))
    }

    /// `CI_JOB_TOKEN` (and `CI_REGISTRY_PASSWORD`, which is the same), `CI_DEPLOY_PASSWORD`.
    public func kind(ofVariable name: String?, value: Secret, in variables: Variables) -> String? {
        kind(
            name, value, variables,
            among: [("CI_JOB_TOKEN", "gitlab-job"), ("CI_DEPLOY_PASSWORD", "gitlab-deploy")])
    }

    /// Nothing: GitLab reads no commands from the log. `Dotenv` writes the report that later jobs read.
    public func announce(
        _ notice: PreflightNotice, in variables: Variables, delimiter: String
    ) -> [Announcement] { [] }

    private func identity(_ variables: Variables) -> JobIdentity? {
        guard let project = variables["CI_PROJECT_PATH"], let job = variables["CI_JOB_NAME"],
            let run = variables.number("CI_JOB_ID")
        else { return nil }
        return JobIdentity(
            forge: "gitlab", server: host(variables), project: project, job: job, run: String(run))
    }

    private func host(_ variables: Variables) -> String {
        let host = variables.host(of: "CI_SERVER_URL")
        return host.isEmpty
            ? variables["CI_SERVER_HOST"].flatMap { ServerURL("https://" + $0) }?.origin.host ?? "" : host
    }

    // A merge request from a fork. Merge requests within the project come from people who may push to it anyway, so they
    // do not count here, although a check that warns about files in their working tree will want them too
    // (`CI_PIPELINE_SOURCE` is `merge_request_event`). One whose source cannot be told counts as foreign.
    private func isFromFork(_ variables: Variables) -> Bool {
        let source = variables["CI_MERGE_REQUEST_SOURCE_PROJECT_ID"]
        let target = variables["CI_MERGE_REQUEST_PROJECT_ID"]
        if source == nil && target == nil { return variables["CI_PIPELINE_SOURCE"] == "merge_request_event" }
        return source != target
    }

    private func status(_ variables: Variables) -> JobStatus? {
        switch variables["CI_JOB_STATUS"] {
        case "success": .success
        case "failed": .failed
        case "canceled": .canceled
        case "running": .running
        default: nil
        }
    }
}
