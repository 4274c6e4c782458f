// Jenkins (facts, section 9.3): no variable tells start or time-out, and nothing is read from the log.
public import OutlastModel

/// Jenkins.
public struct JenkinsPipeline: Pipeline {
    /// Makes the reader.
    public init() {}

    /// `jenkins`
    public var id: String { "jenkins" }

    /// A build has a job name and a number; `JENKINS_URL` is missing where the administrator set none, and then the
    /// build's tag tells.
    public func isRunning(in variables: Variables) -> Bool {
        guard variables["JOB_NAME"] != nil, variables["BUILD_NUMBER"] != nil else { return false }
        let isTagged = variables["BUILD_TAG"].map { $0.utf8.starts(with: "jenkins-".utf8) } ?? false
        return isTagged || variables["JENKINS_URL"] != nil || variables["JENKINS_HOME"] != nil
    }

    /// The build. Its stages come and go within one build number, so the whole build is the job, named by the last part
    /// of its project. Branches of a multibranch project count their builds each on their own: they share a series, and
    /// the branch tells them apart like a leg.
    public func context(from variables: Variables) -> JobContext {
        let host = variables.host(of: "JENKINS_URL")
        return JobContext(
            ci: id, identity: identity(variables, host: host),
            slot: variables.joined(["NODE_NAME", "EXECUTOR_NUMBER"], by: "/").map { "\(host)/\($0)" },
            workspace: variables.path("WORKSPACE"), isUntrustedChange: variables["CHANGE_ID"] != nil)
    }

    /// Nil: Jenkins gives builds no token of its own.
    public func kind(ofVariable name: String?, value: Secret, in variables: Variables) -> String? { nil }

    /// Nothing.
    public func announce(
        _ notice: PreflightNotice, in variables: Variables, delimiter: String
    ) -> [Announcement] { [] }

    private func identity(_ variables: Variables, host: String) -> JobIdentity? {
        // Cut before it is split: of an address the part behind its last `/` alone is none any more.
        guard let name = variables["JOB_NAME"].map(SafeText.withoutUserInfo), let run = variables.number("BUILD_NUMBER")
        else { return nil }
        let split = variables["BRANCH_NAME"] == nil ? nil : name.splitAtLastSlash
        let project = split?.0 ?? name
        return JobIdentity(
            forge: "jenkins", server: host, project: project, job: project.lastPathPart, run: String(run),
            leg: split?.1 ?? "")
    }
}
