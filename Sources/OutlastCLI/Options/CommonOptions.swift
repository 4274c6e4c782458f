// The options that every subcommand takes (contract, section 2).

import ArgumentParser

struct CommonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The state store: a path or sqlite:PATH[?mode=group].", valueName: "location"))
    var state: String?
    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String?
    @Option(help: ArgumentHelp("How to answer: text or json.", valueName: "format"))
    var format: String?
    @Flag(help: "Short for --format json.")
    var json = false
    @Flag(help: "Fail with 40 or 41 when the state store or its key cannot be used. OUTLAST_STRICT=1 says the same.")
    var strict = false
    @Flag(help: "Leave the network alone.")
    var offline = false
    @Option(help: ArgumentHelp("Bound on each request (10s).", valueName: "duration"))
    var timeout: String?
    @Flag(help: "Accept http:// for hosts that are not loopback.")
    var allowInsecureHttp = false

    /// What was given, without the parser.
    var given: CommonWords {
        CommonWords(
            state: state, config: config, format: format, json: json, strict: strict, offline: offline,
            timeout: timeout, allowInsecureHttp: allowInsecureHttp)
    }
}
