// What a renewal method or a publish target is given in a test, with doubles that trap where a test has said nothing.
public import OutlastModel
import Synchronization
import Testing

/// One credential's renewal, set up.
public struct RenewalScene: Sendable {
    /// The method's settings.
    public var settings: Settings
    /// Secrets by setting.
    public var secrets: [String: Secret]
    /// The forge's API.
    public var api: ServerURL?
    /// The managing credential's API.
    public var managingAPI: ServerURL?
    /// Bound on the renewal.
    public var timeout: Duration
    /// Time.
    public var clock: any WallClock
    /// Programs.
    public var processes: any ProcessRunner
    /// Signing.
    public var cryptography: any Cryptography

    /// A scene at 2026-11-20T22:10:00Z.
    public init(
        settings: Settings = Settings(), secrets: [String: Secret] = [:], api: ServerURL? = nil,
        managingAPI: ServerURL? = nil, timeout: Duration = .seconds(60),
        clock: any WallClock = FixedClock("2026-11-20T22:10:00Z"),
        processes: any ProcessRunner = ScriptedProcesses(), cryptography: any Cryptography = PlainCryptography()
    ) {
        self.settings = settings
        self.secrets = secrets
        self.api = api
        self.managingAPI = managingAPI
        self.timeout = timeout
        self.clock = clock
        self.processes = processes
        self.cryptography = cryptography
    }

    /// The context over a transport.
    public func context(_ transport: any HTTPTransport) -> RenewalContext {
        RenewalContext(
            credential: "release", api: api, settings: settings, secrets: secrets, managingAPI: managingAPI,
            timeout: timeout, transport: transport, clock: clock, processes: processes, cryptography: cryptography,
            variables: Variables(["PATH": "/usr/bin:/bin"]))
    }
}

/// One publish target, set up.
public struct PublishScene: Sendable {
    /// The target's settings.
    public var settings: Settings
    /// The token that may write.
    public var writer: Secret?
    /// Its API.
    public var api: ServerURL?
    /// Time.
    public var clock: any WallClock
    /// Programs.
    public var processes: any ProcessRunner
    /// Sealed boxes.
    public var cryptography: any Cryptography
    /// Files.
    public var files: any FileSystem

    /// A scene at 2026-11-20T22:10:00Z.
    public init(
        settings: Settings, writer: Secret? = nil, api: ServerURL? = nil,
        clock: any WallClock = FixedClock("2026-11-20T22:10:00Z"),
        processes: any ProcessRunner = ScriptedProcesses(), cryptography: any Cryptography = PlainCryptography(),
        files: any FileSystem
    ) {
        self.settings = settings
        self.writer = writer
        self.api = api
        self.clock = clock
        self.processes = processes
        self.cryptography = cryptography
        self.files = files
    }

    /// The context over a transport.
    public func context(_ transport: any HTTPTransport) -> PublishContext {
        PublishContext(
            credential: "release", settings: settings, writer: writer, api: api, timeout: .seconds(10),
            transport: transport, clock: clock, processes: processes, cryptography: cryptography, files: files,
            variables: Variables(["PATH": "/usr/bin:/bin"]))
    }
}

/// Programs by a function; without one every question fails the test.
public final class ScriptedProcesses: ProcessRunner {
    private let answer: (@Sendable (ProcessQuestion) -> Result<ProcessAnswer, Failure>)?
    private let asked = Mutex<[ProcessQuestion]>([])

    /// Answers by a function.
    public init(_ answer: (@Sendable (ProcessQuestion) -> Result<ProcessAnswer, Failure>)? = nil) {
        self.answer = answer
    }

    /// What was asked so far.
    public var questions: [ProcessQuestion] { asked.withLock { $0 } }

    /// Plays.
    public func ask(_ question: ProcessQuestion) async throws(Failure) -> ProcessAnswer {
        asked.withLock { $0.append(question) }
        guard let answer else {
            Issue.record("unscripted program: \(question.command)")
            throw Failure(.unexpected, "unscripted program")
        }
        return try answer(question).get()
    }
}

/// Cryptography that keeps no secret: what is to be signed or boxed comes out with a mark before it.
public struct PlainCryptography: Cryptography {
    /// Makes it.
    public init() {}

    /// Zeros.
    public func randomKey(count: Int) throws(Failure) -> Secret { Secret(bytes: [UInt8](repeating: 0, count: count)) }
    /// The plaintext.
    public func seal(_ plaintext: Secret, key: Secret, associated: [UInt8]) throws(Failure) -> [UInt8] {
        plaintext.withBytes { Array($0) }
    }
    /// The same.
    public func open(_ sealed: [UInt8], key: Secret, associated: [UInt8]) throws(Failure) -> Secret {
        Secret(bytes: sealed)
    }
    /// Zeros.
    public func derive(from material: Secret, salt: Secret, info: [UInt8], count: Int) throws(Failure) -> Secret {
        try randomKey(count: count)
    }
    /// A digest.
    public func authenticate(_ message: [UInt8], key: Secret) throws(Failure) -> [UInt8] {
        SHA256Digest(hashing: message).bytes
    }
    /// Zeros.
    public func scrypt(_ passphrase: Secret, salt: [UInt8], cost: ScryptCost) throws(Failure) -> Secret {
        try randomKey(count: 32)
    }
    /// A digest.
    public func signRS256(_ message: [UInt8], pem: Secret) throws(Failure) -> [UInt8] {
        SHA256Digest(hashing: message).bytes
    }
    /// The message, backwards.
    public func sealedBox(_ message: Secret, for publicKey: [UInt8]) throws(Failure) -> [UInt8] {
        message.withBytes { $0.reversed() }
    }
    /// None.
    public func makeSSHKey(comment: String) throws(Failure) -> SSHKeyPair {
        throw Failure(.unexpected, "no keys are made in this test")
    }
}
