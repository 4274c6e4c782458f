// Credentials that git uses and that are renewed on the way: a GitLab token that rotates itself, and a GitHub App.

import OutlastSandbox
import Testing

extension Stage {
    /// The environment of a job that uses what was configured: the sandbox (`S`, without its scheme `H`), its GitHub for
    /// git (`G`), and a folder that is not searched for secrets (`PLACE`).
    func gitEnvironment(_ more: [String: String] = [:]) -> [String: String] {
        let own = [
            "OUTLAST_CONFIG": configuration, "S": sandbox.baseURL, "PLACE": scene.vault, "G": sandbox.githubGit,
            "H": String(sandbox.baseURL.dropFirst("http://".count)),
        ]
        return variables.merging(own) { $1 }.merging(more) { $1 }
    }

    /// Configures a GitHub App whose tokens are minted by whoever needs one.
    ///
    /// - Parameter limit: what its tokens must have left.
    func mint(limit: String = "10m") throws -> [String: String] {
        let app = try sandbox.github.addApp()
        try sandbox.github.install(app)
        let file = try scene.hide(app.privateKey, in: "app.pem")
        try configure(
            """
            forge: github
            api_url: \(sandbox.githubAPI)
            min_remaining: \(limit)
            renew:
              method: github-app
              client_id: \(app.clientID)
              private_key: {file: \(file)}
              organization: octo-org
            """)
        return gitEnvironment()
    }

    /// Configures a GitLab token that ends in so many days and rotates itself.
    func rotate(
        days: Int = 40, by: String = "jobs", more: String = ""
    ) throws -> (token: SandboxCredential, variables: [String: String]) {
        let token = try sandbox.gitlab.addToken(scopes: ["api", "write_repository"], expiresOn: date(days))
        scene.secret(token.secret)
        try configure(
            """
            forge: gitlab
            api_url: \(sandbox.gitlabAPI)
            token: {env: T}
            renew: {method: gitlab-rotate, by: \(by)}
            """)
        if !more.isEmpty {
            let text = try #require(scene.read(configuration))
            try scene.write(text + more, to: configuration)
        }
        return (token, gitEnvironment(["T": token.secret]))
    }
}
