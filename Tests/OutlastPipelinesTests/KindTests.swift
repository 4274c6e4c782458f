import OutlastModel
import OutlastPipelines
import Testing

@Suite struct KindTests {
    private func kind(_ variables: [String: String], _ name: String?, _ value: String) throws -> String? {
        let values = Variables(variables)
        return try #require(Pipelines.current(in: values)).kind(ofVariable: name, value: Secret(value), in: values)
    }

    @Test func knowsGitLabsTokensByNameAndByValue() throws {
        let variables = ContextTests.gitlab.merging(
            ["CI_JOB_TOKEN": "glcbt-64_abc\n", "CI_DEPLOY_PASSWORD": "gldt-x", "CI_REGISTRY_PASSWORD": "glcbt-64_abc"]
        ) { $1 }
        #expect(try kind(variables, "CI_JOB_TOKEN", "glcbt-64_abc") == "gitlab-job")
        #expect(try kind(variables, "CI_REGISTRY_PASSWORD", "glcbt-64_abc") == "gitlab-job")
        #expect(try kind(variables, nil, "glcbt-64_abc") == "gitlab-job")
        #expect(try kind(variables, "CI_DEPLOY_PASSWORD", "gldt-x") == "gitlab-deploy")
        #expect(try kind(variables, "MINE", "gldt-x") == "gitlab-deploy")
        #expect(try kind(variables, "RELEASE_TOKEN", "glpat-x") == nil)
        #expect(try kind(ContextTests.gitlab, "RELEASE_TOKEN", "") == nil)
    }

    struct GitHubCase: Sendable {
        let name: String?
        let value: String
        /// What `GITHUB_TOKEN` holds; nil when it is not set.
        let own: String?
        let isJobs: Bool

        init(_ name: String?, _ value: String, own: String?, _ isJobs: Bool) {
            self.name = name
            self.value = value
            self.own = own
            self.isJobs = isJobs
        }
    }

    /// `GITHUB_TOKEN` and `GH_TOKEN` are names that workflows map any token to.
    static let githubCases: [GitHubCase] = [
        .init("GITHUB_TOKEN", "ghs_job", own: "ghs_job", true), .init("MY_TOKEN", "ghs_job", own: "ghs_job", true),
        .init(nil, "ghs_job", own: "ghs_job", true), .init("GH_TOKEN", "ghs_job", own: "ghs_job", true),
        .init("GH_TOKEN", "ghs_job", own: nil, true), .init("GH_TOKEN", "ghs_app", own: "ghs_job", false),
        .init("APP_TOKEN", "ghs_app", own: "ghs_job", false), .init("APP_TOKEN", "ghs_app", own: nil, false),
        .init(nil, "ghs_app", own: nil, false), .init("GITHUB_TOKEN", "ghp_classic", own: "ghp_classic", false),
        .init("GITHUB_TOKEN", "github_pat_fine", own: "github_pat_fine", false),
        .init("GH_TOKEN", "gho_oauth", own: nil, false), .init("ACTIONS_RUNTIME_TOKEN", "eyJhbGciOi", own: nil, false),
    ]

    @Test(arguments: githubCases)
    func knowsTheJobsTokenInGitHubActions(row: GitHubCase) throws {
        var variables = ContextTests.github
        variables["GITHUB_TOKEN"] = row.own
        #expect(try kind(variables, row.name, row.value) == (row.isJobs ? "github-actions" : nil))
    }

    @Test func knowsAzuresTokenUnderAnyName() throws {
        let variables = ContextTests.azure.merging(["SYSTEM_ACCESSTOKEN": "eyJ.x.y"]) { $1 }
        #expect(try kind(variables, "SYSTEM_ACCESSTOKEN", "eyJ.x.y") == "azure-devops-job")
        #expect(try kind(variables, "AZURE_DEVOPS_EXT_PAT", "eyJ.x.y") == "azure-devops-job")
        #expect(try kind(variables, "AZURE_DEVOPS_EXT_PAT", "pat") == nil)
    }

    @Test(arguments: [ContextTests.jenkins, ContextTests.circle, ContextTests.bitbucket, ContextTests.buildkite])
    func claimsNothingWhereTheCIGivesNoToken(variables: [String: String]) throws {
        #expect(try kind(variables, "GITHUB_TOKEN", "ghs_x") == nil)
        #expect(try kind(variables, "CI_JOB_TOKEN", "glcbt-x") == nil)
    }
}
