// CircleCI (facts, section 9.4 [mem]): no variable tells start or time-out, and nothing is read from the log.
public import OutlastModel

/// CircleCI.
public struct CircleCIPipeline: Pipeline {
    /// Makes the reader.
    public init() {}

    /// `circleci`
    public var id: String { "circleci" }

    /// `CIRCLECI` is `true` in every job.
    public func isRunning(in variables: Variables) -> Bool { variables["CIRCLECI"] == "true" }

    /// The job. Running it again gives a new build number; parallel containers of one job share it and differ in
    /// `CIRCLE_NODE_INDEX`.
    public func context(from variables: Variables) -> JobContext {
        JobContext(
            ci: id, identity: identity(variables), workspace: variables.path("CIRCLE_WORKING_DIRECTORY"),
            isUntrustedChange: variables["CIRCLE_PR_NUMBER"] != nil || variables["CIRCLE_PR_USERNAME"] != nil)
    }

    /// Nil: CircleCI gives jobs no forge token of its own; its OIDC token is a JWT and tells its end itself.
    public func kind(ofVariable name: String?, value: Secret, in variables: Variables) -> String? { nil }

    /// Nothing.
    public func announce(
        _ notice: PreflightNotice, in variables: Variables, delimiter: String
    ) -> [Announcement] { [] }

    private func identity(_ variables: Variables) -> JobIdentity? {
        guard let project = variables.joined(["CIRCLE_PROJECT_USERNAME", "CIRCLE_PROJECT_REPONAME"], by: "/"),
            let job = variables["CIRCLE_JOB"], let run = variables.number("CIRCLE_BUILD_NUM")
        else { return nil }
        let index = variables.number("CIRCLE_NODE_INDEX", least: 0) ?? 0
        return JobIdentity(
            forge: "circleci", server: variables.host(of: "CIRCLE_BUILD_URL"), project: project, job: job,
            run: String(run), leg: index == 0 ? "" : String(index))
    }
}
