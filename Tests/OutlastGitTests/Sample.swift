// The recorded outputs, with the classes that they must get, in the two halves that their names put them into.

import Foundation
import OutlastGit
import OutlastModel
import Testing

/// One recorded output.
struct Sample: Sendable, CustomTestStringConvertible {
    /// Rules were written with one half in view, and measured on the other.
    enum Half: String, CaseIterable, Sendable { case seen, unseen }

    let name: String
    let situation: String
    /// The classes that are right.
    let classes: [FailureClass]
    let bytes: [UInt8]

    var testDescription: String { "\(name): \(situation)" }

    /// By the first hex digit of the SHA-256 of the file's name: even ones were looked at.
    var half: Half {
        let digit = SHA256Digest(hashing: name.utf8).hex.utf8.first ?? 0
        let value = digit <= 0x39 ? digit - 0x30 : digit - 0x61 + 10
        return value % 2 == 0 ? .seen : .unseen
    }

    /// The program's diagnosis.
    var diagnosis: Diagnosis { Self.diagnostician.diagnose(bytes) }

    static let diagnostician = GitDiagnostician { ["glpat-", "ghp_", "ghs_", "github_pat_", "eyJ"] }

    /// The first collection, which came without the program that reads it.
    static let given = read("given")
    /// The second, which `Tests/tools/record-samples.sh` records.
    static let recorded = read("recorded")
    static let all = given + recorded

    private static func read(_ folder: String) -> [Sample] {
        let root = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Samples/" + folder
        let index = (FileManager.default.contents(atPath: root + "/index.csv")).map {
            String(decoding: $0, as: UTF8.self)
        }
        return (index ?? "").split(separator: "\n").dropFirst().compactMap { line in
            let cells = cells(of: line)
            guard cells.count == 5, let bytes = FileManager.default.contents(atPath: root + "/" + cells[0]) else {
                Issue.record("the index of \(folder) has a line that fits no file: \(line)")
                return nil
            }
            let classes = cells[4].split(separator: "|").compactMap { FailureClass(rawValue: String($0)) }
            if classes.isEmpty { Issue.record("\(cells[0]) has no class that we know: \(cells[4])") }
            return Sample(name: cells[0], situation: cells[1], classes: classes, bytes: Array(bytes))
        }
    }

    /// Cells of a line of CSV, with quotation marks doubled inside quoted ones.
    private static func cells(of line: Substring) -> [String] {
        var cells = [""]
        var isQuoted = false
        for character in line {
            if character == "\"" {
                if !isQuoted, let last = cells.last, !last.isEmpty { cells[cells.count - 1] += "\"" }
                isQuoted.toggle()
            } else if character == ",", !isQuoted {
                cells.append("")
            } else {
                cells[cells.count - 1].append(character)
            }
        }
        return cells
    }
}

/// How often each class was taken for which.
struct ConfusionTable: CustomStringConvertible {
    private(set) var right = 0
    private(set) var total = 0
    private(set) var mistakes: [String] = []
    private var cells: [String: Int] = [:]

    init(_ samples: [Sample]) {
        for sample in samples {
            let diagnosis = sample.diagnosis
            let isRight = sample.classes.contains(diagnosis.class)
            total += 1
            right += isRight ? 1 : 0
            let wanted = sample.classes.map(\.rawValue).joined(separator: "|")
            cells["\(wanted) → \(diagnosis.class.rawValue) (\(diagnosis.confidence.rawValue))", default: 0] += 1
            if !isRight {
                mistakes.append(
                    "\(sample.testDescription): \(wanted), not \(diagnosis.class.rawValue), by \(diagnosis.line ?? "nothing")"
                )
            }
        }
    }

    var description: String {
        (["\(right) of \(total) right"] + cells.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
            + mistakes.map { "  WRONG \($0)" }).joined(separator: "\n")
    }
}
