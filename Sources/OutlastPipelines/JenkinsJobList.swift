// `GET JOB_URL/api/json?tree=builds[…]`: a job's builds; a folder's or multibranch project's answer holds jobs with theirs.
public import OutlastModel

/// Jenkins' builds.
public struct JenkinsJobList: JobList {
    /// Makes a reader.
    public init() {}

    /// `jenkins`
    public var ci: String { "jenkins" }
    /// Where to get it.
    public var hint: String {
        "save the answer of JOB_URL/api/json?tree=builds[number,url,result,timestamp,duration,building]"
    }

    /// Folders lie within folders; ours no deeper than this.
    private static let deepest = 20

    /// The builds of a job, or of the jobs below it, or one build.
    public func read(_ answer: JSONValue, _ reading: JobListReading) -> ListedJobs {
        var jobs = ListedJobs()
        read(answer, isByBranch: reading.isByBranch, reading, level: 0, into: &jobs)
        return jobs
    }

    private func read(
        _ answer: JSONValue, isByBranch: Bool, _ reading: JobListReading, level: Int, into jobs: inout ListedJobs
    ) {
        let builds = answer["allBuilds"]?.elements ?? answer["builds"]?.elements
        let below = answer["jobs"]?.elements
        for build in builds ?? [] { read(build, isByBranch: isByBranch, reading, into: &jobs) }
        if let below, level < Self.deepest {
            let isMultibranch = answer["_class"]?.text?.hasSuffix("MultiBranchProject") ?? false
            for job in below {
                read(job, isByBranch: isByBranch || isMultibranch, reading, level: level + 1, into: &jobs)
            }
        }
        if builds != nil || below != nil { return }
        // A job below a folder may have no builds yet; anything else must be a build.
        if level > 0, answer["number"] == nil { return }
        read(answer, isByBranch: isByBranch, reading, into: &jobs)
    }

    private func read(
        _ build: JSONValue, isByBranch: Bool, _ reading: JobListReading, into jobs: inout ListedJobs
    ) {
        guard let number = build.id("number"), let (host, path) = build.address("url").flatMap(Self.place) else {
            jobs.malformed += 1
            return
        }
        let split = isByBranch ? path.splitAtLastSlash : nil
        let project = reading.project ?? split?.0 ?? path
        let identity = JobIdentity(
            forge: "jenkins", server: host, project: project, job: project.lastPathPart, run: number,
            leg: split?.1 ?? "")
        // No build began before 1970 or ran for more than ten years.
        if build["building"]?.truth != true, let status = status(build["result"]?.text),
            let start = build["timestamp"]?.wholeNumber, (0...(1 << 50)).contains(start),
            let duration = build["duration"]?.wholeNumber, (0...315_360_000_000).contains(duration)
        {
            jobs.ended.append(
                ListedJob(
                    identity: identity, startedAt: Instant(milliseconds: start),
                    finishedAt: Instant(milliseconds: start + duration), status: status))
        } else {
            jobs.unfinished += 1
        }
    }

    /// `https://host/prefix/job/folder/job/name/7/` is build 7 of `folder/name`.
    private static func place(_ url: ServerURL) -> (host: String, path: String)? {
        let parts = url.path.split(separator: "/")
        guard let first = parts.firstIndex(of: "job") else { return nil }
        var names: [String] = []
        var index = first
        while index + 1 < parts.count, parts[index] == "job" {
            guard let name = String(parts[index + 1]).withoutPercents, !name.isEmpty else { return nil }
            names.append(name)
            index += 2
        }
        return names.isEmpty ? nil : (url.origin.host, names.text(joinedBy: "/"))
    }

    /// An unstable build ran to its end, but not as it should.
    private func status(_ result: String?) -> JobStatus? {
        switch result {
        case "SUCCESS": .success
        case "FAILURE", "UNSTABLE": .failed
        case "ABORTED": .canceled
        default: nil
        }
    }
}

extension String {
    /// The text with every `%2F` and its like decoded once; nil when that gives no UTF-8.
    fileprivate var withoutPercents: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            let digits = String(rest.prefix(2)) ?? ""
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
