// `outlast history pack|merge|export|prune`: arguments to `HistoryExchangeFlow`.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct HistoryPackCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack", abstract: "The history alone as a file: no secrets, no journal, nothing that waits.",
        discussion: "A pack that lies in that place already is replaced; anything else is left alone.")

    @Argument(help: ArgumentHelp("The file to write.", valueName: "file"))
    var file: String
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = HistoryExchangeReply.emptyPack

    func work(in session: Session) async throws(Failure) -> Report {
        let path = try session.path(file, "the pack")
        let (count, warnings) = try HistoryExchangeFlow(try session.world()).pack(to: path)
        return HistoryExchangeReply.packed(count, notes: warnings)
    }
}

struct HistoryMergeCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Take in the history of other stores or packs.",
        discussion: "They are only read. Merging the same store again changes nothing.")

    @Argument(help: ArgumentHelp("The other stores.", valueName: "other"))
    var others: [String] = []
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = HistoryExchangeReply.emptyMerge

    func work(in session: Session) async throws(Failure) -> Report {
        if others.isEmpty { throw .usage("no store is named", hint: "name the stores to take in") }
        var paths: [String] = []
        for other in others { paths.append(try session.path(other, "the other store")) }
        let (count, warnings) = try HistoryExchangeFlow(try session.world()).merge(paths)
        return HistoryExchangeReply.merged(count, notes: warnings)
    }
}

struct HistoryExportCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Every row of the history, a JSON object on each line.")

    @Flag(help: "Write JSON lines.")
    var jsonl = false
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = []

    func work(in session: Session) async throws(Failure) -> Report {
        guard jsonl else { throw .usage("nothing says in which form to export", hint: "give --jsonl") }
        if session.options.isJSON {
            throw .usage("--jsonl writes an object on each line and --json one in all: give one of them")
        }
        let warnings = try HistoryExchangeFlow(try session.world()).export()
        return Report(notes: warnings, json: { [] }, text: { _ in "" })
    }
}

struct HistoryPruneCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove old history and give its room back.",
        discussion: """
            Sealed secrets, families, the journal of renewals and what waits to be published are never touched. Tokens \
            that have not ended stay.
            """)

    @Option(help: ArgumentHelp("What was over so long ago goes, such as 180d.", valueName: "duration"))
    var olderThan: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = HistoryExchangeReply.emptyPrune

    func work(in session: Session) async throws(Failure) -> Report {
        guard let span = try ArgumentText.duration(olderThan, "--older-than", positive: true) else {
            throw .usage("nothing says what is old", hint: "give --older-than, such as --older-than 180d")
        }
        let (count, warnings) = try HistoryExchangeFlow(try session.world()).prune(olderThan: span)
        return HistoryExchangeReply.pruned(count, notes: warnings)
    }
}

extension Session {
    /// An absolute path for what the user named.
    func path(_ text: String, _ what: String) throws(Failure) -> String {
        if text.isEmpty || text.utf8.contains(0) { throw .usage("the path of \(what) is empty or odd") }
        return text.hasPrefix("/") ? text : "\(invocation.workingFolder)/\(text)"
    }
}
