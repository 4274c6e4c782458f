// The lists of jobs that can be read. Adding one is a file beside this one and a line here.
public import OutlastModel

/// The registry of lists.
public enum JobLists {
    /// Every list.
    public static let all: [any JobList] = [GitLabJobList(), GitHubJobList(), JenkinsJobList()]
}

extension JSONValue {
    /// A whole number of at least 1 as text; ids are numbers in these interfaces.
    func id(_ key: String) -> String? { self[key]?.wholeNumber.flatMap { $0 >= 1 ? String($0) : nil } }

    /// A text that is not empty and no longer than names are.
    func name(_ key: String) -> String? {
        self[key]?.text.flatMap { $0.isEmpty || $0.utf8.count > 1024 ? nil : $0 }
    }

    /// A moment in one of the forms of `Instant(text:)`.
    func instant(_ key: String) -> Instant? { self[key]?.text.flatMap { Instant(text: $0) } }

    /// An address without user info.
    func address(_ key: String) -> ServerURL? { self[key]?.text.flatMap { ServerURL($0) } }
}

extension ListedJob {
    /// An attempt with its times; nil where they contradict each other.
    init?(
        _ identity: JobIdentity, _ startedAt: Instant, _ finishedAt: Instant, _ status: JobStatus,
        display: DisplayName? = nil
    ) {
        guard startedAt <= finishedAt else { return nil }
        self.init(
            identity: identity, startedAt: startedAt, finishedAt: finishedAt, status: status, display: display)
    }
}
