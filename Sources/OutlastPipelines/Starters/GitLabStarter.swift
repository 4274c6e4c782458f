// What GitLab begins with: the plain include, and for its own tokens a scheduled job that rotates them.
import OutlastModel

struct GitLabStarter: Starter {
    let id = "gitlab"
    let marks = [".gitlab-ci.yml"]

    func files(_ facts: StarterFacts) -> [StarterFile] {
        let place = "a CI/CD variable OUTLAST_CONFIG of type File, protected"
        var files = StarterConfiguration.files(facts, ci: id, place: place)
        files.append(
            StarterFile(".gitlab/outlast.yml", "hidden job that yours extend", text: StarterText.gitlabOutlast))
        if facts.forge == "gitlab" {
            files.append(
                StarterFile(
                    ".gitlab/outlast-rotate.yml", "scheduled job that rotates the token",
                    text: StarterText.gitlabRotate))
        }
        return files
    }

    func next(_ facts: StarterFacts) -> [String] {
        let rotates = facts.forge == "gitlab"
        let include = """
            add to .gitlab-ci.yml, and `extends: .outlast` to the jobs that push:
              include:
                - local: .gitlab/outlast.yml
            """
        var steps = [include + (rotates ? "\n    - local: .gitlab/outlast-rotate.yml" : "")]
        steps.append(
            """
            Settings > CI/CD > Variables, all protected: OUTLAST_CONFIG (type File, the text of \
            \(StarterConfiguration.operatorPath)),
            OUTLAST_KEY (masked; `outlast key generate` prints one) and RELEASE_TOKEN (masked)
            """)
        if rotates {
            steps.append(
                "Build > Pipeline schedules: weekly, on a protected branch, with the variable OUTLAST_ROTATE=release")
        }
        steps.append(
            "let jobs share their history: OUTLAST_STATE on a volume of the runner; then `outlast doctor` in a job")
        steps.append(StarterConfiguration.removal)
        return steps
    }
}
