// What one run of the program left behind, and what holds for every run whatever it was about.

import Foundation
import OutlastModel
import Testing

/// One run.
struct Run: Sendable {
    let arguments: [String]
    let output: String
    let errors: String
    let code: Int32
    /// How long it took, waiting for its turn left out.
    let took: Duration

    /// Everything that was said.
    var everything: String { output + errors }

    /// The code by its name; nil for one that the table does not have.
    var exit: OutlastModel.ExitCode? { OutlastModel.ExitCode(rawValue: code) }

    var isJSON: Bool { arguments.contains("--json") || arguments.contains("--format=json") }

    /// The object on stdout; null when there is none.
    var json: JSONValue { (try? JSONValue(parsing: Array(output.utf8))) ?? .null }

    /// A value of the object by its path, such as `credentials.0.kind`.
    subscript(path: String) -> JSONValue? {
        path.split(separator: ".").reduce(json as JSONValue?) { value, part in
            if let index = Int(part) {
                let elements = value?.elements ?? []
                return elements.indices.contains(index) ? elements[index] : nil
            }
            return value?[String(part)]
        }
    }

    /// A text of the object.
    func text(_ path: String) -> String? { self[path]?.text }

    /// A number of the object.
    func number(_ path: String) -> Int64? { self[path]?.wholeNumber }

    /// What stderr says without the prefix.
    var notes: [String] { errors.split(separator: "\n").map { String($0.trimmingPrefix("outlast: ")) } }
}

extension Run {
    /// What holds for every run: a code of the table, one object or none on stdout, prefixed talk on stderr, and nothing
    /// that a terminal or a CI would act on.
    func checkManners(_ location: SourceLocation) {
        let label: Comment = "outlast \(arguments.joined(separator: " ")) → \(code)\n\(output)\n\(errors)"
        #expect(exit != nil, label, sourceLocation: location)
        // It alone ends with 1 for something that was to be expected (contract, section 10).
        #expect(exit != .unexpected || arguments.first == "doctor", label, sourceLocation: location)
        checkCharacters(label, location)
        if isJSON { checkObject(label, location) }
        guard !arguments.contains("--help"), arguments != [] else { return }
        let odd = errors.split(separator: "\n", omittingEmptySubsequences: false).dropLast().first { line in
            let isRunners = ["::warning::", "::error::", "::add-mask::", "##vso[task."].contains { line.hasPrefix($0) }
            return !isRunners && !(line.hasPrefix("outlast: ") && line.count > 9)
        }
        #expect(odd == nil, label, sourceLocation: location)
    }

    private func checkCharacters(_ label: Comment, _ location: SourceLocation) {
        let odd = everything.unicodeScalars.first { $0 != "\n" && SafeText.isUnsafe($0) }
        #expect(odd == nil, label, sourceLocation: location)
        #expect(output.isEmpty || output.hasSuffix("\n"), label, sourceLocation: location)
        #expect(errors.isEmpty || errors.hasSuffix("\n"), label, sourceLocation: location)
    }

    private func checkObject(_ label: Comment, _ location: SourceLocation) {
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2, label, sourceLocation: location)
        #expect(output.hasPrefix(#"{"schema":1"#), label, sourceLocation: location)
        // By a parser that nobody here wrote, and by ours for equal keys.
        let strict = try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        #expect(strict != nil, label, sourceLocation: location)
        let keys = json.members?.map(\.key) ?? []
        #expect(!keys.isEmpty && Set(keys).count == keys.count, label, sourceLocation: location)
        guard code != 0, !(10...23).contains(code) else { return }
        #expect(self["error"]?.members?.map(\.key) == ["code", "message", "hint"], label, sourceLocation: location)
        #expect(number("error.code") == Int64(code), label, sourceLocation: location)
        #expect(text("error.message")?.isEmpty == false, label, sourceLocation: location)
    }
}
