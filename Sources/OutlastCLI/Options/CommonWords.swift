// What the common options say (contract, section 2), as plain values.

import OutlastModel

/// What was said; named as the options are.
struct CommonWords: Hashable, Sendable {
    var state: String?
    var config: String?
    var format: String?
    var json = false
    var strict = false
    var offline = false
    var timeout: String?
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
