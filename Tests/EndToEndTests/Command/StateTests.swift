// A store that cannot be used never breaks a build that needed nothing from it, unless it was told to be strict.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

/// A store that is no use, and a word of the reason.
struct UselessStore: Sendable, CustomTestStringConvertible {
    let name: String
    let words: String
    /// Makes it; gives back its location.
    let make: @Sendable (Scene) throws -> String

    var testDescription: String { name }

    private static func folder(_ scene: Scene, _ permissions: Int = 0o700) throws -> String {
        let path = scene.folder + "/store"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: permissions])
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
        return path
    }

    static let all = [
        UselessStore(name: "garbage", words: "not a state store") { scene in
            let path = try folder(scene) + "/state.db"
            try scene.write(String(repeating: "this is no database. ", count: 500), to: path)
            return path
        },
        UselessStore(name: "a folder", words: "is a folder") { try folder($0) },
        UselessStore(name: "a folder that everybody can write", words: "every user of this machine can write") {
            try folder($0, 0o777) + "/state.db"
        },
        UselessStore(name: "a file that everybody can write", words: "every user of this machine can write") {
            let path = try folder($0) + "/state.db"
            try $0.write("", to: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
            return path
        },
        UselessStore(name: "a file that its group can write", words: "the group of") {
            let path = try folder($0) + "/state.db"
            try $0.write("", to: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o660], ofItemAtPath: path)
            return path
        },
        UselessStore(name: "a link", words: "symbolic link") {
            let path = try folder($0) + "/state.db"
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: $0.work + "/elsewhere.db")
            return path
        },
        // Nobody can make a folder there, not even root.
        UselessStore(name: "a place that cannot be written", words: "cannot make the folder") { _ in
            "/proc/outlast/state.db"
        },
        UselessStore(name: "another program's database", words: "not a state store of outlast") {
            let path = try folder($0) + "/state.db"
            let empty = Process()
            empty.executableURL = URL(filePath: "/usr/bin/sqlite3")
            empty.arguments = [path, "CREATE TABLE somebody(elses)"]
            try empty.run()
            empty.waitUntilExit()
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            return path
        },
        UselessStore(name: "PostgreSQL in a build without it", words: "PostgreSQL") { _ in "postgresql://h/db" },
    ]
}

@Suite("A store that cannot be used", .timeLimit(.minutes(10)))
struct StateTests {
    private static let token = "state-0123456789-state-0123456789-state"
    private static let record = "record start --project a/b --job c --run 1"

    @Test("is a warning, and the verdict is the same", arguments: UselessStore.all)
    func goesOn(_ store: UselessStore) async throws {
        try await withForge { scene, sandbox in
            let token = scene.secret(try sandbox.gitlab.addToken(expiresOn: "2026-11-21").secret)
            let location = try store.make(scene)
            let line = "preflight --token-env T \(sandbox.gitlab4) --state \(location) --json"
            for (duration, code) in [("30m", OutlastModel.ExitCode.done), ("3h", .willExpire)] {
                let run = try await scene.run(line + " --duration \(duration)", ["T": token])
                #expect(run.exit == code, "\(run.everything)")
                #expect(run.text("state") == "unavailable")
                #expect(run.text("state_reason")?.contains(store.words) == true, "\(run.output)")
                #expect(run.errors.contains("going on without the state store"))
                #expect(Shape.complaint(run.json, .object(Shape.preflight)) == nil)
            }
            let record = try await scene.run(Self.record + " --state \(location) --json")
            #expect(record.exit == .done && record.text("state") == "unavailable", "\(record.everything)")
        }
    }

    @Test("is a failure with --strict or OUTLAST_STRICT=1", arguments: UselessStore.all)
    func strict(_ store: UselessStore) async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            let location = try store.make(scene)
            let preflight = "preflight --token-env T --expires-at 2099-01-01 --state \(location) --json"
            for (flag, variables) in [(" --strict", [:]), ("", ["OUTLAST_STRICT": "1"])] {
                let run = try await scene.run(preflight + flag, ["T": Self.token].merging(variables) { $1 })
                #expect(run.exit == .stateUnusable, "\(run.everything)")
                #expect(Shape.missing(Shape.preflight.map(\.0), in: run.json) == [])
                #expect(run.text("state") == "unavailable" && run.text("state_reason") != nil, "\(run.output)")
                let record = try await scene.run(Self.record + " --state \(location)" + flag, variables)
                #expect(record.exit == .stateUnusable && record.output.isEmpty, "\(record.everything)")
            }
            let off = try await scene.run(preflight, ["T": Self.token, "OUTLAST_STRICT": "0"])
            #expect(off.exit == .done)
            let odd = try await scene.run(preflight, ["T": Self.token, "OUTLAST_STRICT": "perhaps"])
            #expect(odd.exit == .configuration)
        }
    }

    @Test("is the end of a list, which needs one", arguments: ["jobs", "tokens", "events", "rotations"])
    func lists(_ list: String) async throws {
        try await withScene { scene in
            let run = try await scene.run("history \(list) --json")
            #expect(run.exit == .stateUnusable && run[list]?.elements?.isEmpty == true, "\(run.everything)")
            #expect(scene.read(scene.state) == nil, "looking makes nothing")
        }
    }

    @Test("whatever the place, folder and files are for their owner alone")
    func permissions() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            for (index, name) in ["--state \(scene.folder)/a/b/state.db", "--state sqlite:\(scene.folder)/c/s.db", ""]
                .enumerated()
            {
                let run = try await scene.run(
                    "preflight --token-env T --expires-at 2099-01-01 \(name)", ["T": Self.token])
                #expect(run.exit == .done && run.errors.isEmpty)
                let path = [scene.folder + "/a/b/state.db", scene.folder + "/c/s.db", scene.state][index]
                #expect(try scene.permissions(path) == 0o600)
                #expect(
                    try scene.permissions(path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }) == 0o700)
            }
            let xdg = ["XDG_STATE_HOME": scene.folder + "/xdg", "T": Self.token]
            try await scene.run("preflight --token-env T --expires-at 2099-01-01", xdg)
            #expect(scene.read(scene.folder + "/xdg/outlast/state.db") != nil)
            let named = ["OUTLAST_STATE": scene.folder + "/named/state.db", "T": Self.token]
            try await scene.run("preflight --token-env T --expires-at 2099-01-01", named)
            #expect(scene.read(scene.folder + "/named/state.db") != nil)
        }
    }

    @Test("a shared store says so in its location, and only there")
    func shared() async throws {
        try await withScene { scene in
            let path = scene.folder + "/shared/state.db"
            let made = try await scene.run("record start --project a --job b --run 1 --state sqlite:\(path)?mode=group")
            #expect(made.exit == .done && made.errors.isEmpty, "\(made.errors)")
            #expect(try scene.permissions(path) == 0o660)
            #expect(try scene.permissions(scene.folder + "/shared") == 0o2770)
            let refused = try await scene.run("record start --project a --job b --run 1 --strict --state \(path)")
            #expect(refused.exit == .stateUnusable && refused.errors.contains("?mode=group"))
        }
    }

    @Test("a password in --state is refused, and nothing of it repeated")
    func password() async throws {
        try await withScene { scene in
            let password = scene.secret("hunter2hunter2hunter2")
            for location in ["postgresql://u:\(password)@h/db", "postgresql://h/db?password=\(password)"] {
                let run = try await scene.run("history jobs --json --state \(location)")
                #expect(run.exit == .usage, "\(run.everything)")
                let quiet = try await scene.run("history jobs --json", ["OUTLAST_STATE": location])
                #expect(quiet.exit == .stateUnusable)
            }
        }
    }
}

extension Scene {
    /// Permission bits of a path.
    func permissions(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? -1
    }
}
