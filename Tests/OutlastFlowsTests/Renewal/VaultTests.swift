// What is sealed opens for who holds the key, the store and a secret of the family, and for nobody else.

import OutlastCrypto
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite struct VaultTests {
    private let scene: VaultScene

    init() throws { scene = try VaultScene() }

    private func open(_ key: OperatorKey?) -> Failure? {
        failure { try Vault.open(scene.renewals, key: key, cryptography: scene.cryptography) }
    }

    @Test func noKeyAWrongKeyAndTamperingAreThreeSentences() throws {
        let missing = try #require(open(nil))
        let wrong = try #require(open(VaultScene.otherKey))
        scene.renewals.tamper { $0.envelope?.wrapped[40] ^= 1 }
        let tampered = try #require(open(VaultScene.key))
        #expect([missing, wrong, tampered].allSatisfy { $0.code == .cacheLocked && $0.hint != nil })
        #expect(missing.message.contains("no key is given"))
        #expect(missing.hint?.contains("OUTLAST_KEY") == true)
        #expect(wrong.message.contains("not the one that this state was sealed with"))
        #expect(tampered.message.contains("was tampered with"))
    }

    @Test func everyFlipOfTheSealedKeyIsRefused() throws {
        let envelope = try #require(scene.renewals.contents.envelope)
        for place in envelope.wrapped.indices {
            for bit in [1, 0x80] as [UInt8] {
                scene.renewals.tamper { contents in
                    contents.envelope = envelope
                    contents.envelope?.wrapped[place] ^= bit
                }
                #expect(open(VaultScene.key)?.code == .cacheLocked, "byte \(place)")
            }
        }
        for length in [0, 5, 16, 17, envelope.wrapped.count - 1] {
            scene.renewals.tamper { $0.envelope = KeyEnvelope(wrapped: Array(envelope.wrapped.prefix(length))) }
            #expect(open(VaultScene.key)?.code == .cacheLocked, "\(length) bytes")
        }
        scene.renewals.tamper { $0.envelope = envelope }
        #expect(open(VaultScene.key) == nil)
    }

    @Test func aPassphraseIsAKeyOfItsOwnForm() throws {
        let renewals = RememberingRenewals()
        let words = OperatorKey.passphrase(Secret("correct horse battery staple"))
        func open(_ key: OperatorKey) -> Failure? {
            failure { try Vault.open(renewals, key: key, cryptography: scene.cryptography).kept(in: renewals) }
        }
        #expect(open(words) == nil)
        let envelope = try #require(renewals.contents.envelope)
        #expect(envelope.passphraseSalt?.count == 16 && envelope.cost == .interactive)
        #expect(open(words) == nil)
        #expect(open(.passphrase(Secret("correct horse"))) != nil)
        let refusals = [open(.passphrase(Secret("wrong"))), open(VaultScene.key), self.open(words)]
        #expect(refusals.allSatisfy { $0?.code == .cacheLocked })
        #expect(Set(refusals.map { $0?.message }).count == 3)
        renewals.tamper { $0.envelope?.passphraseSalt?[0] ^= 1 }
        #expect(open(words)?.code == .cacheLocked)
        for cost in [ScryptCost(n: 1 << 40, r: 8, p: 1), ScryptCost(n: 3, r: 8, p: 1), ScryptCost(n: 0, r: 0, p: 0)] {
            renewals.tamper { contents in
                contents.envelope = envelope
                contents.envelope?.cost = cost
            }
            #expect(open(words)?.code == .cacheLocked, "\(cost)")
        }
    }

    @Test("a run that seals nothing leaves the state open to any key, and the first that does decides")
    func boundByTheFirstThatSeals() throws {
        let renewals = RememberingRenewals()
        let one = try Vault.open(renewals, key: VaultScene.key, cryptography: scene.cryptography)
        let other = try Vault.open(renewals, key: VaultScene.otherKey, cryptography: scene.cryptography)
        let same = try Vault.open(renewals, key: VaultScene.key, cryptography: scene.cryptography)
        #expect(renewals.contents.envelope == nil && !one.isKept)
        #expect(try other.kept(in: renewals).isKept)
        #expect(failure { try one.kept(in: renewals) }?.message.contains("not the one") == true)
        #expect(failure { try same.looked(in: renewals) }?.code == .cacheLocked)
        // Of two with one key the second takes what the first has sealed.
        let fresh = RememberingRenewals()
        let late = try Vault.open(fresh, key: VaultScene.key, cryptography: scene.cryptography)
        let kept = try Vault.open(fresh, key: VaultScene.key, cryptography: scene.cryptography).kept(in: fresh)
        let key = try kept.makeFamilyKey(scene.first.sealed.family)
        let token = Secret("glpat-third-third-third-third")
        let words = (VaultScene.identity, 1, SecretPurpose.access)
        let wrapped = try kept.wrap(key, for: token, identity: words.0, generation: words.1, purpose: words.2)
        let member = MemberRow(
            digest: VaultScene.digest(token), family: scene.first.sealed.family, identity: words.0, generation: words.1,
            purpose: words.2, wrappedKey: wrapped, createdAt: VaultScene.now)
        #expect(failure { try late.unwrap(member, with: token) } != nil)
        #expect(failure { try late.looked(in: fresh).unwrap(member, with: token) } == nil)
        #expect(failure { try late.kept(in: fresh).unwrap(member, with: token) } == nil)
    }

    @Test func theDataKeyIsMadeOnceWhoeverIsFirst() throws {
        let again = try Vault.open(scene.renewals, key: VaultScene.key, cryptography: scene.cryptography)
        #expect(try again.unwrap(scene.first.member, with: scene.first.token).open(scene.first.sealed).count > 0)
    }

    @Test func aMemberOpensItsFamilyAndNothingElseDoes() throws {
        let (first, second) = (scene.first, scene.second)
        let key = try scene.vault.unwrap(first.member, with: first.token)
        #expect(try key.open(first.sealed).matches(first.token))
        #expect(failure { try scene.vault.unwrap(first.member, with: second.token) }?.code == .cacheLocked)
        #expect(failure { try scene.vault.unwrap(second.member, with: first.token) }?.code == .cacheLocked)
        #expect(failure { try scene.vault.unwrap(first.member, with: Secret("x")) }?.code == .cacheLocked)
        // With store and operator's key in hand, but no token of the family, nothing opens: not with another state either.
        let other = try Vault.open(RememberingRenewals(), key: VaultScene.key, cryptography: scene.cryptography)
        #expect(failure { try other.unwrap(first.member, with: first.token) }?.code == .cacheLocked)
        #expect(failure { try key.open(second.sealed) }?.code == .cacheLocked)
    }

    @Test func everyFlipOfASealedRecordIsRefused() throws {
        let key = try scene.vault.unwrap(scene.first.member, with: scene.first.token)
        for place in scene.first.sealed.sealed.indices {
            for bit in [1, 0x80] as [UInt8] {
                var row = scene.first.sealed
                row.sealed[place] ^= bit
                let refusal = failure { try key.open(row) }
                #expect(refusal?.code == .cacheLocked && refusal?.message.contains("was tampered with") == true)
            }
        }
        for length in scene.first.sealed.sealed.indices {
            var row = scene.first.sealed
            row.sealed = Array(row.sealed.prefix(length))
            #expect(failure { try key.open(row) }?.code == .cacheLocked)
        }
        for place in scene.first.member.wrappedKey.indices {
            var member = scene.first.member
            member.wrappedKey[place] ^= 1
            #expect(failure { try scene.vault.unwrap(member, with: scene.first.token) }?.code == .cacheLocked)
        }
    }

    @Test func recordsDoNotOpenInAnotherPlace() throws {
        let key = try scene.vault.unwrap(scene.first.member, with: scene.first.token)
        var moved = scene.second.sealed
        moved.family = scene.first.sealed.family
        #expect(failure { try key.open(moved) }?.code == .cacheLocked)
        for change in [
            { $0.generation = 2 }, { $0.purpose = .refresh }, { $0.family = scene.second.sealed.family },
        ] as [(inout SealedRow) -> Void] {
            var row = scene.first.sealed
            change(&row)
            #expect(failure { try key.open(row) }?.code == .cacheLocked)
        }
    }

    @Test func aMembersWordsAreUnderItsSeal() throws {
        for change in [
            { $0.family = scene.second.member.family }, { $0.generation = 2 }, { $0.purpose = .minting },
            { $0.identity = FamilyIdentity([("forge", "gitlab")]) },
            { $0.wrappedKey = scene.second.member.wrappedKey },
        ] as [(inout MemberRow) -> Void] {
            var member = scene.first.member
            change(&member)
            #expect(failure { try scene.vault.unwrap(member, with: scene.first.token) }?.code == .cacheLocked)
        }
    }

    @Test func nothingOfATokenIsStoredInTheClear() {
        let contents = scene.renewals.contents
        let all = "\(contents)"
        #expect(!all.contains("glpat-"))
        let bytes = contents.sealed.flatMap(\.sealed) + contents.members.flatMap(\.wrappedKey)
        #expect(bytes.firstRange(of: Array("glpat-".utf8)) == nil)
        #expect(Set(contents.sealed.map(\.sealed)).count == contents.sealed.count)
    }
}
