// `secret list|forget` by the built program: what is shown, what goes, and that it is gone from the disk.

import Foundation
import OutlastModel
import OutlastSystem
import Testing

@Suite("The secret cache", .timeLimit(.minutes(5)))
struct SecretCommandTests {
    private static let key = GivenKey.key(0x31)

    /// Two credentials, the first with two families, all with two generations.
    private func withFamilies(_ body: (Scene, [SealedFamily]) async throws -> Void) async throws {
        try await withScene { scene in
            scene.secret(Self.key.text)
            let families = try ["release", "release", "deploy"].map { try scene.seal($0, with: Self.key) }
            try await body(scene, families)
        }
    }

    private func names(_ run: Run, _ list: String, _ key: String) -> Set<String> {
        Set(run[list]?.elements?.compactMap { $0[key]?.text ?? $0.text } ?? [])
    }

    @Test("is listed by fingerprint, without a key and without a secret")
    func list() async throws {
        try await withFamilies { scene, families in
            let run = try await scene.run("secret list --json")
            let secrets = run["secrets"]?.elements ?? []
            #expect(run.exit == .done && secrets.count == 6 && run.errors.isEmpty, "\(run.everything)")
            for key in ["credential", "family", "fingerprint", "generation", "purpose", "created_at"] {
                #expect(secrets.allSatisfy { $0[key] != nil && $0[key] != .null }, "\(key)")
            }
            let prints = Set(
                families.flatMap(\.tokens).map { String(SHA256Digest(hashing: $0.utf8).hex.prefix(16)) })
            #expect(names(run, "secrets", "fingerprint") == prints)
            #expect(secrets.count { $0["current"] == true } == 3 && secrets[0]["generation"]?.wholeNumber == 1)
            #expect(secrets[0]["created_at"]?.text == Scene.sealedAt.text && secrets[0]["purpose"]?.text == "access")
            let text = try await scene.run("secret list")
            let lines = text.output.split(separator: "\n")
            #expect(lines.count == 7 && lines[0].hasPrefix("credential  family"), "\(text.output)")
            #expect(text.output.contains("1 (superseded)"))
            for name in [
                "::error::x", "a\u{1B}[2J\u{202E}b", "https://u:p4ssw0rdp4ss@h/", String(repeating: "x", count: 9000),
            ] {
                try await scene.sqlite("UPDATE families SET credential = '\(name)'")
                for form in ["", " --json"] {
                    let run = try await scene.run("secret list\(form)")
                    #expect(run.exit == .done && !run.output.contains("p4ssw0rd") && run.output.utf8.count < 9000)
                }
            }
        }
    }

    @Test("has nothing to list in a new state, and is no list without a state or of rows that nobody wrote")
    func oddLists() async throws {
        try await withFamilies { scene, _ in
            let none = try await scene.run("secret list --json --state \(scene.work)/none/state.db")
            #expect(none.exit == .stateUnusable && none["secrets"]?.elements?.isEmpty == true)
            let state = "--state \(scene.folder)/new/state.db"
            try await scene.run("record start --project a --job b --run 1 \(state)")
            #expect(try await scene.run("secret list \(state)").output == "no secrets\n")
            #expect(try await scene.run("secret list --json \(state)")["secrets"]?.elements?.isEmpty == true)
            try await scene.sqlite("PRAGMA ignore_check_constraints = ON; UPDATE families SET generation = -1")
            let odd = try await scene.run("secret list --json")
            #expect(odd.exit == .cacheLocked && odd.errors.contains("was tampered with"), "\(odd.everything)")
            // What was tampered with can still be forgotten.
            let gone = try await scene.run("secret forget --credential release --json")
            #expect(gone.exit == .done && gone["forgotten"]?.elements?.count == 2, "\(gone.everything)")
        }
    }

    @Test("superseded secrets are gone from every file, and lead nowhere; the current ones stay")
    func superseded() async throws {
        try await withFamilies { scene, families in
            let old = families.map { $0.marks(1) }, current = families.flatMap { $0.marks(2) }
            #expect(scene.found(old.flatMap { $0 }).count == 6)
            let one = try await scene.run("secret forget --superseded --family \(families[1].id) --json")
            #expect(
                one.exit == .done && names(one, "forgotten", "family") == [families[1].id.text], "\(one.everything)")
            #expect(one.number("forgotten.0.superseded") == 1 && one["superseded"] == true)
            #expect(scene.found(old[1]) == [] && scene.found(old[0]).count == 2)
            let named = try await scene.run("secret forget --superseded --credential release")
            #expect(named.exit == .done && named.output.contains("superseded secrets of 1 family were forgotten: 1"))
            let all = try await scene.run("secret forget --superseded --json")
            #expect(names(all, "forgotten", "family") == [families[2].id.text])
            #expect(scene.found(old.flatMap { $0 }) == [] && scene.found(current).count == current.count)
            for family in families {
                #expect(try scene.opens(family, with: Self.key))
                #expect(
                    try scene.withStore {
                        try $0.member(family.members[0].digest, identity: family.members[0].identity)
                    }?.wrappedKey == [])
            }
            let again = try await scene.run("secret forget --superseded")
            #expect(again.exit == .done && again.output.hasPrefix("nothing to forget: "), "\(again.everything)")
            let events = try await scene.run("history events --json --status superseded")
            #expect(
                events["events"]?.elements?.count == 3 && events.text("events.0.event") == "forget", "\(events.output)")
        }
    }

    @Test("a forgotten family is gone from every file, and the others are as they were")
    func families() async throws {
        try await withFamilies { scene, families in
            let marks = families.map { $0.marks(1) + $0.marks(2) }
            #expect(scene.found(marks.flatMap { $0 }).count == 12)
            let run = try await scene.run("secret forget --credential release --json")
            #expect(run.exit == .done && run["superseded"] == false && run["forgotten.0.superseded"] == .null)
            #expect(names(run, "forgotten", "family") == Set(families[...1].map(\.id.text)))
            #expect(scene.found(marks[0] + marks[1]) == [] && scene.found(marks[2]).count == 4)
            #expect(try scene.opens(families[2], with: Self.key))
            let last = try await scene.run("secret forget --family \(families[2].id)")
            #expect(last.exit == .done && last.output.hasPrefix("1 family forgotten"), "\(last.everything)")
            #expect(scene.found(marks.flatMap { $0 }) == [])
            for line in ["--credential release", "--family \(families[2].id)", "--credential nobody --superseded"] {
                let none = try await scene.run("secret forget \(line)")
                #expect(none.exit == .done && none.output.hasPrefix("nothing to forget: "), "\(none.everything)")
                let json = try await scene.run("secret forget \(line) --json")
                #expect(json.exit == .done && json["forgotten"]?.elements?.isEmpty == true)
            }
            let events = try await scene.run("history events --json --status forgotten")
            #expect(events["events"]?.elements?.count == 3)
        }
    }

    @Test("a family that is being renewed is waited for, and then left whole, with 22")
    func held() async throws {
        try await withFamilies { scene, families in
            let place = scene.state + ".leases"
            let leases = FileLeases(place: { FileLeases.Place(folder: place) })
            let lease = try await leases.acquire(families[0].id.text, wait: .zero)
            let run = try await scene.run("secret forget --credential release --wait 1s --json")
            #expect(run.exit == .leaseHeld && names(run, "held", "") == [families[0].id.text], "\(run.everything)")
            #expect(names(run, "forgotten", "family") == [families[1].id.text])
            #expect(run.errors.contains(families[0].id.text) && run.errors.contains("--wait"))
            #expect(try scene.opens(families[0], with: Self.key))
            lease.release()
            let after = try await scene.run("secret forget --credential release --wait 0 --json")
            #expect(after.exit == .done && names(after, "forgotten", "family") == [families[0].id.text])
        }
    }

    @Test("what is to be forgotten is said once and clearly")
    func usage() async throws {
        try await withFamilies { scene, families in
            let odd = scene.secret("glpatNoSuchFamily-9aBcDeFgHi")
            for line in [
                "", "--credential release --family \(families[0].id)", "--family \(odd)", "--family \(families[0].id)0",
                "--family \(families[0].id.text.uppercased())", "--superseded --wait soon",
                "--credential= --superseded",
            ] {
                let run = try await scene.run("secret forget \(line) --json")
                #expect(run.exit == .usage && run["forgotten"]?.elements?.isEmpty == true, "\(line): \(run.everything)")
            }
            #expect(try await scene.run("secret list --json")["secrets"]?.elements?.count == 6)
            let absent = try await scene.run("secret forget --superseded --state \(scene.work)/none/state.db")
            #expect(absent.exit == .stateUnusable, "\(absent.everything)")
            #expect(!FileManager.default.fileExists(atPath: scene.work + "/none"), "a mistyped place is not made")
        }
    }
}
