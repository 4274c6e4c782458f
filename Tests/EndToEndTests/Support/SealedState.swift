// A state with sealed secrets in it, made by the program's own parts, and what is really on the disk of it.

import Foundation
import OutlastCrypto
import OutlastModel
import OutlastStorage
import OutlastSystem
import Testing

@testable import OutlastFlows

/// An operator's key with the variable that gives it.
struct GivenKey: Sendable {
    let variable: String
    let text: String

    static func key(_ byte: UInt8) -> GivenKey {
        GivenKey(
            variable: "KEY", text: Data([UInt8](repeating: byte, count: 31) + [byte ^ 0x5A]).base64EncodedString())
    }

    static func passphrase(_ words: String) -> GivenKey { GivenKey(variable: "PASSPHRASE", text: words) }

    /// As the key that the state is sealed with.
    var current: [String: String] { ["OUTLAST_\(variable)": text] }
    /// As the key to rotate to.
    var successor: [String: String] { ["OUTLAST_NEW_\(variable)": text] }

    fileprivate var asOperator: OperatorKey {
        let bytes = Data(base64Encoded: text)
        return variable == "KEY" ? .key(Secret(bytes: bytes ?? Data())) : .passphrase(Secret(text))
    }

    /// The bytes that must be found nowhere.
    var bytes: Data { variable == "KEY" ? Data(base64Encoded: text) ?? Data() : Data(text.utf8) }
}

/// A family in the state: its tokens, the last one current, and what of them is on the disk.
struct SealedFamily: Sendable {
    let id: FamilyID
    let credential: String
    let tokens: [String]
    let members: [MemberRow]
    let sealed: [SealedRow]

    /// The sealed bytes and wrapped keys of a generation.
    func marks(_ generation: Int) -> [Data] {
        members.filter { $0.generation == generation }.map { Data($0.wrappedKey) }
            + sealed.filter { $0.generation == generation }.map { Data($0.sealed) }
    }
}

extension Scene {
    private static let identity = FamilyIdentity([("forge", "gitlab"), ("method", "gitlab-rotate")])
    static let sealedAt = Instant(seconds: 1_795_132_800)

    /// Opens the default store for a while.
    func withStore<Value>(_ body: (any RenewalStore) throws -> Value) throws -> Value {
        let store = try SQLiteStore.open(
            .sqlite(path: state, sharedWithGroup: false), access: .readWrite, files: SystemFileSystem(),
            context: StoreContext(now: Self.sealedAt, directory: work))
        return try body(try #require(store.renewals))
    }

    /// Seals a family into the default store, and makes the store where there is none.
    @discardableResult
    func seal(_ credential: String, generations: Int = 2, with key: GivenKey) throws -> SealedFamily {
        try withStore { store in
            let vault = try Vault.open(store, key: key.asOperator, cryptography: OpenSSLCryptography())
                .kept(in: store)
            let tokens = (1...generations).map { secret("glpat-\(credential)-\($0)-\(UUID().uuidString)") }
            let digests = tokens.map { SHA256Digest(hashing: $0.utf8) }
            let id = FamilyID(beginningWith: digests[0], identity: Self.identity, state: store.stateID)
            let familyKey = try vault.makeFamilyKey(id)
            var change = RenewalChange(
                family: FamilyRow(
                    id: id, identity: Self.identity, credential: credential, method: "gitlab-rotate", forge: "gitlab",
                    generation: generations, fingerprint: Fingerprint(digest: digests[generations - 1]),
                    expiry: .unknown, tokenID: nil, createdAt: Self.sealedAt, seal: [1]))
            for (index, token) in tokens.map(Secret.init(_:)).enumerated() {
                let generation = index + 1
                let wrapped = try vault.wrap(
                    familyKey, for: token, identity: Self.identity, generation: generation, purpose: .access)
                change.addedMembers.append(
                    MemberRow(
                        digest: digests[index], family: id, identity: Self.identity, generation: generation,
                        purpose: .access, wrappedKey: wrapped, createdAt: Self.sealedAt))
                change.sealed.append(
                    try familyKey.seal(token, generation: generation, purpose: .access, at: Self.sealedAt))
            }
            _ = try store.apply(change, to: id)
            return SealedFamily(
                id: id, credential: credential, tokens: tokens, members: change.addedMembers, sealed: change.sealed)
        }
    }

    /// Whether the newest token of a family opens its secret with this key, as a renewal would do it.
    func opens(_ family: SealedFamily, with key: GivenKey) throws -> Bool {
        try withStore { store in
            let vault = try Vault.open(store, key: key.asOperator, cryptography: OpenSSLCryptography())
            let (token, digest) = (Secret(family.tokens.last ?? ""), family.members.last?.digest)
            guard let member = try store.member(try #require(digest), identity: Self.identity),
                let row = try store.sealed(family.id, generation: member.generation, purpose: .access)
            else { return false }
            return try vault.unwrap(member, with: token).open(row).matches(token)
        }
    }

    /// Which of these bytes stand in any file of the machine, by their place in the list.
    func found(_ marks: [Data]) -> [Int] {
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        let files = paths.compactMap { FileManager.default.contents(atPath: folder + "/" + $0) }
        return marks.indices.filter { mark in files.contains { $0.range(of: marks[mark]) != nil } }
    }

    /// A cell of the sealed key's row as it lies in the default store.
    func envelope(_ column: String = "wrapped") async throws -> [UInt8] {
        let hex = try await sqlite("SELECT hex(\(column)) FROM key_envelope").filter(\.isHexDigit)
        return stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
    }
}

extension Collection<UInt8> {
    /// As SQLite writes bytes.
    var blob: String { "x'" + map { String(format: "%02x", $0) }.joined() + "'" }
}
