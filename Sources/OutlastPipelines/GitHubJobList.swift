// `GET /repos/{owner}/{repo}/actions/runs/{id}/jobs`: pages with lists of jobs, which bear display names. A job's own
// variables have its key instead: the name that stands for it in the workflow.
public import OutlastModel

/// GitHub's jobs.
public struct GitHubJobList: JobList {
    /// Makes a reader.
    public init() {}

    /// `github`
    public var ci: String { "github" }
    /// Where to get it.
    public var hint: String { "save the answers of GET /repos/{owner}/{repo}/actions/runs/{id}/jobs?filter=all" }

    /// The jobs of a page, or one job.
    public func read(_ answer: JSONValue, _ reading: JobListReading) -> ListedJobs {
        var jobs = ListedJobs()
        for job in answer["jobs"]?.elements ?? [answer] { read(job, reading, into: &jobs) }
        // Of legs that one runner ran the same is the first, in whatever order a list has them.
        jobs.ended.sort { Self.order($0.number) < Self.order($1.number) }
        return jobs
    }

    private func read(_ job: JSONValue, _ reading: JobListReading, into jobs: inout ListedJobs) {
        guard let run = job.id("run_id"), let name = job.name("name"), let state = job["status"]?.text,
            let place = place(of: job, reading)
        else {
            jobs.malformed += 1
            return
        }
        let display = Self.display(name, workflow: job.name("workflow_name"))
        let attempt = job["run_attempt"]?.wholeNumber.flatMap { Int(exactly: $0) } ?? 1
        let identity = JobIdentity(
            forge: "github", server: place.host, project: place.project, job: display.prefix + name, run: run,
            attempt: max(1, attempt), leg: job.name("runner_name") ?? "")
        if state == "completed", let status = status(job["conclusion"]?.text),
            let start = job.instant("started_at"), let end = job.instant("completed_at"),
            var ended = ListedJob(identity, start, end, status, display: display)
        {
            ended.number = job.id("id")
            jobs.ended.append(ended)
        } else {
            jobs.unfinished += 1
        }
    }

    /// Numbers grow; a shorter one is a smaller one.
    private static func order(_ number: String?) -> (Int, String) { (number?.utf8.count ?? 0, number ?? "") }

    /// `https://host/owner/repo/actions/runs/1/job/2`, or the address of the run in the interface.
    private func place(of job: JSONValue, _ reading: JobListReading) -> (host: String, project: String)? {
        if let url = job.address("html_url") {
            let parts = url.path.split(separator: "/").map(String.init)
            if parts.count > 2 { return (url.origin.host, reading.project ?? "\(parts[0])/\(parts[1])") }
        }
        guard let url = job.address("run_url") else { return nil }
        let parts = url.path.split(separator: "/").map(String.init)
        guard let mark = parts.firstIndex(of: "repos"), parts.count > mark + 2 else { return nil }
        let host = url.origin.host == "api.github.com" ? "github.com" : url.origin.host
        return (host, reading.project ?? "\(parts[mark + 1])/\(parts[mark + 2])")
    }

    /// A job that was skipped never ran.
    private func status(_ conclusion: String?) -> JobStatus? {
        switch conclusion {
        case "success", "neutral": .success
        case "failure", "timed_out", "startup_failure", "action_required", "stale": .failed
        case "cancelled": .canceled
        default: nil
        }
    }

    /// `caller / key (a, b)`: the job that calls a reusable workflow before it, the matrix's values behind it.
    static func display(_ shown: String, workflow: String?) -> DisplayName {
        var bare = shown
        if bare.hasSuffix(")"), let open = opening(of: bare), open > bare.startIndex {
            bare = String(bare[..<open])
            while bare.hasSuffix(" ") { bare.removeLast() }
        }
        var depth = 0
        var start = bare.startIndex
        for index in bare.indices {
            switch bare[index] {
            case "(": depth += 1
            case ")": depth -= 1
            case "/"
            where depth == 0 && bare[..<index].hasSuffix(" ") && bare[bare.index(after: index)...].hasPrefix(" "):
                start = bare.index(index, offsetBy: 2)
            default: break
            }
        }
        bare = String(bare[start...])
        return DisplayName(
            shown: shown, bare: bare, prefix: workflow.map { $0 + " / " } ?? "", key: isKey(bare) ? bare : nil)
    }

    /// The bracket that the last one closes.
    private static func opening(of text: String) -> String.Index? {
        var depth = 0
        for index in text.indices.reversed() {
            if text[index] == ")" { depth += 1 }
            if text[index] == "(" { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// What a workflow may call a job: a letter or `_`, then letters, digits, `-` and `_`.
    private static func isKey(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, first == 95 || (97...122).contains(first | 32), bytes.count <= 100 else {
            return false
        }
        return bytes.allSatisfy { (97...122).contains($0 | 32) || (48...57).contains($0) || $0 == 95 || $0 == 45 }
    }
}
