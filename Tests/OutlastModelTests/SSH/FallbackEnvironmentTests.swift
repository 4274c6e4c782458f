import OutlastModel
import Testing

@Suite("git's environment with a fallback")
struct FallbackEnvironmentTests {
    private let isOurs: @Sendable (String) -> Bool = { $0.hasPrefix("/ours/") }

    private func made(_ variables: [String: String], rules: [FallbackEnvironment.Entry] = []) -> [String: String] {
        apply(
            FallbackEnvironment(
                file: "/ours/2/gitconfig", rules: rules, command: "ssh -F '/ours/2/ssh_config'",
                over: Variables(variables), isOurs: isOurs), to: variables)
    }

    private func apply(_ change: FallbackEnvironment, to variables: [String: String]) -> [String: String] {
        var all = variables
        for variable in change.variables { all[variable.name] = variable.text ?? "" }
        for name in change.unset { all[name] = nil }
        return all
    }

    private func without(_ variables: [String: String], canUnset: Bool = true) -> [String: String] {
        apply(
            FallbackEnvironment(
                without: Variables(variables), previous: [:], canUnset: canUnset, isOurs: isOurs), to: variables)
    }

    @Test("what was there is there again, with settings of others or without")
    func backAndForth() {
        let others = ["GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b", "GIT_CONFIG_VALUE_0": "c"]
        for before in [[:], others] {
            let rules = [FallbackEnvironment.Entry("url.ssh://x/.insteadOf", [.text("https://u:"), .variable("T")])]
            let once = made(before, rules: rules)
            #expect(once["GIT_CONFIG_COUNT"] == String(before.isEmpty ? 2 : 3))
            #expect(made(once, rules: rules) == once && without(once) == before)
            #expect(without(made(once)) == before && made(once)["GIT_CONFIG_COUNT"] == String(before.isEmpty ? 1 : 2))
        }
    }

    @Test("settings that came later keep their places")
    func later() {
        var variables = made([:])
        variables.merge(["GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_1": "a.b", "GIT_CONFIG_VALUE_1": "token"]) { $1 }
        let off = without(variables)
        #expect(off["GIT_CONFIG_KEY_0"] == "outlast.off" && off["GIT_CONFIG_COUNT"] == "2")
        #expect(off["GIT_CONFIG_VALUE_1"] == "token" && off["GIT_SSH_COMMAND"] == nil)
    }

    @Test("where nothing can be taken away, what stays means nothing")
    func noUnset() {
        let off = without(made([:]), canUnset: false)
        #expect(
            off["GIT_CONFIG_KEY_0"] == "outlast.off" && off["GIT_SSH_COMMAND"] == "ssh"
                && off["GIT_SSH_VARIANT"] == "auto")
    }

    @Test("what later steps were given is taken from them by a step that does not have it itself")
    func handedOn() {
        let mine = [
            "GIT_SSH_COMMAND": "ssh -i key", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b",
            "GIT_CONFIG_VALUE_0": "c",
        ]
        for before in [[:], mine] {
            let later = made(before)
            let change = FallbackEnvironment(
                without: Variables(before), previous: FallbackEnvironment.previous(Variables(before), isOurs: isOurs),
                canUnset: false, handedOn: Set(later.keys), isOurs: isOurs)
            let off = apply(change, to: later)
            #expect(off["GIT_CONFIG_COUNT"] == (before["GIT_CONFIG_COUNT"] ?? "0"))
            #expect(off["GIT_SSH_COMMAND"] == (before["GIT_SSH_COMMAND"] ?? "ssh"))
            #expect(off["GIT_CONFIG_KEY_0"] == (before["GIT_CONFIG_KEY_0"] ?? "outlast.off"))
            #expect(off["GIT_SSH_VARIANT"] == "auto")
        }
        // Nobody was given anything: there is nothing to say.
        let nothing = FallbackEnvironment(
            without: Variables(mine), previous: [:], canUnset: false, handedOn: [], isOurs: isOurs)
        #expect(nothing.variables.isEmpty && nothing.unset.isEmpty)
    }

    @Test("a command of somebody else is left alone")
    func foreign() {
        let own = ["GIT_SSH_COMMAND": "ssh -i key", "GIT_CONFIG_COUNT": "x"]
        #expect(without(own) == own)
        #expect(FallbackEnvironment.previous(Variables(own), isOurs: isOurs) == ["GIT_SSH_COMMAND": "ssh -i key"])
    }
}
