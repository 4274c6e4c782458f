// `outlast secret list|forget`: what the secret cache holds, and how to take something out of it.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct SecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "See what is sealed in the secret cache, and forget it.",
        subcommands: [SecretListCommand.self, SecretForgetCommand.self])
}

struct SecretListCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "What is sealed, by fingerprint; needs no key and shows no secret.")

    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = SecretReply.emptyList

    func work(in session: Session) async throws(Failure) -> Report {
        let (secrets, warnings) = try SecretListFlow(try session.world()).run()
        return SecretReply.list(secrets, notes: warnings)
    }
}

struct SecretForgetCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Take a credential's or a family's secrets out of the cache.",
        discussion: """
            With --superseded only what belongs to old generations goes: an old token, which may have leaked, then no \
            longer leads to the one that replaced it. That is the first step after a leak. Jobs need the current token \
            from then on; where it was published nowhere, nothing finds it any more, and they need a new one.
            With --queued only publications go that are still queued: for a target that has left the configuration. One \
            that the configuration still names is given the current token by the next run nevertheless.
            Without either the current token goes too.
            """)

    @Option(help: ArgumentHelp("All families that began under this credential's name.", valueName: "name"))
    var credential: String?
    @Option(help: ArgumentHelp("The family of this name (`outlast secret list` has them).", valueName: "family"))
    var family: String?
    @Flag(help: "Only what belongs to superseded generations; alone, of all families.")
    var superseded = false
    @Flag(help: "Only publications that are still queued.")
    var queued = false
    @Option(help: ArgumentHelp("Bound on waiting for renewals that are under way (120s).", valueName: "duration"))
    var wait: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = SecretReply.emptyForgotten

    func work(in session: Session) async throws(Failure) -> Report {
        if queued && superseded { throw .usage("--queued and --superseded both say what goes: give one") }
        let extent: SecretForgetRequest.Extent = queued ? .queued : superseded ? .superseded : .everything
        var request = SecretForgetRequest(try selection(), extent)
        if let wait = try ArgumentText.duration(wait, "--wait") { request.wait = wait }
        return SecretReply.forgotten(try await SecretForgetFlow(try session.world()).run(request), request)
    }

    private func selection() throws(Failure) -> SecretForgetRequest.Selection {
        switch (credential, family) {
        case (_?, _?): throw .usage("--credential and --family both say what to forget: give one")
        case (let name?, nil):
            if name.isEmpty { throw .usage("--credential is empty") }
            return .credential(name)
        case (nil, let text?):
            guard let family = FamilyID(parsing: text) else {
                throw .usage(
                    "--family takes a family's name, 32 hex digits", hint: "`outlast secret list` shows them")
            }
            return .family(family)
        case (nil, nil):
            guard superseded else {
                throw .usage(
                    "nothing says what to forget",
                    hint: "give --credential NAME or --family F, or --superseded for old generations of all")
            }
            return .all
        }
    }
}
