// From the request to the configuration: find the file, read it within bounds, and report the first mistake with its line.
public import OutlastModel

/// Loads the configuration. Every failure is a configuration error (78) that names the file and the fix.
public struct ConfigurationLoader: Sendable {
    private let renewals: [SettingsSchema]
    private let targets: [SettingsSchema]
    private let forges: [String]
    private let files: any FileSystem

    /// Takes what can stand in a file: the renewal methods, the publish targets and the names of the forges.
    public init(
        renewals: [SettingsSchema], targets: [SettingsSchema], forges: [String], files: any FileSystem
    ) {
        self.renewals = renewals
        self.targets = targets
        self.forges = forges
        self.files = files
    }

    /// The configuration; the defaults when there is no file.
    ///
    /// - Throws: `Failure` `configuration` (78): `FILE:LINE: what is wrong with which key`, with the fix as its hint.
    public func load(_ request: ConfigurationRequest) throws(Failure) -> Configuration {
        do {
            guard let hit = try ConfigurationFinder(files: files).find(request) else { return Configuration() }
            let bytes = try files.read(hit.path, limit: YAMLDocument.longest + 1)
            return try parse(
                bytes, path: hit.path, trust: hit.isFound ? .found(ciAPI: request.ciAPI) : .named,
                allowInsecureHTTP: request.allowInsecureHTTP)
        } catch {
            throw error.code == .configuration ? error : .configuration(error.message, hint: error.hint)
        }
    }

    /// Reads the bytes of a file. `path` is for messages.
    func parse(
        _ bytes: [UInt8], path: String, trust: Trust, allowInsecureHTTP: Bool
    ) throws(Failure) -> Configuration {
        let findings = Findings()
        let reader = ConfigurationReader(
            credentials: CredentialReader(
                renewals: renewals, targets: targets, forges: forges, trust: trust, path: path,
                allowInsecureHTTP: allowInsecureHTTP),
            trust: trust, findings: findings)
        let root: YAMLValue
        do throws(Finding) {
            root = try YAMLDocument.parse(bytes)
        } catch {
            throw error.failure(in: path)
        }
        let configuration = reader.read(root, path: path)
        if let failure = findings.failure(in: path) { throw failure }
        return configuration
    }
}
