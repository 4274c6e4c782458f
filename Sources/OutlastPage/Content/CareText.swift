// A token to look after, in words: what is wrong, by when, who will feel it, and what to do.

import OutlastModel

struct CareText {
    let item: CareItem

    init(_ item: CareItem) { self.item = item }

    var values: [String: Any] {
        var facts: [[String: Any]] = []
        func fact(_ name: String, _ value: String) { facts.append(["term": name, "told": value]) }
        if !item.kind.isEmpty { fact("Kind", item.kind) }
        if !item.mark.isEmpty { fact("Fingerprint", item.mark) }
        if let at = item.at { fact(momentName, at.minuteText) }
        if !item.usedBy.isEmpty { fact("Used by", Words.users(item.usedBy)) }
        return [
            "name": item.name, "badge": badge, "shape": shape, "level": level, "sentence": sentence, "facts": facts,
            "command": command, "commandSays": commandSays,
        ]
    }

    private var momentName: String {
        switch item.reason {
        case .lost, .inDoubt, .refused: "Since"
        case .willFail, .endsSoon, .noEnd: "Ends"
        }
    }

    private var badge: String {
        switch item.reason {
        case .lost: "answer lost"
        case .inDoubt: "in doubt"
        case .refused: "refused"
        case .willFail: "a job will fail"
        case .endsSoon: "ends soon"
        case .noEnd: "no end"
        }
    }

    /// How loudly it is shown.
    private var level: String {
        switch item.reason {
        case .lost, .inDoubt, .refused, .willFail: "bad"
        case .endsSoon: "warn"
        case .noEnd: "calm"
        }
    }

    /// The same without a colour.
    private var shape: String {
        switch level {
        case "bad": Glyph.failed.svg
        case "warn": Glyph.miss.svg
        default: Glyph.running.svg
        }
    }

    private var sentence: String {
        let by = item.detail.map { " (\($0))" } ?? ""
        switch item.reason {
        case .lost: return "The forge renewed it\(by), and its answer never arrived: nobody has the new token."
        case .inDoubt: return "Nobody knows yet whether it was renewed\(by)."
        case .refused:
            let when = item.at.map { " since \($0.minuteText)" } ?? ""
            return "Jobs still come with it, but \(item.detail ?? "it does not count")\(when)."
        case .willFail:
            let job = item.failing.map(Words.name) ?? "a job"
            let start = item.failingAt.map { ", expected to begin at \($0.minuteText)," } ?? ""
            return "\(job)\(start) would not end before it. \(left)"
        case .endsSoon: return left
        case .noEnd: return "It never ends: whoever gets hold of it can use it for ever."
        }
    }

    private var left: String { item.remaining.map { "It has \($0.readable) left." } ?? "Its end is near." }

    /// A line to paste. A name from elsewhere could be more than a name to a shell: then there is a placeholder.
    private var command: String {
        let isPlain =
            !item.name.isEmpty && item.name.utf8.first != UInt8(ascii: "-")
            && item.name.utf8.allSatisfy(Self.plain.contains)
        switch item.reason {
        case .noEnd: return "outlast history no-expiry"
        case .refused: return "outlast history explain --last-failed"
        default: return "outlast refresh --credential \(isPlain ? item.name : "NAME")"
        }
    }

    private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._".utf8)

    private var commandSays: String {
        switch item.reason {
        case .lost, .inDoubt: "finds out what can be found out, and says what is left to do"
        case .refused: "says which job it broke and what would have saved it"
        case .willFail, .endsSoon: "renews it, where the credential is configured and can be renewed"
        case .noEnd: "lists all of them with their users"
        }
    }
}
