// Bitbucket Pipelines (facts, section 9.4 [mem]): no variable tells a step's name, start or time-out.
public import OutlastModel

/// Bitbucket Pipelines.
public struct BitbucketPipeline: Pipeline {
    /// Makes the reader.
    public init() {}

    /// `bitbucket`
    public var id: String { "bitbucket" }

    /// `BITBUCKET_BUILD_NUMBER` is set in every step.
    public func isRunning(in variables: Variables) -> Bool { variables["BITBUCKET_BUILD_NUMBER"] != nil }

    /// The step. It has no name in any variable: it is called by its deployment environment, else by the repository, so
    /// the steps of a pipeline share a series unless `--job` names them; `BITBUCKET_STEP_UUID` tells them apart.
    public func context(from variables: Variables) -> JobContext {
        JobContext(
            ci: id, identity: identity(variables), forge: "bitbucket", workspace: variables.path("BITBUCKET_CLONE_DIR"),
            isUntrustedChange: variables["BITBUCKET_PR_ID"] != nil, status: status(variables))
    }

    /// Nil: Bitbucket gives steps no forge token of its own; its OIDC token is a JWT and tells its end itself.
    public func kind(ofVariable name: String?, value: Secret, in variables: Variables) -> String? { nil }

    /// Nothing.
    public func announce(
        _ notice: PreflightNotice, in variables: Variables, delimiter: String
    ) -> [Announcement] { [] }

    private func identity(_ variables: Variables) -> JobIdentity? {
        guard let project = variables["BITBUCKET_REPO_FULL_NAME"], project.splitAtLastSlash != nil,
            let run = variables.number("BITBUCKET_BUILD_NUMBER")
        else { return nil }
        return JobIdentity(
            forge: "bitbucket", server: variables.host(of: "BITBUCKET_GIT_HTTP_ORIGIN"), project: project,
            job: variables["BITBUCKET_DEPLOYMENT_ENVIRONMENT"] ?? project.lastPathPart, run: String(run),
            attempt: variables.number("BITBUCKET_STEP_RUN_NUMBER") ?? 1, leg: variables["BITBUCKET_STEP_UUID"] ?? "")
    }

    // Set in `after-script` only.
    private func status(_ variables: Variables) -> JobStatus? {
        variables.number("BITBUCKET_EXIT_CODE", least: 0).map { $0 == 0 ? .success : .failed }
    }
}
