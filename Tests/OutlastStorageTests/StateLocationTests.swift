// `--state` and `OUTLAST_STATE` as they are written.

import OutlastModel
import OutlastStorage
import Testing

@Suite struct StateLocationTests {
    @Test(arguments: [
        ("state.db", "state.db", false), ("/var/lib/outlast/state.db", "/var/lib/outlast/state.db", false),
        ("sqlite:/srv/state.db", "/srv/state.db", false), ("sqlite:rel/state.db", "rel/state.db", false),
        ("sqlite:/srv/state.db?mode=group", "/srv/state.db", true), ("odd?mode=group", "odd?mode=group", false),
        (":memory:", ":memory:", false), ("a:b", "a:b", false),
    ])
    func pathsAreRead(_ text: String, _ path: String, _ isShared: Bool) throws {
        let location = try StateLocation(parsing: text, from: .commandLine)
        #expect(location == .sqlite(path: path, sharedWithGroup: isShared))
    }

    @Test(arguments: [
        "", "sqlite:", "sqlite:?mode=group", "sqlite:/a?mode=all", "sqlite:/a?", "mysql://h/d", "file://x", "a\0b",
    ])
    func anythingElseIsAUsageError(_ text: String) {
        #expect(failure { try StateLocation(parsing: text, from: .environment) }?.code == .usage)
    }

    @Test(arguments: [
        "postgresql://ci:canary-password@db/outlast", "postgres://ci:canary-password@db",
        "postgresql://u:canary/pass@db/x",
        "postgresql://db/outlast?user=ci&password=canary-password", "postgresql://db/o?PASSWORD=canary",
    ])
    func aPasswordOnTheCommandLineIsRefusedWithoutRepeatingIt(_ text: String) throws {
        let refusal = try #require(failure { try StateLocation(parsing: text, from: .commandLine) })
        #expect(refusal.code == .usage)
        #expect(!refusal.description.contains("canary"))
        #expect(refusal.hint?.contains("OUTLAST_STATE") == true)
    }

    @Test func postgresIsNotInThisBuild() throws {
        for (text, origin) in [
            ("postgresql://ci@db/outlast", StateLocation.Origin.commandLine),
            ("postgresql://ci:canary-password@db/outlast", .environment),
        ] {
            let refusal = try #require(failure { try StateLocation(parsing: text, from: origin) })
            #expect(refusal.code == .stateUnusable)
            #expect(!refusal.description.contains("canary"))
        }
    }

    @Test func theStandardPlaceFollowsTheBaseDirectories() {
        let place = { (state: String?, home: String?) in StateLocation.standard(stateHome: state, home: home) }
        #expect(place("/s", "/h") == .sqlite(path: "/s/outlast/state.db", sharedWithGroup: false))
        #expect(place("relative", "/h") == .sqlite(path: "/h/.local/state/outlast/state.db", sharedWithGroup: false))
        #expect(place(nil, "/h") == .sqlite(path: "/h/.local/state/outlast/state.db", sharedWithGroup: false))
        #expect(place(nil, nil) == nil)
        #expect(place(nil, "") == nil)
    }

    private func failure(_ body: () throws -> StateLocation) -> Failure? { OutlastStorageTests.failure(of: body) }
}
