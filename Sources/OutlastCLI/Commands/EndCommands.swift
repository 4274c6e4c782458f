// `outlast history expiring|no-expiry|calendar`: arguments to questions about ends of tokens.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct ExpiringCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "expiring", abstract: "Tokens that end soon, who uses them, and the job that will fail first.")

    @Option(help: ArgumentHelp("How far to look ahead (30d).", valueName: "duration"))
    var within: String?
    @Flag(help: "End with 10 when there is such a token.")
    var fail = false
    @Flag(help: "Also tokens that are made for one job and end with it or soon after.")
    var all = false
    @Option(help: ArgumentHelp("The most tokens (1000).", valueName: "n"))
    var limit: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = EndsReply.emptyTokens

    func work(in session: Session) async throws(Failure) -> Report {
        let (tokens, warnings) = try EndsFlow(try session.world()).ending(
            within: try ArgumentText.duration(within, "--within", positive: true) ?? .seconds(30 * 86_400),
            includesShortLived: all, quantile: 0.95,
            limit: try ArgumentText.count(limit, "--limit", in: 1...1_000_000) ?? 1000)
        return EndsReply.expiring(tokens, code: fail && !tokens.isEmpty ? .willExpire : .done, notes: warnings)
    }
}

struct NoExpiryCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "no-expiry", abstract: "Tokens that never end, and who uses them.")

    @Option(help: ArgumentHelp("The most tokens (1000).", valueName: "n"))
    var limit: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = EndsReply.emptyTokens

    func work(in session: Session) async throws(Failure) -> Report {
        let (tokens, warnings) = try EndsFlow(try session.world()).endless(
            limit: try ArgumentText.count(limit, "--limit", in: 1...1_000_000) ?? 1000)
        return EndsReply.endless(tokens, notes: warnings)
    }
}

struct CalendarCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar", abstract: "The days on which most tokens end.")

    @Option(help: ArgumentHelp("How far to look ahead (400d).", valueName: "duration"))
    var within: String?
    @Flag(help: "Also tokens that are made for one job and end with it or soon after.")
    var all = false
    @Option(help: ArgumentHelp("The most days (100).", valueName: "n"))
    var limit: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = EndsReply.emptyDays

    func work(in session: Session) async throws(Failure) -> Report {
        let (days, warnings) = try EndsFlow(try session.world()).calendar(
            within: try ArgumentText.duration(within, "--within", positive: true) ?? .seconds(400 * 86_400),
            includesShortLived: all, limit: try ArgumentText.count(limit, "--limit", in: 1...10_000) ?? 100)
        return EndsReply.calendar(days, notes: warnings)
    }
}
