// A command is a parser: it turns arguments into a typed request, hands it to a flow and says how to show the outcome.

import ArgumentParser
import OutlastModel

/// A subcommand that does something.
protocol WorkingCommand: ParsableCommand {
    /// The options that every subcommand takes.
    var common: CommonOptions { get }
    /// The keys of its JSON reply with their empty values, for replies that are only an error.
    static var emptyReply: [JSONValue.Member] { get }
    /// The same for a failure, where a key says that it is one.
    static func failedReply(_ failure: Failure) -> [JSONValue.Member]
    /// Does the work.
    func work(in session: Session) async throws(Failure) -> Report
}

extension WorkingCommand {
    /// Nothing is known.
    static func failedReply(_ failure: Failure) -> [JSONValue.Member] { emptyReply }
}
