// `outlast history sync`: arguments to the credential whose lists are read.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct SyncCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Read a forge's lists of tokens, so that ends of unused ones are known too.",
        discussion: "The credential is an administrator's or an owner's; nothing at the forge is changed.")

    @OptionGroup(title: "The credential") var token: TokenOptions
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = [
        .init("forge", nil), .init("api", nil), .init("listed", nil), .init("whole", nil),
    ]

    func work(in session: Session) async throws(Failure) -> Report {
        let world = try session.world()
        let requests = try token.given.credentials(
            try session.configuration(), world: world, insecure: session.options.world.allowsInsecureHTTP)
        guard requests.count == 1 else {
            throw .usage("one credential reads the lists", hint: "give --credential NAME")
        }
        let outcome = try await SyncFlow(world).run(requests[0], timeout: session.options.timeout ?? .seconds(10))
        return Report(
            notes: outcome.warnings + outcome.list.notes.map { SafeText.line($0) },
            json: {
                [
                    .init("forge", .string(outcome.forge)), .init("api", .string(outcome.api)),
                    .init("listed", .integer(Int64(outcome.list.tokens.count))),
                    .init("whole", .bool(outcome.list.isWhole)),
                ]
            },
            text: { _ in
                let what = outcome.list.isWhole ? "all \(outcome.list.tokens.count)" : "\(outcome.list.tokens.count)"
                return "\(what) living tokens of \(SafeText.line(outcome.api)) are known now\n"
            })
    }
}
