// What decides which file is read, and how far it is believed. A value: the environment is read by the caller.
public import OutlastModel

/// Where to look for the configuration.
public struct ConfigurationRequest: Sendable {
    /// A file that the operator named.
    public struct Named: Hashable, Sendable {
        /// Its path, absolute or from the working folder.
        public let path: String
        /// How it was named: `--config` or `OUTLAST_CONFIG`.
        public let by: String

        /// Makes a name.
        public init(path: String, by: String) {
            self.path = path
            self.by = by
        }
    }

    /// The file that the operator named; it must be there.
    public var named: Named?
    /// The working folder's absolute path.
    public var workingFolder: String
    /// The user's own configuration folder (`$XDG_CONFIG_HOME`, else `~/.config`); nil when neither is known.
    public var configurationFolder: String?
    /// The folder that the CI checked the repository out to: files in it are found, not named.
    public var workspace: String?
    /// The interface of the CI's own server, the only one that a found file may name.
    public var ciAPI: ServerURL?
    /// Whether `http` addresses of other hosts than loopback are taken (`--allow-insecure-http`).
    public var allowInsecureHTTP: Bool

    /// Makes a request.
    public init(
        named: Named? = nil, workingFolder: String, configurationFolder: String? = nil, workspace: String? = nil,
        ciAPI: ServerURL? = nil, allowInsecureHTTP: Bool = false
    ) {
        self.named = named
        self.workingFolder = workingFolder
        self.configurationFolder = configurationFolder
        self.workspace = workspace
        self.ciAPI = ciAPI
        self.allowInsecureHTTP = allowInsecureHTTP
    }

    /// The request of a process: the flag wins over `OUTLAST_CONFIG`; a relative `XDG_CONFIG_HOME` does not count.
    public init(
        flag: String?, variables: Variables, workingFolder: String, job: JobContext?, allowInsecureHTTP: Bool
    ) {
        let variable = variables["OUTLAST_CONFIG"].map { Named(path: $0, by: "OUTLAST_CONFIG") }
        let own = variables["XDG_CONFIG_HOME"].flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil }
        self.init(
            named: flag.map { Named(path: $0, by: "--config") } ?? variable, workingFolder: workingFolder,
            configurationFolder: own ?? variables["HOME"].map { $0 + "/.config" }, workspace: job?.workspace,
            ciAPI: job?.apiURL.flatMap { ServerURL($0) }, allowInsecureHTTP: allowInsecureHTTP)
    }
}
