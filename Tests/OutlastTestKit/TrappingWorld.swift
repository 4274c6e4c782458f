// A world in which every port that a test did not hand in fails the test by name.

public import OutlastFlows
public import OutlastModel
internal import Testing

/// Ports that nobody expects to be used.
public struct TrappingPort: HTTPTransport, FileSystem, ProcessRunner, Cryptography, Diagnostician {
    /// Makes a trap.
    public init() {}

    private func trap(_ what: String) -> Failure {
        Issue.record("nobody expected this: \(what)")
        return Failure(.unexpected, "nobody expected this: \(what)")
    }

    /// As much as the program looks at.
    public var window: Int { 65_536 }
    /// Fails the test.
    public func diagnose(_ stderr: [UInt8]) -> Diagnosis {
        Diagnosis(class: .unknown, confidence: .low, line: nil, advice: trap("a diagnosis").message)
    }
    /// Fails the test.
    public func readTail(_ path: String, count: Int) throws(Failure) -> [UInt8] { throw trap("reading \(path)") }
    /// Fails the test.
    public func send(_ request: HTTPRequest) async throws(Failure) -> HTTPResponse {
        throw trap("\(request.method) \(request.url.text)")
    }
    /// Fails the test.
    public func ask(_ question: ProcessQuestion) async throws(Failure) -> ProcessAnswer {
        throw trap("running \(question.command.first ?? "nothing")")
    }
    /// Fails the test.
    public func status(of path: String) throws(Failure) -> FileStatus? { throw trap("a look at \(path)") }
    /// Fails the test.
    public func statusFollowingLinks(of path: String) throws(Failure) -> FileStatus? { throw trap("a look at \(path)") }
    /// Nobody.
    public func effectiveUser() -> UInt32 { 0 }
    /// Fails the test.
    public func makeFolder(_ path: String, permissions: UInt32) throws(Failure) { throw trap("the folder \(path)") }
    /// Fails the test.
    public func setPermissions(of path: String, to permissions: UInt32) throws(Failure) {
        throw trap("permissions of \(path)")
    }
    /// Fails the test.
    public func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] { throw trap("reading \(path)") }
    /// Fails the test.
    public func writeAtomically(_ path: String, _ bytes: [UInt8], permissions: UInt32) throws(Failure) {
        throw trap("writing \(path)")
    }
    /// Fails the test.
    public func append(_ path: String, _ bytes: [UInt8]) throws(Failure) { throw trap("appending to \(path)") }
    /// Fails the test.
    public func createExclusively(_ path: String, permissions: UInt32) throws(Failure) -> Bool {
        throw trap("making \(path)")
    }
    /// Fails the test.
    public func remove(_ path: String) throws(Failure) { throw trap("removing \(path)") }
    /// Fails the test.
    public func names(in folder: String) throws(Failure) -> [String] { throw trap("a list of \(folder)") }
    /// Fails the test.
    public func nature(of path: String) throws(Failure) -> FileSystemNature { throw trap("the nature of \(path)") }
    /// Fails the test.
    public func randomKey(count: Int) throws(Failure) -> Secret { throw trap("a key") }
    /// Fails the test.
    public func seal(_ plaintext: Secret, key: Secret, associated: [UInt8]) throws(Failure) -> [UInt8] {
        throw trap("sealing")
    }
    /// Fails the test.
    public func open(_ sealed: [UInt8], key: Secret, associated: [UInt8]) throws(Failure) -> Secret {
        throw trap("opening")
    }
    /// Fails the test.
    public func derive(from material: Secret, salt: Secret, info: [UInt8], count: Int) throws(Failure) -> Secret {
        throw trap("deriving")
    }
    /// Fails the test.
    public func authenticate(_ message: [UInt8], key: Secret) throws(Failure) -> [UInt8] { throw trap("an HMAC") }
    /// Fails the test.
    public func scrypt(_ passphrase: Secret, salt: [UInt8], cost: ScryptCost) throws(Failure) -> Secret {
        throw trap("scrypt")
    }
    /// Fails the test.
    public func signRS256(_ message: [UInt8], pem: Secret) throws(Failure) -> [UInt8] { throw trap("a signature") }
    /// Fails the test.
    public func sealedBox(_ message: Secret, for publicKey: [UInt8]) throws(Failure) -> [UInt8] {
        throw trap("a sealed box")
    }
    /// Fails the test.
    public func makeSSHKey(comment: String) throws(Failure) -> SSHKeyPair { throw trap("an SSH key") }
}

extension World {
    /// A world of traps around what a test hands in.
    public static func trapping(
        clock: any WallClock, variables: [String: String] = [:], forges: [any Forge] = [],
        pipeline: (any Pipeline)? = nil, transport: any HTTPTransport = TrappingPort(),
        files: any FileSystem = TrappingPort(), processes: any ProcessRunner = TrappingPort(),
        store: Result<any HistoryStore, Failure>, input: [UInt8]? = nil,
        diagnostician: any Diagnostician = TrappingPort(),
        pipelines: [any Pipeline] = [], processTable: (any ProcessTable)? = nil
    ) -> World {
        World(
            clock: clock, transport: transport, files: files, processes: processes, forges: forges, pipeline: pipeline,
            variables: Variables(variables), methods: [], targets: [], cryptography: TrappingPort(),
            leases: NotedLeases(), stopSignal: { nil }, openStore: { _ in store },
            readInput: { () throws(Failure) in
                guard let input else { throw Failure(.unexpected, "nobody expected stdin to be read") }
                return input
            }, random: { [UInt8](repeating: 7, count: $0) }, diagnostician: diagnostician,
            readInputTail: { count throws(Failure) in
                guard let input else { throw Failure(.unexpected, "nobody expected stdin to be read") }
                return input.suffix(count)
            }, pipelines: pipelines, processTable: processTable)
    }
}
