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
        let given = names(role, in: world)
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

    /// The variables that are set.
    static func names(_ role: Role, in world: World) -> [String] {
        ["KEY", "KEY_FILE", "KEY_COMMAND", "PASSPHRASE"].map { role.rawValue + $0 }
            .filter { world.variables[$0] != nil }
    }

    private static func readFile(_ path: String, _ name: String, _ world: World) throws(Failure) -> Secret {
        try refuseKey(path, name, "a file's path")
        do throws(Failure) { return Secret(bytes: try world.files.read(path, limit: 4096)) } catch {
            throw Failure(
                .cacheLocked, "the key file of \(name) cannot be used: \(told(error, of: path))",
                hint: error.hint ?? "check the path; no value of \(name) is shown that may be a key itself")
        }
    }

    private static func ask(_ command: String, _ name: String, _ world: World) async throws(Failure) -> Secret {
        try refuseKey(command, name, "a command")
        let words = command.split(separator: " ").map(String.init)
        let answer: ProcessAnswer
        do throws(Failure) {
            answer = try await world.processes.ask(ProcessQuestion(words, environment: world.variables.all))
        } catch {
            throw Failure(.cacheLocked, "the command of \(name) failed: \(told(error, of: words.first ?? ""))")
        }
        guard answer.code == 0 else {
            throw Failure(
                .cacheLocked, "the command of \(name) ended with \(answer.code)\(answer.said)")
        }
        return try parse(answer.output, name)
    }

    /// A key that stands where its place should be named, such as when a CI gives a file's content in place of its path.
    private static func refuseKey(_ value: String, _ name: String, _ expected: String) throws(Failure) {
        guard value.contains("\n") || (try? parse(Secret(value), name)) != nil else { return }
        let plain = name.replacing("_FILE", with: "").replacing("_COMMAND", with: "")
        throw .configuration(
            "\(name) holds a key or a text of several lines where \(expected) is expected",
            hint: "have the CI give a file's path (a variable of type File), or put the key into \(plain)")
    }

    /// What went wrong with a place. Only what is certainly the path of a file is shown again: anything else in these
    /// variables may be the key, or a part of it.
    private static func told(_ failure: Failure, of place: String) -> String {
        let isPath = place.utf8.first == UInt8(ascii: "/") && place.utf8.dropFirst().contains(UInt8(ascii: "/"))
        let shown = SafeText.line(place)
        if isPath || shown.isEmpty { return failure.message }
        guard let end = failure.message.firstRange(of: shown) else { return "it is not there, or may not be used" }
        return failure.message[..<end.lowerBound] + "it" + failure.message[end.upperBound...]
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
