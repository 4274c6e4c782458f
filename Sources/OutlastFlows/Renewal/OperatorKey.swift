// The operator's key: where it may come from, and what shape it has (contract, section 2).

public import OutlastModel

/// The key-encryption key, as the operator gave it.
public enum OperatorKey: Sendable {
    /// 32 bytes.
    case key(Secret)
    /// Words that scrypt turns into a key.
    case passphrase(Secret)

    /// The variables that may name a key, as `prefix` + `_FILE` and so on.
    public enum Role: String, Sendable {
        case current = "OUTLAST_"
        case successor = "OUTLAST_NEW_"
    }

    /// Reads the key that the environment names; nil when it names none.
    ///
    /// - Throws: `configuration` (78) when two are named, or the value has no shape of a key; `cacheLocked` (41) when its
    ///   file or command fails.
    public static func read(_ role: Role, in world: World) async throws(Failure) -> OperatorKey? {
        let names = ["KEY", "KEY_FILE", "KEY_COMMAND", "PASSPHRASE"].map { role.rawValue + $0 }
        let given = names.filter { world.variables[$0] != nil }
        guard given.count <= 1 else {
            throw .configuration("two keys are set: \(given.joined(separator: " and "))", hint: "leave one of them")
        }
        guard let name = given.first, let value = world.variables[name] else { return nil }
        switch name.dropFirst(role.rawValue.count) {
        case "KEY": return .key(try parse(Secret(value), name))
        case "KEY_FILE": return .key(try parse(try readFile(value, name, world), name))
        case "KEY_COMMAND": return .key(try await ask(value, name, world))
        default: return .passphrase(Secret(value))
        }
    }

    private static func readFile(_ path: String, _ name: String, _ world: World) throws(Failure) -> Secret {
        do throws(Failure) { return Secret(bytes: try world.files.read(path, limit: 4096)) } catch {
            throw Failure(.cacheLocked, "the key file of \(name) cannot be used: \(error.message)", hint: error.hint)
        }
    }

    private static func ask(_ command: String, _ name: String, _ world: World) async throws(Failure) -> Secret {
        let words = command.split(separator: " ").map(String.init)
        let answer: ProcessAnswer
        do throws(Failure) {
            answer = try await world.processes.ask(ProcessQuestion(words, environment: world.variables.all))
        } catch { throw Failure(.cacheLocked, "the command of \(name) failed: \(error.message)") }
        guard answer.code == 0 else {
            throw Failure(
                .cacheLocked, "the command of \(name) ended with \(answer.code): \(SafeText.line(answer.errors))")
        }
        return try parse(answer.output, name)
    }

    /// 32 bytes from 64 hex digits or from base64 (standard or URL alphabet), white space around them dropped.
    static func parse(_ text: Secret, _ name: String) throws(Failure) -> Secret {
        let trimmed = text.withBytes { Secret.token(trimming: $0) }
        let forms = [Base64Text.standard, .unpadded, .url, .urlPadded]
        let key = trimmed.flatMap { text in hex(text) ?? forms.lazy.compactMap { $0.decode(text) }.first }
        guard let key, key.count == 32 else {
            throw .configuration(
                "\(name) is not a key: 32 bytes as base64 or 64 hex digits are expected",
                hint: "`outlast key generate` makes one")
        }
        return key
    }

    private static func hex(_ text: Secret) -> Secret? {
        guard text.count == 64 else { return nil }
        let bytes = SecretBuilder(capacity: 32)
        let isHex = text.withBytes { digits in
            for index in stride(from: 0, to: 64, by: 2) {
                guard let high = Character(Unicode.Scalar(digits[index])).hexDigitValue,
                    let low = Character(Unicode.Scalar(digits[index + 1])).hexDigitValue
                else { return false }
                bytes.append(UInt8(high << 4 | low))
            }
            return true
        }
        return isHex ? bytes.finish() : nil
    }
}
