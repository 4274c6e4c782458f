// `GET /projects/:id/jobs` and `GET /projects/:id/pipelines/:id/jobs`: lists of jobs.
public import OutlastModel

/// GitLab's jobs.
public struct GitLabJobList: JobList {
    /// Makes a reader.
    public init() {}

    /// `gitlab`
    public var ci: String { "gitlab" }
    /// Where to get it.
    public var hint: String { "save the answer of GET /projects/:id/jobs?per_page=100" }

    /// The job of an answer. A retry is a job of its own.
    public func read(_ answer: JSONValue, _ reading: JobListReading) -> ListedJobs {
        var jobs = ListedJobs()
        guard let run = answer.id("id"), let name = answer.name("name"), let state = answer["status"]?.text,
            let place = place(of: answer, reading)
        else {
            jobs.malformed = 1
            return jobs
        }
        let identity = JobIdentity(
            forge: "gitlab", server: place.host, project: place.project, job: name, run: run)
        if let status = status(state), let start = answer.instant("started_at"),
            let end = answer.instant("finished_at"), let job = ListedJob(identity, start, end, status)
        {
            jobs.ended = [job]
        } else {
            jobs.unfinished = 1
        }
        return jobs
    }

    /// `https://host/group/app/-/jobs/8`, or without `-` in old versions.
    private func place(of job: JSONValue, _ reading: JobListReading) -> (host: String, project: String)? {
        guard let url = job.address("web_url") else { return nil }
        let parts = url.path.split(separator: "/").map(String.init)
        guard let mark = parts.lastIndex(where: { $0 == "jobs" || $0 == "builds" }), mark == parts.count - 2 else {
            return nil
        }
        var path = parts[..<mark]
        if path.last == "-" { path.removeLast() }
        guard path.count >= 2 || reading.project != nil else { return nil }
        return (url.origin.host, reading.project ?? path.map { $0 }.text(joinedBy: "/"))
    }

    private func status(_ text: String) -> JobStatus? {
        switch text {
        case "success": .success
        case "failed": .failed
        case "canceled": .canceled
        default: nil
        }
    }
}
