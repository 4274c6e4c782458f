// Which credential helpers of others stand between git and a credential's server.

import OutlastModel
import Testing

@Suite("git's settings, as doctor judges them")
struct GitHealthTests {
    static let cases: [(String, [(String, String)], HealthCheck.Status)] = [
        ("a helper for every server", [("credential.helper", "store")], .warn),
        ("a helper for this server", [("credential.https://git.example.com.helper", "store")], .warn),
        ("with a port", [("credential.https://Git.Example.com:8443/group.helper", "store")], .warn),
        ("with a pattern", [("credential.https://*.example.com.helper", "store")], .warn),
        ("a helper for another server", [("credential.https://other.example.com.helper", "store")], .pass),
        ("none", [], .pass),
        ("ours", [("credential.https://git.example.com.helper", "!'/usr/bin/outlast' credential")], .pass),
        (
            "one that ours has taken the place of",
            [
                ("credential.helper", "store"), ("credential.https://git.example.com.helper", ""),
                ("credential.https://git.example.com.helper", "!'/usr/bin/outlast' credential"),
            ], .pass
        ),
        (
            "one that comes after ours",
            [
                ("credential.https://git.example.com.helper", ""),
                ("credential.https://git.example.com.helper", "!'/usr/bin/outlast' credential"),
                ("credential.helper", "store"),
            ], .warn
        ),
    ]

    @Test("a helper counts when git would ask it for the server", arguments: cases)
    func helpers(_ item: (name: String, settings: [(String, String)], status: HealthCheck.Status)) {
        let settings = item.settings.map { GitSetting(key: $0.0, value: Secret($0.1)) }
        let checks = GitHealth.settings(settings, servers: ["git.example.com"], ours: "outlast")
        #expect(checks.first?.name == "git-helpers" && checks.first?.status == item.status, "\(item.name)")
    }
}
