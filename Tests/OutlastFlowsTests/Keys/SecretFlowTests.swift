// What the cache holds, and what it forgets: each family under its own lock.

import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("The secret cache")
struct SecretFlowTests {
    private let sealed: VaultScene
    private let scene: KeyScene
    private let first: FamilyID
    private let second: FamilyID

    /// Two families; the first is in its second generation, and the second is another credential's.
    init() throws {
        sealed = try VaultScene()
        scene = KeyScene(sealed.renewals)
        (first, second) = (sealed.first.sealed.family, sealed.second.sealed.family)
        sealed.renewals.tamper { [first, second] contents in
            for index in contents.families.indices {
                if contents.families[index].id == first { contents.families[index].generation = 2 }
                if contents.families[index].id == second { contents.families[index].credential = "other" }
            }
        }
    }

    private func forget(
        _ selection: SecretForgetRequest.Selection, superseded: Bool = false, wait: Duration = .seconds(5)
    ) async throws -> SecretForgetOutcome {
        let request = SecretForgetRequest(selection, superseded ? .superseded : .everything, wait: wait)
        return try await SecretForgetFlow(scene.world()).run(request)
    }

    private var families: Set<FamilyID> { Set(sealed.renewals.contents.families.map(\.id)) }

    @Test("is listed by labels, with what each secret is found by")
    func list() throws {
        let (secrets, warnings) = try SecretListFlow(scene.world()).run()
        #expect(warnings == ["a warning"] && secrets.count == 4)
        let old = try #require(secrets.first { $0.family == first.text && $0.purpose == .access })
        #expect(old.fingerprint == Fingerprint(of: sealed.first.token, salt: []))
        #expect(old.generation == 1 && !old.isCurrent && old.credential == "release" && old.method == "rotate")
        let refresh = try #require(secrets.first { $0.family == second.text && $0.purpose == .refresh })
        #expect(refresh.fingerprint == Fingerprint(of: Secret("glpat-second-second-second-2-refresh"), salt: []))
        #expect(refresh.isCurrent && refresh.credential == "other")
        sealed.renewals.tamper { contents in
            contents.members = []
            for index in contents.families.indices { contents.families[index].credential = "a\u{1B}[2J\n::error::" }
        }
        let bare = try SecretListFlow(scene.world()).run().0
        #expect(bare.allSatisfy { !$0.credential.contains("\u{1B}") && !$0.credential.contains("\n") })
        #expect(bare.filter { $0.fingerprint != nil }.count == 1, "the current token's is in the family's row")
    }

    @Test("forgets a family by its name, by its credential, under its lock, with a line in the history")
    func family() async throws {
        let outcome = try await forget(.family(first))
        #expect(outcome.forgotten == [.init(family: first.text, superseded: nil)] && outcome.held.isEmpty)
        #expect(outcome.warnings.count == 2 && outcome.warnings[1].contains("whose answer never came"))
        #expect(families == [second])
        #expect(!sealed.renewals.contents.members.contains { $0.family == first })
        #expect(scene.leases.notes == [.taken(first.text), .released(first.text)])
        #expect(try await forget(.credential("other")).forgotten.map(\.family) == [second.text])
        #expect(families.isEmpty && scene.leases.held.isEmpty)
        #expect(scene.events.map { $0[1] } == ["forgotten", "forgotten"])
        #expect(scene.events.first?[2] == "family \(first.text)")
    }

    @Test("with nothing to forget nothing happens, and nothing is waited for")
    func nothing() async throws {
        let unknown = try #require(FamilyID(parsing: String(repeating: "0", count: 32)))
        for selection in [SecretForgetRequest.Selection.credential("nobody"), .family(unknown)] {
            for superseded in [false, true] {
                let outcome = try await forget(selection, superseded: superseded)
                #expect(outcome.forgotten.isEmpty && outcome.held.isEmpty)
            }
        }
        #expect(try await forget(.credential("other"), superseded: true).forgotten.isEmpty)
        #expect(try await forget(.family(second), superseded: true).forgotten.isEmpty)
        #expect(families == [first, second] && scene.events.isEmpty)
        #expect(!scene.leases.notes.contains(.taken(second.text)))
    }

    @Test(
        "superseded secrets lose the power to lead anywhere, whoever names them",
        arguments: [0, 1, 2])
    func superseded(_ way: Int) async throws {
        let selection = [SecretForgetRequest.Selection.all, .credential("release"), .family(first)][way]
        let outcome = try await forget(selection, superseded: true)
        #expect(outcome.forgotten == [.init(family: first.text, superseded: 2)])
        let contents = sealed.renewals.contents
        #expect(contents.members.allSatisfy { $0.family != first || $0.wrappedKey.isEmpty })
        #expect(!contents.sealed.contains { $0.family == first })
        #expect(contents.members.contains { $0.family == second } && families == [first, second])
        #expect(scene.events == [["forget", "superseded", "family \(first.text): superseded secrets: 2"]])
        #expect(try await forget(selection, superseded: true).forgotten.isEmpty)
    }

    @Test("a family that is being renewed stays whole, the others go")
    func held() async throws {
        sealed.renewals.tamper { contents in
            for index in contents.families.indices { contents.families[index].credential = "release" }
        }
        scene.leases.stick(first.text)
        let outcome = try await forget(.credential("release"), wait: .seconds(7))
        #expect(outcome.held == [first.text] && outcome.forgotten.map(\.family) == [second.text])
        #expect(families == [first] && sealed.renewals.contents.members.contains { $0.family == first })
        let refusals = scene.leases.notes.filter { if case .refused = $0 { true } else { false } }
        #expect(refusals == [.refused(first.text, wait: .zero), .refused(first.text, wait: .seconds(7))])
    }

    @Test("a name that outlast never gave is forgotten without a lock, which nobody can hold")
    func oddNames() async throws {
        sealed.renewals.tamper { contents in
            for index in contents.families.indices { contents.families[index].id = FamilyID(text: "../x\u{1B}") }
        }
        let outcome = try await forget(.credential("other"))
        #expect(outcome.forgotten.map(\.family) == ["../x\\u{1B}"] && scene.leases.notes.isEmpty)
    }

    @Test("a store that is not there is a failure: a mistyped place must not look clean")
    func missing() async {
        let world = scene.world(store: .failure(.noState("there is no state store")))
        let request = SecretForgetRequest(.all, .superseded)
        #expect(await failure { try await SecretForgetFlow(world).run(request) }?.code == .stateUnusable)
        #expect(failure { try SecretListFlow(world).run() }?.code == .stateUnusable)
    }
}
