// A loader with every method and target, and the file that uses all of them.
import OutlastModel

@testable import OutlastConfig

enum Fixture {
    static let forges = ["gitlab", "github", "azure-devops", "bitbucket", "oauth2", "generic"]

    static func loader(_ files: FilesInMemory) -> ConfigurationLoader {
        ConfigurationLoader(
            renewals: RenewalSchemas.all, targets: PublishSchemas.all, forges: forges, files: files)
    }

    /// Reads a file that the operator named.
    static func load(_ text: String, allowInsecureHTTP: Bool = false) throws -> Configuration {
        try loader(FilesInMemory(["/etc/outlast.yml": text])).load(
            ConfigurationRequest(
                named: .init(path: "/etc/outlast.yml", by: "--config"), workingFolder: "/work",
                allowInsecureHTTP: allowInsecureHTTP))
    }

    /// Reads a file that was found in a clone in `/work`.
    static func loadFound(_ text: String, ciAPI: String? = "https://gitlab.example.com/api/v4") throws -> Configuration
    {
        try loader(FilesInMemory(["/work/.outlast.yml": text], others: ["/work/.git": .folder])).load(
            ConfigurationRequest(workingFolder: "/work", ciAPI: ciAPI.flatMap { ServerURL($0) }))
    }

    /// The failure of reading a file; nil when it is read.
    static func failure(_ read: () throws -> Configuration) -> Failure? {
        do {
            _ = try read()
            return nil
        } catch {
            return error as? Failure
        }
    }

    /// Every key of the schema once or more.
    static let whole = """
        # what the release job needs
        version: 1
        default_duration: 90m
        margin: 10m
        quantile: 0.9
        recheck_after: 0
        on_insufficient: auto
        credentials:
          admin:
            forge: gitlab
            token: {file: /run/secrets/admin}
          release:
            forge: gitlab
            api_url: https://gitlab.example.com/api/v4/
            token: {env: RELEASE_TOKEN}
            expires_at: 2027-01-01
            hosts: ["gitlab.example.com/group", 'git.example.com:8443']
            username: oauth2
            min_remaining: 2d
            renew:
              method: gitlab-replace
              by: operator
              lifetime: 30d
              with: admin
            publish:
              - gitlab-variable: {project: group/app, key: RELEASE_TOKEN, environment_scope: "*", with: admin}
              - github-secret: {repository: o/r, name: RELEASE_TOKEN, environment: prod, with: hub}
              - jenkins-credential: {url: "https://ci.example.com/", folder: f, domain: _, id: release-token, with: admin}
              - file: {path: /run/build/token}
              - dotenv: {path: token.env, name: RELEASE_TOKEN}
              - command: {command: [vault, kv, put, secret/release]}
            ssh:
              host: gitlab.example.com
              port: 2222
              user: git
              key: {env: DEPLOY_KEY}
              known_hosts: /etc/ssh/known
              host_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn root@host"]
              need_push: true
          hub:
            forge: github
            token: {command: [gh, auth, token]}
            renew:
              method: github-app
              app_id: 12345
              private_key: {file: /run/secrets/app.pem}
              repository: o/r
              repositories: [r, s]
              permissions: {contents: write, "pull_requests": read}
          sso:
            forge: oauth2
            renew:
              method: oauth2
              token_url: https://sso.example.com/token
              client_id: outlast
              client_secret: {env: SSO_SECRET}
              refresh_token: {file: /run/secrets/refresh}
              scope: api openid
          vault.a-b_c:
            renew:
              method: http
              url: https://vault.example.com/v1/token?role=ci
              headers: {X-Vault-Token: {env: VAULT_TOKEN}, Accept: application/json}
              token_pointer: /data/token
              expires_pointer: /data/expires
              cache_key: {env: VAULT_KEY}
          script:
            renew: {method: command, command: [mint, --for, ci], cache_key: {file: /run/k}}
          off:
            renew: {method: none}
        """
}
