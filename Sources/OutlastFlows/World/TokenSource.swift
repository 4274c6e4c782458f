// Turns the place that a token is kept in into the token. Messages name the place, never its content.

public import OutlastModel

/// Reads secrets from where the command line or the configuration says.
public struct TokenReader: Sendable {
    /// The most bytes that a token may have.
    public static let largest = 65_536

    /// Who named the place: mistakes of the command line are 64, of the configuration 78.
    public enum Origin: Hashable, Sendable {
        case commandLine
        /// With `FILE:LINE`, where that is known.
        case configuration(place: String?)

        /// What a message begins with.
        var prefix: String { if case .configuration(let place?) = self { "\(place): " } else { "" } }
    }

    private let world: World
    private let options: (variable: String, file: String)

    /// Reads through these ports.
    ///
    /// - Parameter options: the options by which the command line names a variable and a file, for messages.
    public init(_ world: World, options: (variable: String, file: String) = ("--token-env", "--token-file")) {
        self.world = world
        self.options = options
    }

    /// The secret, with surrounding white space dropped.
    ///
    /// - Throws: `usage` or `configuration` (by `origin`) when the place is missing, empty, too large or holds a byte that
    ///   no token has.
    public func read(_ source: SecretSource, for name: String, origin: Origin) async throws(Failure) -> Secret {
        let bytes = try await readWhole(source, for: name, origin: origin)
        return try token(in: bytes, source, for: name, origin: origin)
    }

    /// All bytes of the source, for keys, whose lines and blanks mean something.
    ///
    /// - Throws: as `read`, but for what is inside.
    public func readWhole(_ source: SecretSource, for name: String, origin: Origin) async throws(Failure) -> Secret {
        let code: ExitCode = origin == .commandLine ? .usage : .configuration
        let bytes: Secret
        switch source {
        case .env(let variable):
            guard let value = world.variables.all[variable] else {
                throw Failure(
                    code, "\(origin.prefix)\(label(source, origin)) for \(name) is not set",
                    hint: "set it, or name another source")
            }
            bytes = Secret(value)
        case .file(let path): bytes = try file(path, name, code, origin)
        case .stdin: bytes = Secret(bytes: try world.readInput())
        case .command(let words): bytes = try await command(words, name, code, origin)
        }
        guard bytes.count <= Self.largest else {
            throw Failure(
                code,
                "\(origin.prefix)\(label(source, origin)) for \(name) holds more than \(Self.largest) bytes: no token is so long"
            )
        }
        return bytes
    }

    private func token(
        in bytes: Secret, _ source: SecretSource, for name: String, origin: Origin
    ) throws(Failure) -> Secret {
        let code: ExitCode = origin == .commandLine ? .usage : .configuration
        guard let token = bytes.withBytes({ Secret.token(trimming: $0) }) else {
            throw Failure(
                code, "\(origin.prefix)\(label(source, origin)) for \(name) is empty",
                hint: "fill it, or name another source")
        }
        guard token.isPrintableToken else {
            throw Failure(
                code,
                "\(origin.prefix)\(label(source, origin)) for \(name) holds a blank, control or non-ASCII character inside",
                hint: "give the bare token, without a name or quotes around it")
        }
        return token
    }

    private func file(_ path: String, _ name: String, _ code: ExitCode, _ origin: Origin) throws(Failure) -> Secret {
        do throws(Failure) {
            return Secret(bytes: try world.files.read(path, limit: Self.largest + 1))
        } catch {
            let place = label(.file(path), origin)
            // What was given on the command line may be a token by mistake: only what is certainly a path is repeated.
            let isShown = origin != .commandLine || Self.isPlainPath(path)
            throw Failure(
                code,
                isShown
                    ? "\(origin.prefix)\(place) for \(name): \(error.message)" : "\(place) for \(name) cannot be read",
                hint: "check that it exists and may be read")
        }
    }

    private func command(_ words: [String], _ name: String, _ code: ExitCode, _ origin: Origin) async throws(Failure)
        -> Secret
    {
        let program = SafeText.line(words.first ?? "")
        let answer: ProcessAnswer
        do throws(Failure) {
            answer = try await world.processes.ask(ProcessQuestion(words, environment: world.variables.all))
        } catch {
            throw Failure(code, "\(origin.prefix)the token command \(program) of \(name) failed: \(error.message)")
        }
        guard answer.code == 0 else {
            throw Failure(
                code,
                "\(origin.prefix)the token command \(program) of \(name) ended with \(answer.code)\(answer.said)"
            )
        }
        return answer.output
    }

    private func label(_ source: SecretSource, _ origin: Origin) -> String {
        guard origin == .commandLine else { return "the " + source.label }
        switch source {
        case .env(let name) where Self.isPlainVariable(name): return "the environment variable \(name)"
        case .env: return "the environment variable named by \(options.variable)"
        case .file(let path) where Self.isPlainPath(path):
            return "the file \(SafeText.line(path)) named by \(options.file)"
        case .file: return "the file named by \(options.file)"
        case .command: return "the command"
        case .stdin: return "stdin"
        }
    }

    /// Whether a name is certainly that of a variable: capitals, digits and underscores. Anything else may be a token that
    /// a shell put in the name's place.
    public static func isPlainVariable(_ name: String) -> Bool {
        name.utf8.count <= 64
            && name.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
    }
}

extension TokenReader {
    /// Whether a path is certainly one: from the root or the working folder on, by short names. Anything else may be a token
    /// that a shell put in its place.
    static func isPlainPath(_ path: String) -> Bool {
        guard ["/", "./", "../"].contains(where: path.hasPrefix), path.utf8.count <= 256 else { return false }
        return path.split(separator: "/").allSatisfy { name in
            name.utf8.count < 20
                && name.utf8.allSatisfy { byte in
                    (97...122).contains(byte | 32) || (48...57).contains(byte) || "._-".utf8.contains(byte)
                }
        }
    }

    /// The token of a credential.
    ///
    /// - Throws: `configuration` (78) for one that has none, and as `read(_:for:origin:)`.
    func read(_ credential: CredentialRequest) async throws(Failure) -> Secret {
        guard let source = credential.source else {
            throw .configuration("credential \(credential.name) has no `token`", hint: "add `token: {env: NAME}` to it")
        }
        return try await read(source, for: credential.name, origin: credential.origin)
    }
}
