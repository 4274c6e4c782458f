// The options that every subcommand takes (contract, section 2).

import ArgumentParser
import OutlastModel

struct CommonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The state store: a path or sqlite:PATH[?mode=group].", valueName: "location"))
    var state: String?
    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String?
    @Option(help: ArgumentHelp("How to answer: text or json.", valueName: "format"))
    var format: String?
    @Flag(help: "Short for --format json.")
    var json = false
    @Flag(help: "Fail with 40 when the state store cannot be used. OUTLAST_STRICT=1 says the same.")
    var strict = false
    @Flag(help: "Leave the network alone.")
    var offline = false
    @Option(help: ArgumentHelp("Bound on each request (10s).", valueName: "duration"))
    var timeout: String?
    @Flag(help: "Accept http:// for hosts that are not loopback.")
    var allowInsecureHttp = false

    /// What was given, checked.
    struct Values: Sendable {
        let config: String?
        let isJSON: Bool
        let isStrict: Bool
        let timeout: Duration?
        let world: WorldRequest
    }

    func values(_ variables: Variables) throws(Failure) -> Values {
        if let format, format != "text", format != "json" { throw .usage("--format takes text or json") }
        if json, format == "text" { throw .usage("--json and --format text contradict each other") }
        return Values(
            config: config, isJSON: json || format == "json", isStrict: try Self.isStrict(variables, flag: strict),
            timeout: try ArgumentText.duration(timeout, "--timeout", positive: true),
            world: WorldRequest(state: state, allowsInsecureHTTP: allowInsecureHttp, isOffline: offline))
    }

    private static func isStrict(_ variables: Variables, flag: Bool) throws(Failure) -> Bool {
        if flag { return true }
        switch variables["OUTLAST_STRICT"]?.lowercased() {
        case nil, "0", "false", "no": return false
        case "1", "true", "yes": return true
        default: throw .configuration("OUTLAST_STRICT has an unknown value", hint: "set it to 1 or 0")
        }
    }
}
