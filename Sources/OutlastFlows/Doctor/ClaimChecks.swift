// Which credential answers git where several could: the order of the configuration decides, and nobody is told by git.

import OutlastModel

struct ClaimChecks: Sendable {
    private let world: World

    init(_ world: World) { self.world = world }

    func run(_ credentials: [CredentialConfiguration]) async -> [HealthCheck] {
        // One that only manages others is not meant for git: that it stands behind is as it should be.
        let managers = Set(credentials.flatMap { Self.managers(of: $0) })
        return await GitClaims(world).clashes(of: credentials).compactMap { clash in
            let (first, second) = (credentials[clash.first].name, credentials[clash.second].name)
            guard !managers.contains(second) || managers.contains(first) else { return nil }
            return HealthCheck(
                "git-credential \(second)", .warn,
                "is passed over for \(clash.pattern.text): git gets \(first), which stands before it in the configuration",
                remedy:
                    "give one of them its path in `hosts` or a `username`, or name the one for git: `outlast credential env --credential \(second)`"
            )
        }
    }

    private static func managers(of credential: CredentialConfiguration) -> [String] {
        let settings = [credential.renew?.settings].compactMap { $0 } + credential.publish.map(\.settings)
        return settings.compactMap { $0.text("with") }.filter { $0 != credential.name }
    }
}
