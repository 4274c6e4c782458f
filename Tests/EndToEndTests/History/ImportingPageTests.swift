// The examples of docs/importing.md, run as they stand.

import Foundation
import Testing

/// docs/importing.md.
enum ImportingPage {
    static let text = (try? String(contentsOfFile: Program.repository + "/docs/importing.md", encoding: .utf8)) ?? ""

    /// The blocks of shell: what all of them begin with, then the examples.
    static let blocks: [String] = text.matches(of: /```sh\n([\s\S]*?)```/).map { String($0.output.1) }

    /// How the answers of an example begin, by the comments behind its commands.
    static func answers(_ block: String) -> [String] {
        block.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("outlast "), let mark = line.range(of: "# ", options: .backwards) else { return nil }
            return String(line[mark.upperBound...])
        }
    }
}

@Suite("docs/importing.md", .timeLimit(.minutes(5)))
struct ImportingPageTests {
    @Test("there are examples to run") func found() { #expect(ImportingPage.blocks.count >= 6) }

    @Test("every example answers as the page says", arguments: ImportingPage.blocks.indices.dropFirst())
    func runs(_ index: Int) async throws {
        let example = ImportingPage.blocks[index]
        let answers = ImportingPage.answers(example)
        #expect(!answers.isEmpty, "\(example)")
        try await withScene { scene in
            let script = "\(ImportingPage.blocks[0])\n\(example)"
            let run = try await scene.shell(script, ["PATH": "\(Program.folder):/usr/bin:/bin"])
            #expect(run.code == 0, "\(example)\n\(run.everything)")
            // A command may say more than one line; the first of each is what the page shows.
            let said = run.output.split(separator: "\n").filter { line in
                !["tokens: ", "events: "].contains { line.hasPrefix($0) }
            }
            #expect(said.count == answers.count, "\(said)")
            for (line, answer) in zip(said, answers) { #expect(line.hasPrefix(answer), "\(line)\n\(run.errors)") }
        }
    }
}
