// The two parts of a configuration that begins. What lies in the working tree can be changed by a merge request, so it may
// say where a token is and no more; what renews and publishes is the operator's (contract, section 2).
import OutlastModel

enum StarterConfiguration {
    static let treePath = ".outlast.yml"
    static let operatorPath = "outlast-operator.yml"

    /// The last step everywhere: the file is written where somebody looks for it, and that is a working tree.
    static let removal =
        "when \(operatorPath) is in its place, remove it here: git does not ignore it, so `git add .` would take it into the repository"

    /// The two files. `place` says where the operator's part belongs at this CI.
    static func files(_ facts: StarterFacts, ci: String, place: String) -> [StarterFile] {
        [
            StarterFile(treePath, "what may lie in the repository", text: tree(facts, ci: ci)),
            StarterFile(
                operatorPath, "what belongs outside of the repository: \(place)", text: ofOperator(facts, place)),
        ]
    }

    private static func tree(_ facts: StarterFacts, ci: String) -> String {
        // Without its address a credential would go to the vendor's own server: only a CI that is the forge names it.
        let ownsForge = ci == facts.forge && facts.forge != "github"
        // A file that is found may name no server, and outside of its jobs a token of GitLab's goes to gitlab.com.
        let own = facts.forge == "gitlab" && facts.host != "gitlab.com" ? facts.host : nil
        let elsewhere = own.map { "\n    # outside of its jobs give --api-url https://\($0)/api/v4" } ?? ""
        let credentials =
            ownsForge
            ? """
            credentials:
              release:
                forge: \(facts.forge)                   # at the CI's own server\(elsewhere)
                token: {env: RELEASE_TOKEN}
                # expires_at: 2027-01-01        # only for tokens that the forge says nothing about
            """
            : """
            credentials: {}                     # the operator's part has them
            """
        return """
            # outlast: the part of the configuration that may lie in the repository. A merge request can change this file, so it
            # may say where a token is and how long jobs take, and no more: `renew`, `publish`, `ssh` and `hosts` are refused here.
            # They stand in the operator's part (\(operatorPath)); a job that has it in OUTLAST_CONFIG does not read this file.
            version: 1
            # default_duration: 1h              # until runs are known, and where the CI tells no time-out
            # margin: 5m                        # reserve on top of the estimate
            # quantile: 0.95                    # how sure the estimate is to be
            \(credentials)

            """
    }

    private static func ofOperator(_ facts: StarterFacts, _ place: String) -> String {
        """
        # outlast: the operator's part of the configuration. It decides over tokens, so its place is OUTSIDE of the repository:
        # \(place).
        # This copy is for carrying it there, and not read from here. It names secrets and holds none.
        version: 1
        # margin: 5m                        # reserve on top of the estimate
        # on_insufficient: fail             # or warn, refresh, ssh-fallback, auto
        credentials:
        \(credential(facts))

        """
    }

    private static func credential(_ facts: StarterFacts) -> String {
        switch facts.forge {
        case "gitlab": gitlab(facts)
        case "github": github(facts)
        default: other(facts)
        }
    }

    private static func gitlab(_ facts: StarterFacts) -> String {
        """
          release:
            forge: gitlab
            api_url: https://\(facts.host ?? "gitlab.example.com")/api/v4
            token: {env: RELEASE_TOKEN}     # a protected and masked CI variable
            min_remaining: 10d              # renewed when less is left: more than the interval of the scheduled job
            renew:
              method: gitlab-rotate         # the token's scopes: api, and what the jobs need
              by: operator                  # jobs never rotate it, the scheduled job's `outlast refresh` does
              lifetime: 30d
            publish:
              - gitlab-variable: {project: \(facts.project ?? "group/app"), key: RELEASE_TOKEN}
        \(ssh(facts, else: "gitlab.example.com"))
        """
    }

    /// The way out over SSH, commented out. A server whose keys nobody has published to us needs them pinned.
    private static func ssh(_ facts: StarterFacts, else example: String) -> String {
        let host = facts.host.map(StarterFacts.bare) ?? example
        let plain = "host: \(host), key: {env: DEPLOY_KEY}"
        guard !facts.knowsHostKeys else {
            return "    # ssh: {\(plain)}    # a way to push without any token"
        }
        return """
                # ssh:                          # a way to push without any token
                #   host: \(host)
                #   key: {env: DEPLOY_KEY}
                #   host_keys: ["SHA256:…"]     # of `ssh-keyscan \(host) | ssh-keygen -lf -`, compared with what its operator publishes
            """
    }

    private static func github(_ facts: StarterFacts) -> String {
        let project = facts.project ?? "owner/app"
        let name = project.split(separator: "/").last.map(String.init) ?? "app"
        let api = facts.host.map { $0 == "github.com" ? "https://api.github.com" : "https://\($0)/api/v3" }
        return """
              release:
                forge: github
                api_url: \(api ?? "https://api.github.com")
                min_remaining: 10m              # an App's token lives for an hour: git gets a new one in time
                renew:
                  method: github-app
                  client_id: Iv00000000000000   # the App's own, from its settings
                  private_key: {env: APP_PRIVATE_KEY}
                  repository: \(project)
                  repositories: [\(name)]
                  permissions: {contents: write}
            \(ssh(facts, else: "github.com"))
            """
    }

    private static func other(_ facts: StarterFacts) -> String {
        """
          release:
            forge: \(facts.forge)
            token: {env: RELEASE_TOKEN}
            \(facts.host.map { "hosts: [\"\($0)\"]" } ?? "# hosts: [\"git.example.com\"]")
            # expires_at: 2027-01-01        # where the forge does not tell a token's end
            # renew:                        # a program of yours that prints a token, or JSON with "token" and "expires_at"
            #   method: command
            #   command: [/usr/local/bin/mint-token, release]
            #   cache_key: {env: MINT_SECRET}    # shared by the jobs that share the token
        """
    }
}
