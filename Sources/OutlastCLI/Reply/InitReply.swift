// How `init` answers: the files, and what is left to do.

import OutlastFlows
import OutlastModel

enum InitReply {
    static let empty: [JSONValue.Member] = [
        .init("ci", nil), .init("forge", nil), .init("project", nil), .init("root", nil), .init("files", .array([])),
        .init("next", .array([])),
    ]

    static func report(_ outcome: InitOutcome, showsTexts: Bool) -> Report {
        Report(json: { json(outcome, showsTexts: showsTexts) }, text: { text(outcome, $0, showsTexts: showsTexts) })
    }

    private static func json(_ outcome: InitOutcome, showsTexts: Bool) -> [JSONValue.Member] {
        let files = outcome.files.map { begun in
            JSONValue.object([
                .init("path", .string(begun.file.path)), .init("status", .string(begun.status.rawValue)),
                .init("purpose", .string(begun.file.purpose)),
                .init("text", showsTexts ? .string(begun.file.text) : .null),
            ])
        }
        return [
            .init("ci", .string(outcome.ci)), .init("forge", .string(outcome.facts.forge)),
            .init("project", outcome.facts.project.map { .string($0) } ?? .null),
            .init("root", .string(SafeText.line(outcome.root))), .init("files", .array(files)),
            .init("next", .array(outcome.next.map { .string($0) })),
        ]
    }

    private static func text(_ outcome: InitOutcome, _ style: TextStyle, showsTexts: Bool) -> String {
        let project = outcome.facts.project.map { ", project \(SafeText.line($0))" } ?? ""
        var lines = ["CI \(outcome.ci) (\(outcome.ciReason)), forge \(outcome.facts.forge)\(project)"]
        for begun in outcome.files {
            lines.append("\(begun.status.rawValue): \(begun.file.path)  \(style.tone(begun.file.purpose, .quiet))")
            if showsTexts { lines += ["", begun.file.text] }
        }
        lines.append("next:")
        for (number, step) in outcome.next.enumerated() {
            let parts = step.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                lines.append((index == 0 ? "\(number + 1). " : "   ") + part)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
