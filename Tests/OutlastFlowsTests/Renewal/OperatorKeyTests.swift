// Where the operator's key may come from, and what shape it has (contract, section 2).

import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite struct OperatorKeyTests {
    private static let bytes = [UInt8](0..<32)
    private static let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    private static let base64 = Base64Text.standard.encode(bytes)

    private func world(_ variables: [String: String], files: KeyPlaces = KeyPlaces()) -> World {
        .trapping(
            clock: FixedClock("2026-11-20T00:00:00Z"), variables: variables, files: files, processes: files,
            store: .failure(.state("no store")))
    }

    private func read(
        _ variables: [String: String], _ role: OperatorKey.Role = .current, files: KeyPlaces = KeyPlaces()
    ) async throws -> [UInt8]? {
        switch try await OperatorKey.read(role, in: world(variables, files: files)) {
        case .key(let key): key.withBytes { Array($0) }
        case .passphrase: nil
        case nil: nil
        }
    }

    private func failure(_ variables: [String: String], files: KeyPlaces = KeyPlaces()) async throws -> Failure {
        try #require(
            await #expect(throws: Failure.self) {
                _ = try await OperatorKey.read(.current, in: world(variables, files: files))
            })
    }

    @Test func nothingSetIsNoKey() async throws {
        for variables in [[:], ["OUTLAST_KEY": ""], ["OUTLAST_NEW_KEY": Self.base64]] {
            #expect(try await OperatorKey.read(.current, in: world(variables)) == nil)
        }
    }

    @Test(arguments: [
        hex, hex.uppercased(), base64, " \(base64)\n", Base64Text.unpadded.encode(bytes),
        Base64Text.url.encode(bytes), Base64Text.urlPadded.encode(bytes),
    ])
    func aKeyIs32BytesInHexOrBase64(_ text: String) async throws {
        #expect(try await read(["OUTLAST_KEY": text]) == Self.bytes)
        #expect(try await read(["OUTLAST_NEW_KEY": text], .successor) == Self.bytes)
        let files = KeyPlaces(file: text + "\n", answer: text + "\n")
        #expect(try await read(["OUTLAST_KEY_FILE": "/key"], files: files) == Self.bytes)
        #expect(try await read(["OUTLAST_KEY_COMMAND": "vault read  key"], files: files) == Self.bytes)
    }

    @Test(arguments: [
        "canary", String(hex.dropLast()), hex + "00", String(base64.dropLast(4)), base64 + base64,
        "g" + String(hex.dropFirst()), "é" + String(hex.dropFirst(2)),
    ])
    func whatHasNoShapeOfAKeyIsAMistakeOfTheConfiguration(_ text: String) async throws {
        let files = KeyPlaces(file: text, answer: text)
        for (name, value) in [
            ("OUTLAST_KEY", text), ("OUTLAST_KEY_FILE", "/key"), ("OUTLAST_KEY_COMMAND", "vault read  key"),
        ] {
            let refusal = try await failure([name: value], files: files)
            #expect(refusal.code == .configuration && refusal.message.contains(name))
            #expect(refusal.hint?.contains("outlast key generate") == true)
            #expect(!refusal.description.contains(text))
        }
    }

    @Test func aPassphraseIsTakenAsItIs() async throws {
        let key = try await OperatorKey.read(.current, in: world(["OUTLAST_PASSPHRASE": " two words "]))
        guard case .passphrase(let words) = key else {
            Issue.record("not a passphrase")
            return
        }
        #expect(words.reveal() == " two words ")
    }

    @Test func twoKeysAreAMistakeThatNamesThem() async throws {
        let names = ["OUTLAST_KEY", "OUTLAST_KEY_FILE", "OUTLAST_KEY_COMMAND", "OUTLAST_PASSPHRASE"]
        for (number, first) in names.enumerated() {
            for second in names[(number + 1)...] {
                let refusal = try await failure([first: "a", second: "b"])
                #expect(refusal.code == .configuration)
                #expect(refusal.message.contains("\(first) and \(second)"))
            }
        }
        #expect(try await read(["OUTLAST_KEY": Self.hex, "OUTLAST_NEW_PASSPHRASE": "x"]) == Self.bytes)
    }

    @Test func aPlaceThatGivesNoKeyLocksTheCache() async throws {
        #expect(try await failure(["OUTLAST_KEY_FILE": "/missing"]).code == .cacheLocked)
        let broken = KeyPlaces(answer: Self.hex, errors: "vault: sealed\u{1B}[2J", code: 2)
        let refusal = try await failure(["OUTLAST_KEY_COMMAND": "vault read  key"], files: broken)
        #expect(refusal.code == .cacheLocked)
        #expect(refusal.message.contains("ended with 2: vault: sealed") && !refusal.message.contains("\u{1B}"))
        let silent = KeyPlaces(answer: Self.hex, errors: "\n", code: 1)
        let untold = try await failure(["OUTLAST_KEY_COMMAND": "vault read  key"], files: silent)
        #expect(untold.message.hasSuffix("ended with 1 and said nothing on stderr"), "\(untold.message)")
        #expect(try await failure(["OUTLAST_KEY_COMMAND": "unknown"]).code == .cacheLocked)
    }
}

/// One file, `/key`, and one program, `vault read key`; whatever else is asked is a failure.
struct KeyPlaces: FileSystem, ProcessRunner {
    var file: String?
    var answer: String?
    var errors = ""
    var code: Int32 = 0

    private static let refusal = Failure(.unexpected, "nobody may ask that")

    func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        guard path == "/key", let file, file.utf8.count <= limit else { throw Self.refusal }
        return Array(file.utf8)
    }

    func ask(_ question: ProcessQuestion) async throws(Failure) -> ProcessAnswer {
        guard question.command == ["vault", "read", "key"], let answer else { throw Self.refusal }
        return ProcessAnswer(code: code, output: Secret(answer), errors: errors)
    }

    func status(of path: String) throws(Failure) -> FileStatus? { throw Self.refusal }
    func statusFollowingLinks(of path: String) throws(Failure) -> FileStatus? { throw Self.refusal }
    func effectiveUser() -> UInt32 { 0 }
    func makeFolder(_ path: String, permissions: UInt32) throws(Failure) { throw Self.refusal }
    func setPermissions(of path: String, to permissions: UInt32) throws(Failure) { throw Self.refusal }
    func writeAtomically(_ path: String, _ bytes: [UInt8], permissions: UInt32) throws(Failure) { throw Self.refusal }
    func append(_ path: String, _ bytes: [UInt8]) throws(Failure) { throw Self.refusal }
    func createExclusively(_ path: String, permissions: UInt32) throws(Failure) -> Bool { throw Self.refusal }
    func remove(_ path: String) throws(Failure) { throw Self.refusal }
    func names(in folder: String) throws(Failure) -> [String] { throw Self.refusal }
    func nature(of path: String) throws(Failure) -> FileSystemNature { throw Self.refusal }
}
