// The few things that nearly every rehearsal needs, so that a test begins with the one thing it is about.

/// What a sandbox holds when nobody has said otherwise.
public enum StarterWorld {
    /// A GitLab administrator.
    public static let admin = "root"
    /// A GitLab user who owns ``group``.
    public static let user = "dev"
    /// A GitLab group.
    public static let group = "group"
    /// A private GitLab project in ``group``, with an empty repository.
    public static let projectPath = "group/app"
    /// A GitHub user who owns nothing but may write to ``repositoryPath``.
    public static let login = "octocat"
    /// A GitHub organisation.
    public static let organization = "octo-org"
    /// A private GitHub repository of ``organization``, with an empty git repository.
    public static let repositoryPath = "octo-org/app"

    static func build(in sandbox: Sandbox) throws {
        sandbox.gitlab.addUser(admin, admin: true)
        sandbox.gitlab.addUser(user)
        try sandbox.gitlab.addGroup(group, members: [user: 50])
        try sandbox.gitlab.addProject(projectPath)
        sandbox.github.addAccount(login)
        sandbox.github.addAccount(organization, organization: true)
        try sandbox.github.addRepository(repositoryPath, collaborators: [login: "admin"])
    }
}
