// Azure DevOps, as far as a token's life can be read off: alive is JSON, dead is 401, a sign-in page with 203, or
// a redirect to one.

extension World {
    static let azureRoutes: [Route] = [
        .get("azure/:org/_apis/connectionData", "azure.connection") { $0.azureAnswer($1, "azure.connection") },
        .get("azure/:org/_apis/projects", "azure.projects") { $0.azureAnswer($1, "azure.projects") },
        .get("azure/:org/:project/_apis/git/repositories", "azure.repositories") {
            $0.azureAnswer($1, "azure.projects")
        },
        .get("azure/:org/_signin", "azure.signIn") { world, _ in .fact("azure.signInPage") },
    ]

    private func azureAnswer(_ call: Call, _ fact: String) -> Answer {
        let secret = call.basic?.password ?? call.bearer ?? ""
        guard OtherState.isAlive(others.azureTokens[secret], now) else {
            switch others.azureRefusal {
            case .unauthorized: return .fact("azure.unauthorized")
            case .signInPage: return .fact("azure.signInPage")
            case .redirect:
                return .fact(
                    "azure.redirect", ["location": .string("\(call.origin)/azure/\(call.capture("org"))/_signin")])
            }
        }
        return .fact(fact)
    }

    static let bitbucketRoutes: [Route] = [
        .get("bitbucket/2.0/user", "bitbucket.user") { try $0.bitbucketAnswer($1, "bitbucket.user") },
        .get("bitbucket/2.0/repositories/:ws", "bitbucket.repositories") {
            try $0.bitbucketAnswer($1, "bitbucket.repositories")
        },
        .get("bitbucket/2.0/repositories/:ws/:slug", "bitbucket.repository") {
            try $0.bitbucketAnswer($1, "bitbucket.repository")
        },
    ]

    private func bitbucketAnswer(_ call: Call, _ fact: String) throws -> Answer {
        let secret = call.bearer ?? call.basic?.password ?? ""
        guard OtherState.isAlive(others.bitbucketTokens[secret], now) else { throw Refusal("bitbucket.unauthorized") }
        return .fact(fact, ["name": .string("\(call.capture("ws"))/\(call.capture("slug"))")])
    }
}
