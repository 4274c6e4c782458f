// What a repository gets that begins with outlast: a configuration in two parts, and the template of its CI.

/// What is known of a repository when it begins.
public struct StarterFacts: Sendable {
    /// The forge's name, such as `generic`.
    public var forge: String
    /// Where the repository is hosted; nil when no remote tells.
    public var host: String?
    /// The repository's path at its forge; nil when no remote tells.
    public var project: String?
    /// Whether the host keys of that host are known, so that nobody has to pin them.
    public var knowsHostKeys: Bool

    /// Collects them.
    public init(forge: String, host: String?, project: String?, knowsHostKeys: Bool = false) {
        self.knowsHostKeys = knowsHostKeys
        self.forge = forge
        self.host = host
        self.project = project
    }
}

extension StarterFacts {
    /// A host without its port.
    public static func bare(_ host: String) -> String { String(host.prefix { $0 != ":" }) }
}

/// A file to write.
public struct StarterFile: Hashable, Sendable {
    /// Its path from the repository's root, without `..`.
    public let path: String
    /// What it is for, in one line.
    public let purpose: String
    /// Its text, ending with a newline.
    public let text: String
    /// Permission bits.
    public let permissions: UInt32

    /// Makes a file.
    public init(_ path: String, _ purpose: String, text: String, permissions: UInt32 = 0o644) {
        self.path = path
        self.purpose = purpose
        self.text = text
        self.permissions = permissions
    }
}

/// What a CI begins with. Implementations live in `OutlastPipelines`; all of it is pure.
public protocol Starter: Sendable {
    /// The CI's name, as its `Pipeline` has it.
    var id: String { get }
    /// Files and folders of a repository's root that only this CI's users have.
    var marks: [String] { get }
    /// The files to write.
    func files(_ facts: StarterFacts) -> [StarterFile]
    /// What is left for a person to do, in order; each may have several lines.
    func next(_ facts: StarterFacts) -> [String]
}

/// All starters.
public struct StarterKit: Sendable {
    /// The starters, in the order in which their marks are looked for.
    public let starters: [any Starter]
    /// The forge that a host name tells by itself; nil for the others.
    public let forgeOfHost: @Sendable (String) -> String?

    /// Makes a kit.
    public init(starters: [any Starter], forgeOfHost: @escaping @Sendable (String) -> String?) {
        self.starters = starters
        self.forgeOfHost = forgeOfHost
    }
}
