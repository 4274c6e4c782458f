// What the other CIs begin with: one file each, to be taken over into their own.
import OutlastModel

private let outside = "a file on the agent, or a secret file of the CI, that OUTLAST_CONFIG names"

private func steps(_ file: String, into own: String) -> [String] {
    [
        "take from \(file) what your \(own) needs",
        "carry \(StarterConfiguration.operatorPath) to the agents and name it by OUTLAST_CONFIG",
        "keep OUTLAST_KEY (`outlast key generate` prints one) and the tokens among the CI's secrets, OUTLAST_STATE on a volume",
    ]
}

struct JenkinsStarter: Starter {
    let id = "jenkins"
    let marks = ["Jenkinsfile"]

    func files(_ facts: StarterFacts) -> [StarterFile] {
        StarterConfiguration.files(facts, ci: id, place: outside) + [
            StarterFile("Jenkinsfile.outlast", "a pipeline with the calls", text: StarterText.jenkinsPlain)
        ]
    }

    func next(_ facts: StarterFacts) -> [String] { steps("Jenkinsfile.outlast", into: "Jenkinsfile") }
}

struct AzureStarter: Starter {
    let id = "azure-pipelines"
    let marks = ["azure-pipelines.yml"]

    func files(_ facts: StarterFacts) -> [StarterFile] {
        StarterConfiguration.files(facts, ci: id, place: outside) + [
            StarterFile("azure-pipelines.outlast.yml", "a pipeline with the calls", text: StarterText.azure)
        ]
    }

    func next(_ facts: StarterFacts) -> [String] {
        steps("azure-pipelines.outlast.yml", into: "azure-pipelines.yml")
    }
}

struct CircleCIStarter: Starter {
    let id = "circleci"
    let marks = [".circleci"]

    func files(_ facts: StarterFacts) -> [StarterFile] {
        StarterConfiguration.files(facts, ci: id, place: outside) + [
            StarterFile(".circleci/outlast.yml", "a job with the calls", text: StarterText.circleci)
        ]
    }

    func next(_ facts: StarterFacts) -> [String] { steps(".circleci/outlast.yml", into: ".circleci/config.yml") }
}

struct BitbucketStarter: Starter {
    let id = "bitbucket"
    let marks = ["bitbucket-pipelines.yml"]

    func files(_ facts: StarterFacts) -> [StarterFile] {
        StarterConfiguration.files(facts, ci: id, place: outside) + [
            StarterFile("bitbucket-pipelines.outlast.yml", "a step with the calls", text: StarterText.bitbucket)
        ]
    }

    func next(_ facts: StarterFacts) -> [String] {
        steps("bitbucket-pipelines.outlast.yml", into: "bitbucket-pipelines.yml")
    }
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
        ]
    }
}
