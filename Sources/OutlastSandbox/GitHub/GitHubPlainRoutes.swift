// The small questions to GitHub: what is your name, what is mine, how much may I still ask.

extension World {
    static let gitHubPlainRoutes: [Route] = [
        .get("github/meta", "github.meta") { try $0.gitHubMeta($1) },
        .get("github/rate_limit", "github.rateLimit") { try $0.gitHubRateLimit($1) },
        .get("github/user", "github.user") { try $0.gitHubUser($1) },
        .get("github/repos/:o/:r", "github.repository") { try $0.showGitHubRepository($1) },
        .get("github/repos/:o/:r/actions/runs/:run/attempts/:attempt/jobs", "github.jobs") {
            try $0.listGitHubJobs($1)
        },
        .get("github/repos/:o/:r/actions/runs/:run/jobs", "github.jobs") { try $0.listGitHubJobs($1) },
    ]

    private mutating func gitHubMeta(_ call: Call) throws -> Answer {
        _ = try gitHubToken(call)
        guard let keys = github.hostKeys else { return .fact("github.meta") }
        let names = ["ssh-ed25519": "ED25519", "ecdsa-sha2-nistp256": "ECDSA", "ssh-rsa": "RSA"]
        let fingerprints = keys.compactMap { line -> JSON.Member? in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 2, let name = names[words[0]], let blob = base64Decoded(words[1]) else { return nil }
            let bare = base64Encoded(sha256(blob)).split(separator: "=").first.map(String.init) ?? ""
            return JSON.Member("SHA256_\(name)", .string(bare))
        }
        return .fact(
            "github.meta.configured",
            ["keys": .array(keys.map { .string($0) }), "fingerprints": .object(fingerprints)])
    }

    private mutating func gitHubRateLimit(_ call: Call) throws -> Answer {
        _ = try gitHubToken(call)
        let window = github.primary[note.fingerprint ?? call.remote] ?? RequestWindow(start: now, count: 0)
        let limit = github.rules.hourlyLimit
        return .fact(
            "github.rateLimit",
            [
                "limit": .int(limit), "used": .int(min(window.count, limit)),
                "remaining": .int(max(0, limit - window.count)), "reset": .int(window.start.seconds + 3600),
            ])
    }

    private mutating func gitHubUser(_ call: Call) throws -> Answer {
        let token = try neededGitHubToken(call)
        guard !token.isInstallation, let login = token.login else {
            throw Refusal("github.notForIntegration", ["accepted": ""])
        }
        return .fact("github.user", ["login": .string(login), "id": JSON(github.accounts[login]?.id)])
    }

    private mutating func showGitHubRepository(_ call: Call) throws -> Answer {
        .json(repositoryJSON(try gitHubRepository(call, "metadata", 1)))
    }

    private mutating func listGitHubJobs(_ call: Call) throws -> Answer {
        let repository = try gitHubRepository(call, "actions", 1)
        let run = Int(call.capture("run"))
        let ofRun = github.runs.filter { $0.repository == repository.path && $0.runID == run }
        guard !ofRun.isEmpty else { throw Refusal("github.notFound") }
        let attempt = Int(call.capture("attempt")) ?? ofRun.map(\.attempt).max()
        let jobs = ofRun.filter { $0.attempt == attempt }
        let shown = page(jobs, call, defaultSize: 30)
        var answer = Answer.json([
            "total_count": .int(jobs.count), "jobs": .array(shown.elements.map { jobJSON($0, call) }),
        ])
        answer.headers += shown.headers.filter { $0.name == "Link" }
        return answer
    }

    private func jobJSON(_ job: GitHubJob, _ call: Call) -> JSON {
        factJSON(
            "github.job",
            [
                "id": .int(job.id), "run_id": .int(job.runID), "run_attempt": .int(job.attempt),
                "name": .string(job.name), "status": .string(job.status), "conclusion": JSON(job.conclusion),
                "created_at": .string(job.startedAt.text), "started_at": .string(job.startedAt.text),
                "completed_at": JSON(job.completedAt?.text), "runner_name": .string(job.runnerName),
                "html_url": .string("\(call.origin)/\(job.repository)/actions/runs/\(job.runID)/job/\(job.id)"),
            ])
    }
}
