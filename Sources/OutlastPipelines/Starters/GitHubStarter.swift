// What GitHub begins with: the action, as one of the repository's own.
import OutlastModel

struct GitHubStarter: Starter {
    let id = "github"
    let marks = [".github/workflows", ".github"]

    func files(_ facts: StarterFacts) -> [StarterFile] {
        let folder = ".github/actions/outlast"
        return StarterConfiguration.files(facts, ci: id, place: "a variable OUTLAST_CONFIG of the repository") + [
            StarterFile("\(folder)/action.yml", "the action", text: StarterText.githubAction),
            StarterFile("\(folder)/start.js", "how it starts the program", text: StarterText.githubStart),
            StarterFile("\(folder)/main.js", "a job's beginning", text: StarterText.githubMain),
            StarterFile("\(folder)/post.js", "a job's end", text: StarterText.githubPost),
        ]
    }

    func next(_ facts: StarterFacts) -> [String] {
        let input = facts.forge == "github" ? "mint: release" : "on-insufficient: refresh"
        let secret = facts.forge == "github" ? "APP_PRIVATE_KEY" : "RELEASE_TOKEN"
        return [
            """
            add to the job that pushes, behind its checkout (which has `persist-credentials: false`):
              env:
                OUTLAST_KEY: ${{ secrets.OUTLAST_KEY }}
                \(secret): ${{ secrets.\(secret) }}
              steps:
                - uses: ./.github/actions/outlast
                  with:
                    config-text: ${{ vars.OUTLAST_CONFIG }}
                    \(input)
            """,
            """
            Settings > Environments: a variable OUTLAST_CONFIG (the text of \(StarterConfiguration.operatorPath)), and the
            secrets OUTLAST_KEY (`outlast key generate` prints one) and \(secret)
            """,
            "put the program on the runner; on one of your own let jobs share their history: OUTLAST_STATE in its .env file",
            StarterConfiguration.removal,
        ]
    }
}
