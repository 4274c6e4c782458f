// What each renewal method and publish target takes in the configuration (contract, section 11). Data only; the code that
// acts on it lives beside its forge or target.

/// The settings of the renewal methods.
public enum RenewalSchemas {
    /// The life that is asked for where nobody has said otherwise, for tokens that end on a date.
    public static let datedLife = Duration.seconds(30 * 86_400)

    /// GitLab: the token rotates itself, or the managing credential that `with` names rotates it by its number.
    public static let gitlabRotate = SettingsSchema(
        name: "gitlab-rotate", fields: [.init("lifetime", .duration, standard: datedLife), .init("with", .credential)])

    /// GitLab: a managing credential makes the successor before the old token is revoked, `grace` after that.
    public static let gitlabReplace = SettingsSchema(
        name: "gitlab-replace",
        fields: [
            .init("lifetime", .duration, standard: datedLife), .init("with", .otherCredential, required: true),
            .init("grace", .duration),
        ])

    /// GitLab: two tokens take turns; only the idle one is rotated.
    public static let gitlabPair = SettingsSchema(
        name: "gitlab-pair",
        fields: [.init("lifetime", .duration, standard: datedLife), .init("with", .otherCredential)])

    /// The refresh grant of RFC 6749, section 6. Public clients have no secret; without `token_url` the issuer (`api_url`)
    /// is asked for it; `client_auth` says how the client proves itself where its server does not.
    public static let oauth2 = SettingsSchema(
        name: "oauth2",
        fields: [
            .init("token_url", .url), .init("client_id", .text, required: true),
            .init("client_secret", .secret), .init("refresh_token", .secret, required: true), .init("scope", .text),
            .init("client_auth", .choice(["basic", "body"])),
        ])

    /// A GitHub App's installation token, minted with the App's key.
    public static let githubApp = SettingsSchema(
        name: "github-app",
        fields: [
            .init("app_id", .number), .init("client_id", .text), .init("private_key", .secret, required: true),
            .init("installation_id", .number), .init("repository", .form(.repository)),
            .init("organization", .form(.account)), .init("repositories", .forms(.repositoryName)),
            .init("permissions", .choiceMap(["read", "write", "admin"])),
        ],
        exactlyOneOf: [["app_id", "client_id"], ["installation_id", "repository", "organization"]])

    /// A GitHub App's user token and its refresh token. Tokens of the device flow need no client secret.
    public static let githubUser = SettingsSchema(
        name: "github-user",
        fields: [
            .init("client_id", .text, required: true), .init("client_secret", .secret),
            .init("refresh_token", .secret, required: true),
        ])

    /// A program whose stdout is the token.
    public static let command = SettingsSchema(
        name: "command", fields: [.init("command", .texts, required: true), .init("cache_key", .secret)])

    /// A request whose answer is the token, or JSON that holds it (at `/token` unless a pointer says otherwise).
    public static let http = SettingsSchema(
        name: "http",
        fields: [
            .init("url", .url, required: true), .init("headers", .headerMap),
            .init("token_pointer", .form(.jsonPointer)), .init("expires_pointer", .form(.jsonPointer)),
            .init("cache_key", .secret),
        ])

    /// Every method, in the order that messages list them.
    public static let all = [
        gitlabRotate, gitlabReplace, gitlabPair, oauth2, githubApp, githubUser, command, http,
    ]
}

/// The settings of the publish targets.
public enum PublishSchemas {
    /// A CI/CD variable of a GitLab project or group.
    public static let gitlabVariable = SettingsSchema(
        name: "gitlab-variable",
        fields: [
            .init("project", .form(.gitlabProject)), .init("group", .form(.gitlabGroup)),
            .init("key", .form(.gitlabVariable), required: true),
            .init("environment_scope", .text), .init("with", .credential),
        ],
        exactlyOneOf: [["project", "group"]])

    /// An Actions secret of a GitHub repository (or one of its environments) or organization.
    public static let githubSecret = SettingsSchema(
        name: "github-secret",
        fields: [
            .init("repository", .form(.repository)), .init("organization", .form(.account)),
            .init("name", .form(.githubSecret), required: true), .init("environment", .text),
            .init("with", .credential),
        ],
        exactlyOneOf: [["repository", "organization"]], belonging: [("environment", "repository")])

    /// A secret text in a Jenkins credentials store.
    public static let jenkinsCredential = SettingsSchema(
        name: "jenkins-credential",
        fields: [
            .init("url", .root, required: true), .init("folder", .text), .init("domain", .text),
            .init("id", .text, required: true), .init("with", .credential),
        ])

    /// A file that holds the token alone.
    public static let file = SettingsSchema(
        name: "file", fields: [.init("path", .form(.absolutePath), required: true)])

    /// A line of a dotenv file.
    public static let dotenv = SettingsSchema(
        name: "dotenv",
        fields: [
            .init("path", .form(.path), required: true), .init("name", .form(.variableName), required: true),
        ])

    /// A program that gets the token by stdin.
    public static let command = SettingsSchema(name: "command", fields: [.init("command", .texts, required: true)])

    /// Every target, in the order that messages list them.
    public static let all = [gitlabVariable, githubSecret, jenkinsCredential, file, dotenv, command]
}

extension TextForm {
    /// A project by its number, or by its path: never without the group or user that it belongs to.
    public static let gitlabProject = TextForm(
        "the path or the number of a project", hint: "write group/name, without the address of its server"
    ) { isNumber($0) || isPath($0, parts: 2...64) }

    /// A group by its number or its path.
    public static let gitlabGroup = TextForm(
        "the path or the number of a group", hint: "write group or group/subgroup, without the address of its server"
    ) { isNumber($0) || isPath($0, parts: 1...64) }

    /// The key of a CI/CD variable.
    public static let gitlabVariable = TextForm(
        "the key of a variable", hint: "letters, digits and underscores alone"
    ) { (1...255).contains($0.utf8.count) && $0.utf8.allSatisfy(isWordByte) }

    /// The name of an Actions secret.
    public static let githubSecret = TextForm(
        "the name of a secret", hint: "letters, digits and underscores, not a digit first, not GITHUB_"
    ) { VariableName.isPlain($0) && !$0.uppercased().hasPrefix("GITHUB_") }

    private static func isNumber(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
    }
}
