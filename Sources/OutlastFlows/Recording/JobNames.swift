// Who a job is: the parts that were given win over what the CI says.

import OutlastModel

/// The parts of an identity as the command line gives them.
struct JobNames: Sendable {
    var project: String?
    var job: String?
    var run: String?
    var attempt: Int?
    var leg: String?
    var forge: String?

    /// Whether nothing was given.
    var isEmpty: Bool { project == nil && job == nil && run == nil && attempt == nil && leg == nil && forge == nil }

    /// The identity.
    ///
    /// - Throws: `usage` when the job can't be named.
    func identity(besides known: JobIdentity?) throws(Failure) -> JobIdentity {
        guard let project = project ?? known?.project, let job = job ?? known?.job, let run = run ?? known?.run else {
            throw .usage(
                "no CI was recognised, so the job must be named",
                hint: "give --project, --job and --run")
        }
        for (option, text) in [("--project", project), ("--job", job), ("--run", run)]
        where text.isEmpty || text.utf8.count > 1024 {
            throw .usage("\(option) must have 1 to 1024 bytes")
        }
        return JobIdentity(
            forge: forge ?? known?.forge ?? "generic", server: known?.server ?? "", project: project, job: job,
            run: run, attempt: attempt ?? known?.attempt ?? 1, leg: leg ?? known?.leg ?? "",
            legIsSeries: leg != nil)
    }
}

extension RecordRequest {
    var names: JobNames {
        JobNames(project: project, job: job, run: run, attempt: attempt, leg: leg, forge: forge)
    }
}
