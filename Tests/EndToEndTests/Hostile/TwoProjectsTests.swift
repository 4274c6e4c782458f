// Two projects with one store, one key and one credential name: neither gets a byte of the other's token, by no subcommand
// and not by reading the store's files with the key in hand.

import Foundation
import OutlastCrypto
import OutlastModel
import OutlastSandbox
import OutlastStorage
import OutlastSystem
import Testing

@testable import OutlastFlows

@Suite("two projects, one store", .serialized, .timeLimit(.minutes(10)))
struct TwoProjectsTests {
    /// One of the two: its renewal, and every secret of it that there is so far.
    private struct Project {
        let rig: RenewalRig
        /// What it was started with, and what that was renewed into; the current token last.
        var tokens: [String]
        /// The token by its own job's variable, as what else it has in its environment.
        var variables: [String: String] { rig.variables }
    }

    /// Projects are renewed twice, so that there is a superseded generation, too.
    private func project(_ kind: RigKind, _ number: Int, on stage: Stage) async throws -> Project {
        let rig = try RenewalRig.make(kind, on: stage, number: number)
        var tokens = rig.first.map { [$0] } ?? []
        for _ in 0..<2 {
            let variables =
                rig.first == nil ? rig.variables : rig.variables.merging(["RELEASE_TOKEN": tokens.last ?? ""]) { $1 }
            let run = try await stage.scene.run(rig.words() + (rig.first == nil ? ["--force"] : []), variables)
            try #require(run.code == 0 && run.text("outcome") == "renewed", "\(run.everything)")
            tokens.append(stage.scene.secret(try #require(stage.scene.read(rig.home))))
        }
        return Project(rig: rig, tokens: tokens)
    }

    private static let kinds: [RigKind] = [.gitlabRotate, .oauth, .githubApp]

    @Test("no subcommand gives one project the other's token", arguments: kinds)
    func subcommands(kind: RigKind) async throws {
        try await withStage { stage in
            try await stage.makeStore()
            let projects = [try await project(kind, 1, on: stage), try await project(kind, 2, on: stage)]
            for (mine, other) in [(projects[0], projects[1]), (projects[1], projects[0])] {
                let named = "--credential release --config \(mine.rig.configuration)"
                // Every token of one's own leads to one's own current one, and to no other.
                for line in ["refresh", "refresh --dry-run", "refresh --publish-only", "refresh --offline"] {
                    let run = try await stage.scene.run("\(line) --json \(named)", mine.variables)
                    let isMine = run.text("fingerprint") == stage.fingerprint(mine.tokens.last ?? "")
                    #expect(run.code == 0 && isMine, "\(line): \(run.everything)")
                }
                var lines = [
                    "secret list", "key check", "history jobs", "history tokens", "history events",
                    "history rotations", "history estimate --project g/p --job j",
                ]
                if mine.rig.first != nil { lines.append("preflight \(named) --min-remaining 5m") }
                for line in lines {
                    let run = try await stage.scene.run("\(line) --json", mine.variables)
                    #expect(!other.tokens.contains { run.everything.contains($0) }, "\(line): \(run.everything)")
                    #expect(![64, 78].contains(run.code), "\(line): \(run.everything)")
                }
                #expect(stage.scene.read(mine.rig.home) == mine.tokens.last)
            }
            // What is renewed for one stays there, and the other's is what it was.
            let before = projects[1].tokens.last
            let forced = try await stage.scene.run(
                projects[0].rig.words().filter { $0 != "--force" } + ["--force"],
                projects[0].variables.merging(kind == .githubApp ? [:] : ["RELEASE_TOKEN": projects[0].tokens[2]]) {
                    $1
                })
            #expect(forced.code == 0 && forced.text("outcome") == "renewed", "\(forced.everything)")
            let fresh = stage.scene.secret(try #require(stage.scene.read(projects[0].rig.home)))
            #expect(fresh != before && !projects[1].tokens.contains(fresh))
            #expect(stage.scene.read(projects[1].rig.home) == before)
            #expect(projects[1].rig.isAlive(before ?? ""))
        }
    }

    @Test("one project's configuration with the other's token begins anew, and leads nowhere")
    func borrowed() async throws {
        try await withStage { stage in
            try await stage.makeStore()
            let first = try await project(.gitlabRotate, 1, on: stage)
            // A stranger knows the credential's name and the store, and has a token of its own that nobody has seen.
            let stranger = try stage.sandbox.gitlab.addToken(name: "stranger", expiresOn: stage.date(40))
            let run = try await stage.scene.run(
                first.rig.words().filter { $0 != "--force" },
                first.variables.merging(["RELEASE_TOKEN": stage.scene.secret(stranger.secret)]) { $1 })
            #expect(run.code == 0 && run.text("outcome") == "unchanged", "\(run.everything)")
            #expect(run.text("fingerprint") == stage.fingerprint(stranger.secret))
        }
    }

    @Test("the store's files with the key in hand open nothing without a secret of that very project", arguments: kinds)
    func files(kind: RigKind) async throws {
        try await withStage { stage in
            try await stage.makeStore()
            let projects = [try await project(kind, 1, on: stage), try await project(kind, 2, on: stage)]
            for project in projects {
                for token in project.tokens { #expect(stage.found(token).isEmpty) }
            }
            let safe = try OpenedStore(stage)
            // What a project may open: the rows of its own family, by a secret of its own.
            let root = kind == .githubApp ? "APP_KEY" : kind == .oauth ? "RELEASE_REFRESH" : "RELEASE_TOKEN"
            let own = try projects.map { project in
                try safe.families(openedBy: [Secret(try #require(project.variables[root]))])
            }
            #expect(own.allSatisfy { $0.count == 1 } && own[0] != own[1], "\(own)")
            for (mine, families) in zip(projects, own) {
                var secrets = mine.variables.values.map { Secret($0) } + mine.tokens.map { Secret($0) }
                secrets += [safe.dataKey, safe.operatorKey]
                #expect(try safe.families(openedBy: secrets) == families)
                #expect(safe.openedDirectly(by: secrets) == 0)
            }
            #expect(try safe.families(openedBy: [safe.dataKey, safe.operatorKey]).isEmpty)
        }
    }
}

/// The rows of a store, all of them, and the keys that the operator's key leads to.
private struct OpenedStore {
    let cryptography = OpenSSLCryptography()
    let vault: Vault
    let dataKey: Secret
    let operatorKey: Secret
    let members: [MemberRow]
    let sealed: [SealedRow]
    let stateID: [UInt8]

    init(_ stage: Stage) throws {
        let store = try #require(
            try SQLiteStore.open(
                .sqlite(path: stage.state, sharedWithGroup: false), access: .readWrite, files: SystemFileSystem(),
                context: StoreContext(now: Instant(seconds: 1_795_132_800), directory: "/")
            ).renewals)
        operatorKey = Secret(bytes: try #require(Data(base64Encoded: stage.variables["OUTLAST_KEY"] ?? "")))
        vault = try Vault.open(store, key: .key(operatorKey), cryptography: cryptography)
        dataKey = try KeyEnvelopeCodec(cryptography, stateID: store.stateID).open(
            try #require(try store.keyEnvelope()), with: .key(operatorKey))
        stateID = store.stateID
        let listed = try store.listSecrets()
        sealed = listed.map(\.secret)
        let rows = try stage.rows(
            "SELECT hex(digest), hex(identity), family, generation, purpose, hex(wrapped_key), created_at FROM members")
        members = try rows.map { cells in
            MemberRow(
                digest: try #require(SHA256Digest(bytes: Self.bytes(cells[0]))), family: FamilyID(text: cells[2]),
                identity: FamilyIdentity(digest: try #require(SHA256Digest(bytes: Self.bytes(cells[1])))),
                generation: try #require(Int(cells[3])), purpose: try #require(SecretPurpose(rawValue: cells[4])),
                wrappedKey: Self.bytes(cells[5]), createdAt: Instant(milliseconds: try #require(Int64(cells[6]))))
        }
        try #require(members.count >= 4 && sealed.count >= 2)
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
    }

    /// The families of which any of these opens any member, as a renewal would do it.
    func families(openedBy secrets: [Secret]) throws -> Set<FamilyID> {
        var opened: Set<FamilyID> = []
        for member in members {
            for secret in secrets where (try? vault.unwrap(member, with: secret)) != nil {
                opened.insert(member.family)
            }
        }
        return opened
    }

    /// How many sealed rows and wrapped keys open under one of these as a key of its own, or derived from one and the data
    /// key under any of the words that are used.
    func openedDirectly(by secrets: [Secret]) -> Int {
        var keys = secrets.filter { $0.count == 32 }
        let salts = [dataKey, operatorKey]
        for secret in secrets {
            for salt in salts {
                for info in ["outlast family key 1", ""] {
                    if let key = try? cryptography.derive(from: secret, salt: salt, info: Array(info.utf8), count: 32) {
                        keys.append(key)
                    }
                }
            }
        }
        var count = 0
        for row in sealed {
            let words = AssociatedData("secret", stateID).adding(row.family.text).adding(String(row.generation))
                .adding(row.purpose.rawValue).adding(String(row.createdAt.milliseconds)).bytes
            for key in keys where (try? cryptography.open(row.sealed, key: key, associated: words)) != nil {
                count += 1
            }
        }
        return count
    }
}

extension Stage {
    /// Which files of the state hold these bytes.
    fileprivate func found(_ text: String) -> [String] {
        let folder = scene.folder + "/volume"
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return names.filter { name in
            FileManager.default.contents(atPath: "\(folder)/\(name)")?.range(of: Data(text.utf8)) != nil
        }
    }

    /// The rows of a question to the store, read by the program that everybody has.
    fileprivate func rows(_ question: String) throws -> [[String]] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/sqlite3")
        process.arguments = ["-batch", "-separator", "\t", state, question]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    }
}
