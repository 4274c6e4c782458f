// The CIs that are known. Adding one is a file beside this one and a line here.
public import OutlastModel

/// The registry of CIs.
public enum Pipelines {
    /// Every CI, in the order in which they are looked for. Jenkins comes last: its builds are often started by another
    /// CI, whose variables they may carry along.
    public static let all: [any Pipeline] = [
        GitLabPipeline(), GitHubPipeline(), AzurePipeline(), CircleCIPipeline(), BitbucketPipeline(),
        BuildkitePipeline(), JenkinsPipeline(),
    ]

    /// The CI whose job has these variables; nil outside every known CI.
    public static func current(in variables: Variables) -> (any Pipeline)? {
        all.first { $0.isRunning(in: variables) }
    }
}
