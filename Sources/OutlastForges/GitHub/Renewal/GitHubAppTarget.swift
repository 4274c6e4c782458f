// What an App's token is asked for: the installation, and what narrows it. It is part of the family's identity, so it is
// written in one way whatever way the configuration chose.
import OutlastModel

/// Whose installation, and how narrow a token.
struct GitHubAppTarget: Sendable {
    /// How the installation is found.
    enum Installation: Hashable, Sendable {
        case id(Int64)
        case repository(String)
        case organization(String)

        /// As identity has it.
        var text: String {
            switch self {
            case .id(let id): "id \(id)"
            case .repository(let path): "repository \(path.lowercased())"
            case .organization(let name): "organization \(name.lowercased())"
            }
        }

        /// The lookup's path.
        var path: String {
            switch self {
            case .id(let id): "/app/installations/\(id)"
            case .repository(let path):
                "/repos/" + path.split(separator: "/").map { ServerURL.encoded(String($0)) }.joined(separator: "/")
                    + "/installation"
            case .organization(let name): "/orgs/\(ServerURL.encoded(name))/installation"
            }
        }
    }

    /// The most repositories that one token may name (facts section 2.4).
    static let mostRepositories = 500

    let installation: Installation
    /// Names without their owner, in order; empty for all.
    let repositories: [String]
    /// Names with levels, in order; empty for all that the installation has.
    let permissions: [(name: String, level: String)]

    /// Reads the settings.
    ///
    /// - Throws: `configuration` (78) for texts that name no repository, level or installation.
    init(_ settings: Settings, credential: String) throws(Failure) {
        let mistake = { (what: String, fix: String) in
            Failure.configuration("credential \(credential): \(what)", hint: fix)
        }
        if let text = settings.text("installation_id") {
            guard let id = Int64(text), id > 0 else {
                throw mistake("installation_id is no number", "it stands at the end of the installation's address")
            }
            installation = .id(id)
        } else if let path = settings.text("repository") {
            guard path.split(separator: "/", omittingEmptySubsequences: false).filter({ !$0.isEmpty }).count == 2,
                path.filter({ $0 == "/" }).count == 1
            else { throw mistake("`repository` is not owner/name", "write `repository: owner/name`") }
            installation = .repository(path)
        } else if let name = settings.text("organization"), !name.isEmpty, !name.contains("/") {
            installation = .organization(name)
        } else {
            throw mistake(
                "which installation of the App is meant is not said",
                "give one of installation_id, repository, organization")
        }
        let names = (settings.texts("repositories") ?? []).map { String($0.split(separator: "/").last ?? "") }
        guard names.allSatisfy({ !$0.isEmpty }), names.count <= Self.mostRepositories else {
            throw mistake("`repositories` holds an empty name or more than 500", "give names of repositories")
        }
        repositories = Set(names).sorted()
        permissions = (settings.map("permissions") ?? []).compactMap { entry in
            if case .text(let level) = entry.value { (entry.name, level) } else { nil }
        }.sorted { $0.name < $1.name }
        guard permissions.allSatisfy({ ["read", "write", "admin"].contains($0.level) }) else {
            throw mistake("a level of `permissions` is none of read, write, admin", "write `contents: write`")
        }
    }

    /// What belongs to the family's identity.
    var identity: [(name: String, value: String)] {
        [
            ("installation", installation.text),
            ("repositories", repositories.map { $0.lowercased() }.joined(separator: ",")),
            ("permissions", permissions.map { "\($0.name)=\($0.level)" }.joined(separator: ",")),
        ]
    }

    /// The body of the request that mints.
    var body: HTTPRequest.Body {
        var body = SecretJSON()
        if !repositories.isEmpty { body.add("repositories", .array(repositories.map { .string($0) })) }
        if !permissions.isEmpty {
            body.add("permissions", .object(permissions.map { JSONValue.Member($0.name, .string($0.level)) }))
        }
        return body.body()
    }
}
