// The operator's key: made, checked, and exchanged for another one.

import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("The operator's key")
struct KeyFlowTests {
    private static let none = Failure.noState("there is no state store at /s")

    private func check(
        _ scene: KeyScene, _ variables: [String: String], store: Result<any HistoryStore, Failure>? = nil
    ) async -> Failure? {
        await failure { try await KeyCheckFlow(scene.world(variables, store: store)).run() }
    }

    private func rotate(_ scene: KeyScene, _ variables: [String: String]) async throws -> KeyRotateOutcome {
        try await KeyRotateFlow(scene.world(variables)).run()
    }

    @Test("is 32 random bytes, and needs no store")
    func generate() throws {
        let world = KeyScene().world(store: .failure(.state("no store")))
        let keys = try (0..<3).map { _ in try KeyGenerateFlow(world).run().reveal() }
        #expect(Set(keys).count == 3)
        #expect(keys.allSatisfy { Base64Text.standard.decode($0)?.count == 32 })
    }

    @Test("opens, or says in three sentences why not")
    func sentences() async throws {
        let sealed = try VaultScene()
        let scene = KeyScene(sealed.renewals)
        let outcome = try await KeyCheckFlow(scene.world(["OUTLAST_KEY": KeyScene.key])).run()
        #expect(outcome.isSealed && outcome.form == .key && outcome.warnings == ["a warning"])
        let missing = await check(scene, [:])
        let wrong = await check(scene, ["OUTLAST_KEY": KeyScene.otherKey])
        let form = await check(scene, ["OUTLAST_PASSPHRASE": KeyScene.words])
        sealed.renewals.tamper { $0.envelope?.wrapped[3] ^= 1 }
        let tampered = await check(scene, ["OUTLAST_KEY": KeyScene.key])
        #expect([missing, wrong, form, tampered].allSatisfy { $0?.code == .cacheLocked && $0?.hint != nil })
        #expect(missing?.message.contains("no key is given") == true)
        #expect(wrong?.message.contains("not the one") == true)
        #expect(form?.message.contains("sealed with a key, not with a passphrase") == true)
        #expect(tampered?.message.contains("was tampered with") == true)
        #expect(scene.history.records.isEmpty)
    }

    @Test("fits a state that has never sealed anything, which is not a state that has lost its key")
    func neverSealed() async throws {
        let scene = KeyScene()
        for store in [Result.success(scene.history as any HistoryStore), .failure(Self.none)] {
            let world = scene.world(["OUTLAST_KEY": KeyScene.key], store: store)
            #expect(try await !KeyCheckFlow(world).run().isSealed)
            #expect(await check(scene, [:], store: store)?.code == .cacheLocked)
        }
        let broken = Result<any HistoryStore, Failure>.failure(.state("broken"))
        #expect(await check(scene, ["OUTLAST_KEY": KeyScene.key], store: broken)?.code == .stateUnusable)
        let robbed = try VaultScene()
        robbed.renewals.tamper { $0.envelope = nil }
        let refusal = await check(KeyScene(robbed.renewals), ["OUTLAST_KEY": KeyScene.key])
        #expect(refusal?.code == .cacheLocked && refusal?.message.contains("was tampered with") == true)
        let rotation = await failure {
            try await rotate(KeyScene(robbed.renewals), ["OUTLAST_NEW_KEY": KeyScene.otherKey])
        }
        #expect(rotation?.code == .cacheLocked)
    }

    @Test("every change of the sealed record is told from a wrong key, whatever key is given")
    func changes() async throws {
        let words = OperatorKey.passphrase(Secret(KeyScene.words))
        for (key, variables) in [
            (VaultScene.key, ["OUTLAST_KEY": KeyScene.key]), (words, ["OUTLAST_PASSPHRASE": KeyScene.words]),
        ] {
            let scene = KeyScene()
            _ = try Vault.open(scene.renewals, key: key, cryptography: scene.world().cryptography)
                .kept(in: scene.renewals)
            let envelope = try #require(scene.renewals.contents.envelope)
            var changes: [(String, KeyEnvelope)] = []
            func change(_ what: String, _ body: (inout KeyEnvelope) -> Void) {
                var copy = envelope
                body(&copy)
                changes.append((what, copy))
            }
            for place in envelope.wrapped.indices { change("wrapped \(place)") { $0.wrapped[place] ^= 0x10 } }
            for length in [0, 1, 15, 16, 17, 32, 91] { change("\(length)") { $0.wrapped.removeLast(92 - length) } }
            for place in envelope.passphraseSalt?.indices ?? 0..<0 {
                change("salt \(place)") { $0.passphraseSalt?[place] ^= 1 }
            }
            change("another salt") { $0.passphraseSalt = [1] }
            change("another cost") { $0.cost = ScryptCost(n: 1 << 15, r: 8, p: 1) }
            change("a successor") { $0.successor = [] }
            #expect(envelope.wrapped.count == 92)
            for (what, changed) in changes {
                scene.renewals.tamper { $0.envelope = changed }
                for given in [variables, ["OUTLAST_KEY": KeyScene.otherKey]] {
                    let refusal = await check(scene, given)
                    #expect(refusal?.code == .cacheLocked, "\(what)")
                    #expect(refusal?.message.contains("was tampered with") == true, "\(what)")
                }
            }
        }
    }

    @Test("is exchanged for a passphrase and back, and what was sealed opens as before")
    func rotation() async throws {
        let sealed = try VaultScene()
        let scene = KeyScene(sealed.renewals)
        let steps: [(old: [String: String], new: [String: String], form: KeyForm)] = [
            (["OUTLAST_KEY": KeyScene.key], ["OUTLAST_NEW_PASSPHRASE": KeyScene.words], .passphrase),
            (["OUTLAST_PASSPHRASE": KeyScene.words], ["OUTLAST_NEW_PASSPHRASE": "others"], .passphrase),
            (["OUTLAST_PASSPHRASE": "others"], ["OUTLAST_NEW_KEY": KeyScene.otherKey], .key),
            (["OUTLAST_KEY": KeyScene.otherKey], ["OUTLAST_NEW_KEY": KeyScene.key], .key),
        ]
        for step in steps {
            let outcome = try await rotate(scene, step.old.merging(step.new) { $1 })
            #expect(outcome.result == .rotated && outcome.form == step.form && !outcome.isSameKey)
            #expect(await check(scene, step.old)?.code == .cacheLocked)
            let now = Dictionary(uniqueKeysWithValues: step.new.map { ($0.replacing("NEW_", with: ""), $1) })
            #expect(await check(scene, now) == nil)
        }
        let vault = try Vault.open(sealed.renewals, key: VaultScene.key, cryptography: sealed.cryptography)
        let key = try vault.unwrap(sealed.first.member, with: sealed.first.token)
        #expect(try key.open(sealed.first.sealed).matches(sealed.first.token))
        #expect(scene.events.map { $0[0] } == [String](repeating: "key-rotate", count: 4))
        #expect(scene.events.map { $0[2] }.first == "sealed with a passphrase")
        #expect(scene.history.settlements == 4)
    }

    @Test("run again after it is done, or with the key in use, a rotation says that nothing is left to do")
    func again() async throws {
        let scene = KeyScene(try VaultScene().renewals)
        let both = ["OUTLAST_KEY": KeyScene.key, "OUTLAST_NEW_KEY": KeyScene.otherKey]
        #expect(try await rotate(scene, both).result == .rotated)
        let envelope = scene.renewals.contents.envelope
        for variables in [both, ["OUTLAST_NEW_KEY": KeyScene.otherKey]] {
            let outcome = try await rotate(scene, variables)
            #expect(outcome.result == .unchanged && !outcome.isSameKey)
        }
        let same = try await rotate(
            scene, ["OUTLAST_KEY": KeyScene.otherKey, "OUTLAST_NEW_KEY": KeyScene.otherKey])
        #expect(same.result == .unchanged && same.isSameKey)
        #expect(scene.renewals.contents.envelope == envelope)
        let empty = KeyScene()
        #expect(try await rotate(empty, both).result == .empty)
        #expect(empty.renewals.contents.envelope == nil && empty.events.isEmpty)
    }

    @Test("a rotation that cannot be done changes nothing and says which key is missing or wrong")
    func refusals() async throws {
        let scene = KeyScene(try VaultScene().renewals)
        let envelope = scene.renewals.contents.envelope
        let cases: [([String: String], ExitCode, String)] = [
            (["OUTLAST_KEY": KeyScene.key], .usage, "no new key"),
            (
                ["OUTLAST_KEY": KeyScene.key, "OUTLAST_NEW_KEY": "short"], .configuration,
                "OUTLAST_NEW_KEY is not a key"
            ),
            (
                ["OUTLAST_NEW_KEY": KeyScene.key, "OUTLAST_NEW_PASSPHRASE": "x"], .configuration,
                "OUTLAST_NEW_KEY and OUTLAST_NEW_PASSPHRASE"
            ),
            (["OUTLAST_NEW_KEY": KeyScene.otherKey], .cacheLocked, "no key is given"),
            (
                ["OUTLAST_KEY": KeyScene.text(9), "OUTLAST_NEW_KEY": KeyScene.otherKey], .cacheLocked,
                "not the one"
            ),
            (
                ["OUTLAST_KEY": KeyScene.key, "OUTLAST_PASSPHRASE": "x", "OUTLAST_NEW_KEY": KeyScene.otherKey],
                .configuration, "OUTLAST_KEY and OUTLAST_PASSPHRASE"
            ),
        ]
        for (variables, code, words) in cases {
            let refusal = await failure { try await rotate(scene, variables) }
            #expect(refusal?.code == code && refusal?.message.contains(words) == true, "\(String(describing: refusal))")
        }
        let hint = await failure { try await rotate(scene, [:]) }?.hint
        for name in ["KEY", "KEY_FILE", "KEY_COMMAND", "PASSPHRASE"] {
            #expect(hint?.contains("OUTLAST_NEW_\(name)") == true)
        }
        #expect(scene.renewals.contents.envelope == envelope && scene.events.isEmpty)
    }
}
