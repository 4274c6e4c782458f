// The least that any command can do: read its arguments, which are those of git's helper, and say one of them.

import ArgumentParser

@main
struct Parser: ParsableCommand {
    @Argument(help: "What is asked.")
    var action: String
    @Option(help: "The configuration.")
    var config: String?
    @Option(help: "The state store.")
    var state: String?
    @Option(help: "The credentials that may answer.")
    var credential: [String] = []
    @Flag(help: "Whether a store that can't be used is a failure.")
    var strict = false

    func run() { print(action) }
}
