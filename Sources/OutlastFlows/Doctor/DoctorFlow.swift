// `doctor`: looks at everything that a renewal, a helper or a fallback will need one night, and changes nothing.

public import OutlastModel

/// Examines.
public struct DoctorFlow: Sendable {
    private let world: World
    private let git: any GitInterface

    /// Runs through these ports.
    public init(_ world: World, git: any GitInterface) {
        self.world = world
        self.git = git
    }

    /// All checks in the order in which a person would look: settings, state, key, network, credentials, programs.
    public func run(_ request: DoctorRequest) async -> [HealthCheck] {
        var checks = SettingsChecks(world, request).run()
        let (opened, state) = StateChecks(world, request).run()
        checks += state
        checks += await KeyChecks(world, request, store: opened).run()
        let credentials = CredentialChecks(world, request, store: opened)
        checks += await ServerChecks(world, request).run()
        for patient in request.patients { checks += await credentials.run(patient) }
        checks += await ClaimChecks(world).run(request.patients.map(\.credential))
        checks += await ProgramChecks(world, request, git: git).run()
        let fallback = FallbackChecks(world, isOffline: request.isOffline)
        for patient in request.patients { checks += await fallback.run(patient.credential) }
        return checks
    }
}
