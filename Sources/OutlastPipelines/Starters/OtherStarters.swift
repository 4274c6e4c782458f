// What the other CIs begin with: one file each, to be taken over into their own.
import OutlastModel

private let outside = "a file on the agent, or a secret file of the CI, that OUTLAST_CONFIG names"

/// A CI that gets one file, to be taken over into its own.
struct FileStarter: Starter {
    let id: String
    let marks: [String]
    /// The file that the CI reads.
    let own: String
    /// The file with what it needs.
    let file: StarterFile

    func files(_ facts: StarterFacts) -> [StarterFile] {
        StarterConfiguration.files(facts, ci: id, place: outside) + [file]
    }

    func next(_ facts: StarterFacts) -> [String] {
        [
            "take from \(file.path) what your \(own) needs",
            "carry \(StarterConfiguration.operatorPath) to the agents and name it by OUTLAST_CONFIG",
            "keep OUTLAST_KEY (`outlast key generate` prints one) and the tokens among the CI's secrets, OUTLAST_STATE on a volume",
            StarterConfiguration.removal,
        ]
    }

    static let jenkins = FileStarter(
        id: "jenkins", marks: ["Jenkinsfile"], own: "Jenkinsfile",
        file: StarterFile("Jenkinsfile.outlast", "a pipeline with the calls", text: StarterText.jenkinsPlain))

    static let azure = FileStarter(
        id: "azure-pipelines", marks: ["azure-pipelines.yml"], own: "azure-pipelines.yml",
        file: StarterFile("azure-pipelines.outlast.yml", "a pipeline with the calls", text: StarterText.azure))

    static let circleCI = FileStarter(
        id: "circleci", marks: [".circleci"], own: ".circleci/config.yml",
        file: StarterFile(".circleci/outlast.yml", "a job with the calls", text: StarterText.circleci))

    static let bitbucket = FileStarter(
        id: "bitbucket", marks: ["bitbucket-pipelines.yml"], own: "bitbucket-pipelines.yml",
        file: StarterFile("bitbucket-pipelines.outlast.yml", "a step with the calls", text: StarterText.bitbucket))
}

struct BuildkiteStarter: Starter {
    let id = "buildkite"
    let marks = [".buildkite"]

    func files(_ facts: StarterFacts) -> [StarterFile] {
        StarterConfiguration.files(facts, ci: id, place: outside) + [
            StarterFile(
                ".buildkite/hooks/pre-command", "what a job begins with", text: StarterText.buildkitePreCommand,
                permissions: 0o755),
            StarterFile(
                ".buildkite/hooks/pre-exit", "what it ends with", text: StarterText.buildkitePreExit,
                permissions: 0o755),
        ]
    }

    func next(_ facts: StarterFacts) -> [String] {
        [
            "look at the two hooks: they run for every job of this repository",
            "let the agent's `environment` hook set OUTLAST_CONFIG, OUTLAST_STATE, OUTLAST_KEY and the tokens",
            StarterConfiguration.removal,
        ]
    }
}
