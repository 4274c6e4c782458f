// Lists of jobs as the interfaces of CIs give them, and the identity that the job's own variables would have given.

import OutlastModel
import OutlastPipelines
import OutlastTestKit
import Testing

@Suite("Lists of jobs")
struct JobListTests {
    private func read(_ list: any JobList, _ text: String, _ reading: JobListReading = JobListReading()) throws
        -> ListedJobs
    {
        list.read(try JSONValue(parsing: Array(text.utf8)), reading)
    }

    private static let gitlab =
        #"{"id":8,"status":"success","stage":"test","name":"rspec: [1/2]","ref":"main","created_at":"2026-11-20T21:59:00.100Z","#
        + #""started_at":"2026-11-20T22:00:00.351Z","finished_at":"2026-11-20T22:10:00.877Z","duration":600.5,"#
        + #""web_url":"https://gitlab.example.com/group/sub/app/-/jobs/8","pipeline":{"id":6,"status":"success"}}"#

    private static let github =
        #"{"total_count":1,"jobs":[{"id":399444496,"run_id":29679449,"workflow_name":"CI","run_attempt":2,"status":"completed","#
        + #""conclusion":"success","created_at":"2026-11-20T21:59:00Z","started_at":"2026-11-20T22:00:00Z","#
        + #""completed_at":"2026-11-20T22:10:00Z","name":"build (ubuntu-latest, 3.9)","steps":[],"runner_name":"runner-7","#
        + #""run_url":"https://api.github.com/repos/octo-org/app/actions/runs/29679449","#
        + #""html_url":"https://github.com/octo-org/app/actions/runs/29679449/job/399444496"}]}"#

    private static let jenkins =
        #"{"_class":"org.jenkinsci.plugins.workflow.job.WorkflowJob","builds":[{"_class":"x","building":false,"duration":600000,"#
        + #""number":7,"result":"SUCCESS","timestamp":1795212000000,"#
        + #""url":"https://ci.example.com/jenkins/job/folder/job/app/7/"}]}"#

    @Test("a GitLab job is the one that its own variables tell")
    func gitlab() throws {
        let job = try #require(try read(GitLabJobList(), Self.gitlab).ended.first)
        let own = GitLabPipeline().context(
            from: Variables([
                "GITLAB_CI": "true", "CI_SERVER_URL": "https://gitlab.example.com", "CI_PROJECT_PATH": "group/sub/app",
                "CI_JOB_NAME": "rspec: [1/2]", "CI_JOB_ID": "8",
            ]))
        #expect(job.identity == own.identity && job.display == nil)
        #expect(job.startedAt.text == "2026-11-20T22:00:00Z" && job.finishedAt.text == "2026-11-20T22:10:00Z")
        #expect(job.status == .success)
    }

    @Test("a GitHub job is the one that its own variables tell, but for its name, which is matched")
    func github() throws {
        var job = try #require(try read(GitHubJobList(), Self.github).ended.first)
        let own = GitHubPipeline().context(
            from: Variables([
                "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REPOSITORY": "octo-org/app", "GITHUB_WORKFLOW": "CI", "GITHUB_JOB": "build",
                "GITHUB_RUN_ID": "29679449", "GITHUB_RUN_ATTEMPT": "2", "RUNNER_NAME": "runner-7",
            ]))
        let display = try #require(job.display)
        #expect(job.identity.job == "CI / build (ubuntu-latest, 3.9)")
        job.identity.job = display.prefix + (display.key ?? "")
        #expect(job.identity == own.identity)
        #expect(job.status == .success)
    }

    @Test("a Jenkins build is the one that its own variables tell", arguments: [false, true])
    func jenkins(_ isByBranch: Bool) throws {
        let job = try #require(
            try read(JenkinsJobList(), Self.jenkins, JobListReading(isByBranch: isByBranch)).ended.first)
        var variables = [
            "JENKINS_URL": "https://ci.example.com/jenkins/", "JOB_NAME": "folder/app", "BUILD_NUMBER": "7",
            "BUILD_TAG": "jenkins-folder-app-7",
        ]
        if isByBranch { variables["BRANCH_NAME"] = "app" }
        #expect(job.identity == JenkinsPipeline().context(from: Variables(variables)).identity)
        #expect(job.startedAt.text == "2026-11-20T22:00:00Z" && job.finishedAt.text == "2026-11-20T22:10:00Z")
    }

    @Test(
        "a display name tells the key, or that it tells none",
        arguments: [
            ("build", "build", "build"), ("build (ubuntu-latest, 3.9)", "build", "build"),
            ("build(1)", "build", "build"), ("build (a (b))", "build", "build"),
            ("deploy / release", "release", "release"), ("deploy (eu) / release (a, b)", "release", "release"),
            ("a / b / c", "c", "c"), ("build (linux / amd64)", "build", "build"),
            ("call (x / y) / unit (linux / arm)", "unit", "unit"), ("Unit tests", "Unit tests", nil),
            ("Unit tests (3.9)", "Unit tests", nil), ("(odd)", "(odd)", nil), ("", "", nil), ("9lives", "9lives", nil),
            ("a/b", "a/b", nil), ("_x-1", "_x-1", "_x-1"), ("größe", "größe", nil), (")", ")", nil),
            ("a )", "a )", nil),
        ] as [(String, String, String?)])
    func display(_ shown: String, _ bare: String, _ key: String?) throws {
        let name = JSONValue.string(shown).encoded
        let text = Self.github.replacing(#""build (ubuntu-latest, 3.9)""#, with: name)
        let listed = try read(GitHubJobList(), text)
        if shown.isEmpty {
            #expect(listed.malformed == 1)
            return
        }
        let display = try #require(listed.ended.first?.display)
        #expect(display.bare == bare && display.key == key && display.shown == shown && display.prefix == "CI / ")
    }

    @Test(
        "what never ran or has not ended is left out, and ends have their status",
        arguments: [
            ("success", JobStatus.success), ("failed", .failed), ("canceled", .canceled), ("skipped", nil),
            ("running", nil), ("manual", nil), ("created", nil),
        ] as [(String, JobStatus?)])
    func gitlabStatus(_ word: String, _ status: JobStatus?) throws {
        let listed = try read(
            GitLabJobList(),
            Self.gitlab.replacing(#""status":"success","stage""#, with: #""status":"\#(word)","stage""#))
        #expect(listed.ended.first?.status == status && listed.unfinished == (status == nil ? 1 : 0))
        let unstarted = try read(
            GitLabJobList(), Self.gitlab.replacing(#""2026-11-20T22:00:00.351Z""#, with: "null"))
        #expect(unstarted.ended.isEmpty && unstarted.unfinished == 1)
    }

    @Test(
        "conclusions of GitHub and results of Jenkins have their status",
        arguments: [
            ("success", "SUCCESS", JobStatus.success), ("failure", "FAILURE", .failed),
            ("timed_out", "UNSTABLE", .failed), ("cancelled", "ABORTED", .canceled), ("skipped", "NOT_BUILT", nil),
        ] as [(String, String, JobStatus?)])
    func otherStatus(_ conclusion: String, _ result: String, _ status: JobStatus?) throws {
        let github = try read(
            GitHubJobList(),
            Self.github.replacing(#""conclusion":"success""#, with: #""conclusion":"\#(conclusion)""#))
        #expect(github.ended.first?.status == status && github.ended.count + github.unfinished == 1)
        let jenkins = try read(JenkinsJobList(), Self.jenkins.replacing("SUCCESS", with: result))
        #expect(jenkins.ended.first?.status == status && jenkins.ended.count + jenkins.unfinished == 1)
    }

    @Test("a multibranch project's answer tells by itself that its jobs are branches")
    func multibranch() throws {
        let branch = Self.jenkins.replacing("/job/app/7/", with: "/job/app/job/feature%252Fx/7/")
        let text =
            #"{"_class":"org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject","jobs":[\#(branch),{"_class":"x"}]}"#
        let listed = try read(JenkinsJobList(), text)
        let identity = try #require(listed.ended.first?.identity)
        #expect(identity.project == "folder/app" && identity.job == "app" && identity.leg == "feature%2Fx")
        #expect(listed.malformed == 0)
    }

    @Test("a project that was named wins over the address")
    func project() throws {
        let reading = JobListReading(project: "group/app")
        #expect(try read(GitLabJobList(), Self.gitlab, reading).ended.first?.identity.project == "group/app")
        #expect(try read(GitHubJobList(), Self.github, reading).ended.first?.identity.project == "group/app")
        #expect(try read(JenkinsJobList(), Self.jenkins, reading).ended.first?.identity.project == "group/app")
    }

    @Test(
        "what is no job is counted, whatever it is",
        arguments: [
            "{}", #"{"message":"401 Unauthorized"}"#, "7", "null", #""text""#, #"{"id":8}"#, #"{"jobs":[7]}"#,
            #"{"builds":[null]}"#,
            #"{"id":-1,"run_id":1e300,"name":7,"number":99999999999999999999,"url":"https://user:p@x/job/a/1"}"#,
        ])
    func malformed(_ text: String) throws {
        for list in JobLists.all {
            let listed = try read(list, text)
            #expect(listed.ended.isEmpty && listed.malformed + listed.unfinished <= 1)
        }
    }

    @Test("answers in which anything was changed never stop the reader", arguments: 0..<300)
    func mutated(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for (list, text) in [
            (GitLabJobList() as any JobList, Self.gitlab), (GitHubJobList(), Self.github),
            (JenkinsJobList(), Self.jenkins),
        ] {
            var bytes = Array(text.utf8)
            for _ in 0..<3 {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 32...126, using: &random)
            }
            guard let answer = try? JSONValue(parsing: bytes) else { continue }
            let listed = list.read(answer, JobListReading(isByBranch: seed % 2 == 0))
            #expect(listed.ended.allSatisfy { $0.startedAt <= $0.finishedAt })
        }
    }
}
