// The tester's hand in the smaller doubles.

/// Sets up and inspects the doubles of Azure DevOps, Bitbucket and Jenkins.
public struct SandboxOthers: Sendable {
    let sandbox: Sandbox

    /// Base of the Azure DevOps double for an organisation named `org`.
    public var azureURL: String { sandbox.baseURL + "/azure/org" }
    /// Base of the Bitbucket double's REST API.
    public var bitbucketAPI: String { sandbox.baseURL + "/bitbucket/2.0" }

    /// Makes a personal token of Azure DevOps.
    public func addAzureToken(expiresAt: SandboxInstant? = nil) -> String {
        sandbox.update { world in
            let secret = world.mint.alphanumeric(52).lowercased()
            world.others.azureTokens[secret] = .some(expiresAt)
            return secret
        }
    }

    /// Chooses how Azure DevOps turns dead tokens away.
    public func setAzureRefusal(_ refusal: AzureRefusal) {
        sandbox.update { $0.others.azureRefusal = refusal }
    }

    /// Makes an access token of Bitbucket.
    public func addBitbucketToken(expiresAt: SandboxInstant? = nil) -> String {
        sandbox.update { world in
            let secret = "ATCTT3xFfGN0" + world.mint.alphanumeric(168)
            world.others.bitbucketTokens[secret] = .some(expiresAt)
            return secret
        }
    }

    /// Adds a user of Jenkins and returns the API token.
    public func addJenkinsUser(_ name: String, password: String? = nil, mayWrite: Bool = true) -> String {
        sandbox.update { world in
            let token = "11" + world.mint.hexDigits(32)
            world.others.jenkinsUsers[name] = JenkinsUser(apiToken: token, password: password, mayWrite: mayWrite)
            return token
        }
    }

    /// Puts a credential into a Jenkins store (folder empty for the system's), as XML.
    public func setJenkinsCredential(_ id: String, xml: String, folder: String = "", domain: String = "_") {
        sandbox.update { $0.others.jenkinsCredentials["\(folder)|\(domain)|\(id)"] = xml }
    }

    /// The text of an element (`secret`, `password`) of a stored credential, unredacted.
    public func jenkinsCredential(
        _ id: String, element name: String = "secret", folder: String = "", domain: String = "_"
    ) -> String? {
        sandbox.update { $0.others.jenkinsCredentials["\(folder)|\(domain)|\(id)"].flatMap { element(name, of: $0) } }
    }
}

extension Sandbox {
    /// The doubles of Azure DevOps, Bitbucket and Jenkins.
    public var others: SandboxOthers { SandboxOthers(sandbox: self) }
}
