// What `doctor` looks at.

public import OutlastModel

/// A credential with what its checks need.
public struct DoctorPatient: Sendable {
    /// The credential as it was configured.
    public var credential: CredentialConfiguration
    /// Its token; nil for one that only a renewal makes.
    public var request: CredentialRequest?
    /// Its renewal, or why there can be none; nil where none is configured.
    public var renewal: Result<RenewalRequest, Failure>?

    /// Makes a patient.
    public init(
        credential: CredentialConfiguration, request: CredentialRequest? = nil,
        renewal: Result<RenewalRequest, Failure>? = nil
    ) {
        self.credential = credential
        self.request = request
        self.renewal = renewal
    }
}

/// An examination.
public struct DoctorRequest: Sendable {
    /// The configuration, or why it cannot be used.
    public var configuration: Result<Configuration, Failure>
    /// Whether that file lies in the folder that the CI checked out.
    public var isConfigurationInWorkspace: Bool
    /// `OUTLAST_MODE`, when it is not `enforce`.
    public var mode: String?
    /// The credentials.
    public var patients: [DoctorPatient]
    /// Whether the network is left alone.
    public var isOffline: Bool
    /// Bound on each request.
    public var timeout: Duration

    /// Makes a request.
    public init(
        configuration: Result<Configuration, Failure>, isConfigurationInWorkspace: Bool = false, mode: String? = nil,
        patients: [DoctorPatient] = [], isOffline: Bool = false, timeout: Duration = .seconds(10)
    ) {
        self.configuration = configuration
        self.isConfigurationInWorkspace = isConfigurationInWorkspace
        self.mode = mode
        self.patients = patients
        self.isOffline = isOffline
        self.timeout = timeout
    }
}
