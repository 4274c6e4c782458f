import OutlastModel
import OutlastPipelines
import Testing

/// What each CI's variables say about the job.
@Suite struct ContextTests {
    static let gitlab = [
        "GITLAB_CI": "true", "CI_SERVER_URL": "https://gitlab.example.com:8443", "CI_SERVER_HOST": "gitlab.example.com",
        "CI_PROJECT_PATH": "group/sub/app", "CI_JOB_NAME": "build: [linux]", "CI_JOB_ID": "4711",
        "CI_JOB_STARTED_AT": "2026-11-20T22:10:00Z", "CI_JOB_TIMEOUT": "3600",
        "CI_API_V4_URL": "https://gitlab.example.com:8443/api/v4", "CI_RUNNER_ID": "12", "CI_CONCURRENT_ID": "3",
        "CI_SERVER_TLS_CA_FILE": "/builds/app.tmp/CI_SERVER_TLS_CA_FILE", "CI_PROJECT_DIR": "/builds/group/app",
    ]

    static let github = [
        "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_API_URL": "https://api.github.com",
        "GITHUB_REPOSITORY": "o/r", "GITHUB_WORKFLOW": "CI", "GITHUB_JOB": "build", "GITHUB_RUN_ID": "99",
        "GITHUB_RUN_ATTEMPT": "2", "RUNNER_NAME": "fast-1", "RUNNER_ENVIRONMENT": "self-hosted",
        "GITHUB_WORKSPACE": "/home/runner/work/r/r", "GITHUB_EVENT_NAME": "push",
    ]

    static let jenkins = [
        "JENKINS_URL": "https://ci.example.com/jenkins/", "JOB_NAME": "team/app", "BUILD_NUMBER": "17",
        "NODE_NAME": "linux-2", "EXECUTOR_NUMBER": "0", "WORKSPACE": "/var/jenkins/workspace/app", "STAGE_NAME": "Test",
    ]

    static let azure = [
        "TF_BUILD": "True", "SYSTEM_COLLECTIONURI": "https://dev.azure.com/org/", "SYSTEM_TEAMPROJECT": "My Project",
        "BUILD_DEFINITIONNAME": "nightly", "SYSTEM_STAGENAME": "__default", "SYSTEM_PHASENAME": "build",
        "SYSTEM_JOBNAME": "__default", "BUILD_BUILDID": "501", "SYSTEM_JOBATTEMPT": "1", "SYSTEM_STAGEATTEMPT": "1",
        "SYSTEM_PIPELINESTARTTIME": "2026-11-20 22:10:00+00:00", "AGENT_NAME": "own-1", "AGENT_MACHINENAME": "m7",
        "BUILD_SOURCESDIRECTORY": "/agent/_work/1/s",
    ]

    static let circle = [
        "CIRCLECI": "true", "CIRCLE_PROJECT_USERNAME": "o", "CIRCLE_PROJECT_REPONAME": "r", "CIRCLE_JOB": "test",
        "CIRCLE_BUILD_NUM": "321", "CIRCLE_NODE_INDEX": "2", "CIRCLE_BUILD_URL": "https://circleci.com/gh/o/r/321",
        "CIRCLE_WORKING_DIRECTORY": "~/project",
    ]

    static let bitbucket = [
        "BITBUCKET_BUILD_NUMBER": "8", "BITBUCKET_REPO_FULL_NAME": "ws/repo", "BITBUCKET_STEP_UUID": "{abc}",
        "BITBUCKET_STEP_RUN_NUMBER": "2", "BITBUCKET_GIT_HTTP_ORIGIN": "http://bitbucket.org/ws/repo",
        "BITBUCKET_CLONE_DIR": "/opt/atlassian/pipelines/agent/build",
    ]

    static let buildkite = [
        "BUILDKITE": "true", "BUILDKITE_ORGANIZATION_SLUG": "o", "BUILDKITE_PIPELINE_SLUG": "p",
        "BUILDKITE_BUILD_NUMBER": "44", "BUILDKITE_STEP_KEY": "unit", "BUILDKITE_LABEL": ":hammer: Unit",
        "BUILDKITE_RETRY_COUNT": "1", "BUILDKITE_PARALLEL_JOB": "0", "BUILDKITE_TIMEOUT": "45",
        "BUILDKITE_BUILD_URL": "https://buildkite.com/o/p/builds/44", "BUILDKITE_AGENT_NAME": "a-1",
        "BUILDKITE_PULL_REQUEST": "false", "BUILDKITE_BUILD_CHECKOUT_PATH": "/var/lib/buildkite/o/p",
    ]

    static let all = [gitlab, github, jenkins, azure, circle, bitbucket, buildkite]

    private func context(_ variables: [String: String], with changes: [String: String?] = [:]) throws -> JobContext {
        var changed = variables
        for (name, value) in changes { changed[name] = value }
        let values = Variables(changed)
        return try #require(Pipelines.current(in: values)).context(from: values)
    }

    @Test func recognisesEachCIAndOnlyIt() {
        let names = ["gitlab", "github", "jenkins", "azure-pipelines", "circleci", "bitbucket", "buildkite"]
        for (variables, name) in zip(Self.all, names) {
            let running = Pipelines.all.filter { $0.isRunning(in: Variables(variables)) }.map(\.id)
            #expect(running == [name])
        }
        #expect(Pipelines.current(in: Variables(["PATH": "/bin", "CI": "true"])) == nil)
        #expect(Set(Pipelines.all.map(\.id)) == Set(names))
    }

    @Test func readsGitLab() throws {
        let expected = JobContext(
            ci: "gitlab",
            identity: JobIdentity(
                forge: "gitlab", server: "gitlab.example.com", project: "group/sub/app", job: "build: [linux]",
                run: "4711"),
            startedAt: Instant(text: "2026-11-20T22:10:00Z"), timeout: .seconds(3600), slot: "gitlab.example.com/12/3",
            forge: "gitlab", apiURL: "https://gitlab.example.com:8443/api/v4",
            serverCAFile: "/builds/app.tmp/CI_SERVER_TLS_CA_FILE", workspace: "/builds/group/app")
        #expect(try context(Self.gitlab) == expected)
        #expect(try context(Self.gitlab, with: ["CI_SERVER_URL": nil]).identity == expected.identity)
    }

    static let mergeRequests: [([String: String], Bool)] = [
        ([:], false), (["CI_PIPELINE_SOURCE": "merge_request_event"], true),
        (["CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "5", "CI_MERGE_REQUEST_PROJECT_ID": "5"], false),
        (["CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "6", "CI_MERGE_REQUEST_PROJECT_ID": "5"], true),
        (["CI_MERGE_REQUEST_PROJECT_ID": "5"], true),
    ]

    @Test(arguments: mergeRequests)
    func tellsMergeRequestsOfForksInGitLab(variables: [String: String], isUntrusted: Bool) throws {
        let merged = Self.gitlab.merging(variables) { $1 }
        #expect(try context(merged).isUntrustedChange == isUntrusted)
    }

    @Test(arguments: [
        ("success", JobStatus.success), ("failed", .failed), ("canceled", .canceled), ("running", .running),
    ])
    func readsTheStatusInGitLabsAfterScript(text: String, status: JobStatus) throws {
        #expect(try context(Self.gitlab, with: ["CI_JOB_STATUS": text]).status == status)
        #expect(try context(Self.gitlab, with: ["CI_JOB_STATUS": "odd"]).status == nil)
    }

    @Test func readsGitHub() throws {
        let expected = JobContext(
            ci: "github",
            identity: JobIdentity(
                forge: "github", server: "github.com", project: "o/r", job: "CI / build", run: "99", attempt: 2,
                leg: "fast-1"),
            slot: "github.com/o/fast-1", forge: "github", apiURL: "https://api.github.com",
            workspace: "/home/runner/work/r/r", tokenLifeLimit: .seconds(86_400))
        #expect(try context(Self.github) == expected)
        let hosted = try context(Self.github, with: ["RUNNER_ENVIRONMENT": "github-hosted"])
        #expect(hosted.slot == nil && hosted.tokenLifeLimit == .seconds(21_600))
        #expect(try context(Self.github, with: ["RUNNER_ENVIRONMENT": nil]).tokenLifeLimit == nil)
        for (event, isUntrusted) in [("pull_request", true), ("pull_request_target", true), ("schedule", false)] {
            #expect(try context(Self.github, with: ["GITHUB_EVENT_NAME": event]).isUntrustedChange == isUntrusted)
        }
    }

    @Test func readsJenkins() throws {
        let expected = JobContext(
            ci: "jenkins",
            identity: JobIdentity(
                forge: "jenkins", server: "ci.example.com", project: "team/app", job: "app", run: "17"),
            slot: "ci.example.com/linux-2/0", workspace: "/var/jenkins/workspace/app")
        #expect(try context(Self.jenkins) == expected)
    }

    @Test func takesTheBranchOffAMultibranchProject() throws {
        let changes: [String: String?] = [
            "JOB_NAME": "team/app/feature%2Fx", "BRANCH_NAME": "feature/x", "CHANGE_ID": nil,
        ]
        let branch = try #require(try context(Self.jenkins, with: changes).identity)
        #expect(branch.project == "team/app" && branch.job == "app" && branch.run == "17")
        let main = try #require(
            try context(Self.jenkins, with: ["JOB_NAME": "team/app/main", "BRANCH_NAME": "main"]).identity)
        #expect(branch.series == main.series)
        #expect(branch.id != main.id)
        let pullRequest = try context(
            Self.jenkins, with: ["JOB_NAME": "app/PR-3", "BRANCH_NAME": "PR-3", "CHANGE_ID": "3"])
        #expect(pullRequest.isUntrustedChange && pullRequest.identity?.project == "app")
    }

    @Test func recognisesAJenkinsWithoutAnAddress() {
        #expect(
            Pipelines.current(
                in: Variables(["JOB_NAME": "a", "BUILD_NUMBER": "1", "BUILD_TAG": "jenkins-a-1"]))?.id == "jenkins")
        #expect(Pipelines.current(in: Variables(["JOB_NAME": "a", "BUILD_NUMBER": "1"])) == nil)
    }

    @Test func readsAzure() throws {
        let expected = JobContext(
            ci: "azure-pipelines",
            identity: JobIdentity(
                forge: "azure-devops", server: "dev.azure.com", project: "org/My Project", job: "nightly / build",
                run: "501"),
            startedAt: Instant(text: "2026-11-20T22:10:00Z"), slot: "dev.azure.com/m7/own-1", forge: "azure-devops",
            apiURL: "https://dev.azure.com/org", workspace: "/agent/_work/1/s")
        #expect(try context(Self.azure) == expected)
    }

    @Test func doesNotTakeThePipelinesStartForALaterJobs() throws {
        #expect(try context(Self.azure, with: ["SYSTEM_STAGENAME": "Deploy"]).startedAt == nil)
        #expect(try context(Self.azure, with: ["SYSTEM_JOBATTEMPT": "2"]).startedAt == nil)
        let staged = try context(
            Self.azure, with: ["SYSTEM_STAGENAME": "Deploy", "SYSTEM_JOBNAME": "linux", "SYSTEM_STAGEATTEMPT": "2"])
        #expect(staged.identity?.job == "nightly / Deploy / build")
        #expect(staged.identity?.leg == "linux" && staged.identity?.attempt == 2)
        #expect(try context(Self.azure, with: ["AGENT_NAME": "Azure Pipelines 3"]).slot == nil)
        #expect(try context(Self.azure, with: ["BUILD_REASON": "PullRequest"]).isUntrustedChange)
        #expect(try context(Self.azure, with: ["AGENT_JOBSTATUS": "Failed"]).status == .failed)
    }

    @Test func readsCircleCI() throws {
        let expected = JobContext(
            ci: "circleci",
            identity: JobIdentity(
                forge: "circleci", server: "circleci.com", project: "o/r", job: "test", run: "321", leg: "2"))
        #expect(try context(Self.circle) == expected)
        #expect(try context(Self.circle, with: ["CIRCLE_PR_NUMBER": "7"]).isUntrustedChange)
    }

    @Test func readsBitbucket() throws {
        let expected = JobContext(
            ci: "bitbucket",
            identity: JobIdentity(
                forge: "bitbucket", server: "bitbucket.org", project: "ws/repo", job: "repo", run: "8", attempt: 2,
                leg: "{abc}"),
            forge: "bitbucket", workspace: "/opt/atlassian/pipelines/agent/build")
        #expect(try context(Self.bitbucket) == expected)
        let deployment = try context(Self.bitbucket, with: ["BITBUCKET_DEPLOYMENT_ENVIRONMENT": "prod"])
        #expect(deployment.identity?.job == "prod")
        #expect(try context(Self.bitbucket, with: ["BITBUCKET_EXIT_CODE": "0"]).status == .success)
        #expect(try context(Self.bitbucket, with: ["BITBUCKET_EXIT_CODE": "3"]).status == .failed)
    }

    @Test func readsBuildkite() throws {
        let expected = JobContext(
            ci: "buildkite",
            identity: JobIdentity(
                forge: "buildkite", server: "buildkite.com", project: "o/p", job: "unit", run: "44", attempt: 2,
                leg: "0"),
            timeout: .seconds(2700), slot: "o/a-1", workspace: "/var/lib/buildkite/o/p")
        #expect(try context(Self.buildkite) == expected)
        #expect(try context(Self.buildkite, with: ["BUILDKITE_TIMEOUT": "false"]).timeout == nil)
        #expect(try context(Self.buildkite, with: ["BUILDKITE_STEP_KEY": ""]).identity?.job == ":hammer: Unit")
        let unnamed = try context(
            Self.buildkite, with: ["BUILDKITE_STEP_KEY": nil, "BUILDKITE_LABEL": nil, "BUILDKITE_JOB_ID": "0190-ab"])
        #expect(unnamed.identity?.job == "p" && unnamed.identity?.leg == "0190-ab")
        #expect(try context(Self.buildkite, with: ["BUILDKITE_PULL_REQUEST": "12"]).isUntrustedChange)
    }

    /// Values that mean nothing, each in a variable that wants another form.
    static let meaningless: [([String: String], String, String)] = [
        (gitlab, "CI_JOB_STARTED_AT", "yesterday"), (gitlab, "CI_JOB_TIMEOUT", "-1"), (gitlab, "CI_JOB_TIMEOUT", "1h"),
        (gitlab, "CI_JOB_TIMEOUT", "99999999999999999999"), (gitlab, "CI_JOB_TIMEOUT", "0"),
        (gitlab, "CI_API_V4_URL", "https://user:secret@gitlab.example.com/api/v4"), (gitlab, "CI_API_V4_URL", "gitlab"),
        (gitlab, "CI_SERVER_TLS_CA_FILE", "relative.pem"), (gitlab, "CI_PROJECT_DIR", "/a\nb"),
        (buildkite, "BUILDKITE_TIMEOUT", "999999999999"), (azure, "SYSTEM_PIPELINESTARTTIME", "11/20/2026 22:10"),
    ]

    @Test(arguments: meaningless)
    func leavesOutWhatDoesNotParse(variables: [String: String], name: String, value: String) throws {
        let broken = try context(variables, with: [name: value])
        #expect(broken == (try context(variables, with: [name: nil])))
        #expect(broken.identity != nil)
    }

    static let incomplete: [([String: String], String, String)] = [
        (gitlab, "CI_JOB_ID", "4711; rm"), (gitlab, "CI_PROJECT_PATH", ""), (github, "GITHUB_REPOSITORY", "o"),
        (github, "GITHUB_RUN_ID", "x"), (jenkins, "BUILD_NUMBER", "17a"), (azure, "BUILD_BUILDID", ""),
        (circle, "CIRCLE_BUILD_NUM", "0"), (bitbucket, "BITBUCKET_REPO_FULL_NAME", "/"),
        (buildkite, "BUILDKITE_PIPELINE_SLUG", ""),
    ]

    @Test(arguments: incomplete)
    func hasNoIdentityWithoutItsParts(variables: [String: String], name: String, value: String) throws {
        #expect(try context(variables, with: [name: value]).identity == nil)
    }

    @Test func parsesTheServersHostStrictly() throws {
        let hostile = "https://gitlab.example.com@evil.example"
        #expect(
            try context(Self.gitlab, with: ["CI_SERVER_URL": hostile, "CI_SERVER_HOST": "a b"]).identity?.server == "")
        #expect(try context(Self.github, with: ["GITHUB_SERVER_URL": "github.com"]).identity?.server == "")
    }
}
