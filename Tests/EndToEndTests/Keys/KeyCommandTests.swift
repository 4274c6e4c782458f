// `key generate|check|rotate` by the built program: the three sentences of a locked cache, and keys exchanged for others.

import Foundation
import OutlastModel
import Testing

@Suite("The key of the secret cache", .timeLimit(.minutes(5)))
struct KeyCommandTests {
    private static let key = GivenKey.key(0x31)
    private static let other = GivenKey.key(0x77)
    private static let words = GivenKey.passphrase("correct horse battery staple")

    /// Notes the keys, which must turn up nowhere either.
    private func guarded(_ scene: Scene) {
        for key in [Self.key, Self.other, Self.words] { scene.secret(key.text) }
    }

    @Test("a new key is one line of base64 that the program takes as a key, and leaves nothing behind")
    func generate() async throws {
        let scene = try Scene()
        let run = try await scene.run("key generate --state /proc/none/state.db")
        let line = run.output.dropLast()
        #expect(run.exit == .done && run.errors.isEmpty && run.output.hasSuffix("\n") && !line.contains("\n"))
        #expect(Data(base64Encoded: String(line))?.count == 32)
        let object = try await scene.run("key generate --json")
        let key = try #require(object.text("key"))
        #expect(Data(base64Encoded: key)?.count == 32 && key != String(line))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.home).isEmpty)
        let check = try await scene.run("key check", ["OUTLAST_KEY": key])
        #expect(check.exit == .done && check.output.contains("nothing was ever sealed"), "\(check.everything)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.home).isEmpty, "looking makes nothing")
        try scene.seal("release", with: GivenKey(variable: "KEY", text: key))
        #expect(try await scene.run("key check", ["OUTLAST_KEY": key]).output.contains("the key opens"))
    }

    @Test("no key, a wrong key and tampering are three sentences, each with what to do")
    func sentences() async throws {
        try await withScene { scene in
            guarded(scene)
            try scene.seal("release", with: Self.key)
            let right = try await scene.run("key check --json", Self.key.current)
            #expect(right.exit == .done && right["sealed"] == true && right.text("sealed_with") == "key")
            let file = ["OUTLAST_KEY_FILE": try scene.hide(Self.key.text + "\n")]
            #expect(try await scene.run("key check", file).exit == .done)
            let command = ["OUTLAST_KEY_COMMAND": "cat \(file["OUTLAST_KEY_FILE"] ?? "")"]
            #expect(try await scene.run("key check", command).exit == .done)
            for (variables, words) in [
                ([:], "no key is given"), (Self.other.current, "the key is not the one"),
                (Self.words.current, "sealed with a key, not with a passphrase"),
                (["OUTLAST_KEY_FILE": "/proc/none"], "the key file of OUTLAST_KEY_FILE"),
            ] {
                let run = try await scene.run("key check --json", variables)
                #expect(run.exit == .cacheLocked && run["sealed"] == .null && run["sealed_with"] == .null)
                #expect(run.text("error.message")?.contains(words) == true, "\(run.output)")
                let text = try await scene.run("key check", variables)
                #expect(text.exit == .cacheLocked && text.output.isEmpty && text.errors.contains(words))
            }
            let twice = try await scene.run("key check", Self.key.current.merging(Self.words.current) { $1 })
            #expect(twice.exit == .configuration && twice.errors.contains("OUTLAST_KEY and OUTLAST_PASSPHRASE"))
            let odd = try await scene.run("key check", ["OUTLAST_KEY": scene.secret("oddOddOddOddOddOddOdd")])
            #expect(odd.exit == .cacheLocked && odd.errors.contains("OUTLAST_KEY is not a key"))
            try await scene.sqlite("DELETE FROM key_envelope")
            for line in ["key check", "key rotate"] {
                let robbed = try await scene.run(line, Self.key.current.merging(Self.other.successor) { $1 })
                #expect(robbed.exit == .cacheLocked && robbed.errors.contains("was tampered with"), "\(robbed.errors)")
            }
        }
    }

    @Test("a key, or a configuration, that stands where its place should be named is not printed")
    func valueForPlace() async throws {
        try await withScene { scene in
            guarded(scene)
            try scene.seal("release", with: Self.key)
            let key = Self.key.text
            let half = scene.secret(String(key.prefix(30)))
            for (name, value) in [
                ("OUTLAST_KEY_FILE", key), ("OUTLAST_KEY_COMMAND", key), ("OUTLAST_KEY_FILE", half),
                ("OUTLAST_KEY_COMMAND", half), ("OUTLAST_KEY_FILE", half + "\n" + half),
            ] {
                for line in ["key check", "doctor --offline", "refresh --token-env T"] {
                    let run = try await scene.run(line, [name: value, "T": "x"])
                    #expect(run.code != 0 || line.hasPrefix("doctor"), "\(run.everything)")
                    #expect(!run.everything.contains(half), "\(name), \(line)")
                }
            }
            for value in [key, half, scene.secret("glpat-AbCdEfGhIjKlMnOpQrSt")] {
                let run = try await scene.run("preflight --token-env T", ["OUTLAST_CONFIG": value, "T": "x"])
                #expect(run.exit == .configuration && !run.everything.contains(value), "\(run.everything)")
            }
            let run = try await scene.run(
                "preflight --token-env T", ["OUTLAST_CONFIG": "version: 1\n# \(half)", "T": "x"])
            #expect(run.exit == .configuration && run.errors.contains("type File"), "\(run.errors)")
            #expect(!run.everything.contains(half))
        }
    }

    @Test(
        "every flip in the sealed record is called tampering, with the right key and with another", arguments: [0, 1])
    func flips(_ form: Int) async throws {
        try await withScene { scene in
            guarded(scene)
            let key = [Self.key, Self.words][form]
            try scene.seal("release", with: key)
            let (wrapped, salt) = (try await scene.envelope(), try await scene.envelope("salt"))
            #expect(wrapped.count == 92 && salt.count == 16 * form)
            var changes = flips(of: wrapped, "wrapped") + flips(of: salt, "salt")
            changes += ["salt = x'00'", "successor = x'00'", "cost_n = 65536, cost_r = 8, cost_p = 2", "wrapped = x''"]
            if form == 1 {
                changes += ["cost_n = 32768", "cost_r = 9", "salt = NULL", "cost_n = 1099511627776"]
            }
            let cost =
                form == 1 ? "cost_n = 65536, cost_r = 8, cost_p = 1" : "cost_n = NULL, cost_r = NULL, cost_p = NULL"
            let whole = "wrapped = \(wrapped.blob), salt = \(form == 1 ? salt.blob : "NULL"), \(cost), successor = NULL"
            for change in changes {
                try await scene.sqlite("UPDATE key_envelope SET \(whole); UPDATE key_envelope SET \(change)")
                for given in [key, Self.other] {
                    let run = try await scene.run("key check", given.current)
                    #expect(
                        run.exit == .cacheLocked && run.errors.contains("was tampered with"), "\(change): \(run.errors)"
                    )
                }
            }
            try await scene.sqlite("UPDATE key_envelope SET \(whole)")
            #expect(try await scene.run("key check", key.current).exit == .done)
        }
    }

    private func flips(of bytes: [UInt8], _ column: String) -> [String] {
        bytes.indices.map { place in
            var changed = bytes
            changed[place] ^= 1 << (place % 8)
            return "\(column) = \(changed.blob)"
        }
    }

    @Test("a key becomes a passphrase and a passphrase a key; what was sealed opens as before, the old key nothing")
    func rotate() async throws {
        try await withScene { scene in
            guarded(scene)
            let family = try scene.seal("release", with: Self.key)
            var old = Self.key
            for new in [Self.words, .passphrase("quite other words of mine"), Self.other, Self.key] {
                scene.secret(new.text)
                let before = Data(try await scene.envelope())
                #expect(scene.found([before]) == [0])
                let run = try await scene.run("key rotate --json", old.current.merging(new.successor) { $1 })
                let form = new.variable == "KEY" ? "key" : "passphrase"
                #expect(run.exit == .done && run.text("outcome") == "rotated", "\(run.everything)")
                #expect(run.text("sealed_with") == form && run.errors.isEmpty)
                #expect(
                    scene.found([before, new.bytes, old.bytes]) == [], "the old wrapped key, or a key, is on the disk")
                #expect(try await scene.run("key check", new.current).exit == .done)
                #expect(try await scene.run("key check", old.current).exit == .cacheLocked)
                #expect(try scene.opens(family, with: new))
                old = new
            }
            let events = try await scene.run("history events --json")
            let told = events["events"]?.elements?.map { [$0["event"]?.text, $0["outcome"]?.text, $0["detail"]?.text] }
            #expect(
                told?.count == 4 && told?.first == ["key-rotate", "rotated", "sealed with a key"], "\(events.output)")
        }
    }

    @Test("a rotation that has nothing to do says which case it is, and one that cannot be done which key is wrong")
    func nothingToDo() async throws {
        try await withScene { scene in
            guarded(scene)
            let variables = Self.key.current.merging(Self.other.successor) { $1 }
            let absent = try await scene.run("key rotate --json", variables)
            #expect(absent.exit == .stateUnusable && absent["outcome"] == .null, "\(absent.everything)")
            #expect(scene.read(scene.state) == nil)
            try await scene.run("record start --project a --job b --run 1")
            let empty = try await scene.run("key rotate", variables)
            #expect(empty.exit == .done && empty.output.contains("nothing was ever sealed"))
            try scene.seal("release", with: Self.key)
            for (given, code, words) in [
                (Self.key.current, OutlastModel.ExitCode.usage, "no new key"),
                (
                    variables.merging(Self.words.successor) { $1 }, .configuration,
                    "OUTLAST_NEW_KEY and OUTLAST_NEW_PASSPHRASE"
                ),
                (Self.other.successor, .cacheLocked, "no key is given"),
                (Self.words.current.merging(Self.other.successor) { $1 }, .cacheLocked, "sealed with a key"),
            ] {
                let run = try await scene.run("key rotate", given)
                #expect(run.exit == code && run.errors.contains(words) && run.output.isEmpty, "\(run.everything)")
            }
            let same = try await scene.run("key rotate", Self.key.current.merging(Self.key.successor) { $1 })
            #expect(same.exit == .done && same.output.contains("is the one in use"))
            #expect(try await scene.run("key rotate", variables).output.contains("is sealed with the new key now"))
            for again in [variables, Self.other.successor] {
                let run = try await scene.run("key rotate", again)
                #expect(run.exit == .done && run.output.contains("already"), "\(run.everything)")
            }
        }
    }

    @Test("of many rotations at once to different keys one takes place, and its key opens")
    func together() async throws {
        try await withScene { scene in
            guarded(scene)
            let family = try scene.seal("release", with: Self.key)
            let keys = (1...8).map { GivenKey.key(UInt8($0)) }
            let runs = try await withThrowingTaskGroup(of: (Int, Run).self) { group in
                for (index, key) in keys.enumerated() {
                    let variables = Self.key.current.merging(key.successor) { $1 }
                    group.addTask { (index, try await scene.run("key rotate --json", variables)) }
                }
                return try await group.reduce(into: [(Int, Run)]()) { $0.append($1) }
            }
            let winners = runs.filter { $0.1.exit == .done }
            #expect(winners.count == 1 && winners.first?.1.text("outcome") == "rotated")
            #expect(runs.allSatisfy { $0.1.exit == .done || $0.1.exit == .cacheLocked })
            let winner = keys[try #require(winners.first?.0)]
            #expect(try scene.opens(family, with: winner))
        }
    }
}
