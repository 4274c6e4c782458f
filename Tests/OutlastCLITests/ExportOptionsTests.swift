// What `--export` takes, and what it becomes.

import ArgumentParser
import OutlastFlows
import OutlastModel
import Testing

@testable import OutlastCLI

@Suite("--export")
struct ExportOptionsTests {
    private func form(_ words: [String], takesFile: Bool = true) throws -> ExportForm? {
        try ExportOptions.parse(words).form(from: "/work", takesFile: takesFile)
    }

    @Test("each form is taken once, with its path made absolute")
    func forms() throws {
        #expect(try form([]) == nil)
        #expect(try form(["--export", "shell"]) == .shell)
        #expect(try form(["--export", "github"]) == .pipeline("github"))
        #expect(try form(["--export", "dotenv:/a b/c"]) == .dotenv("/a b/c"))
        #expect(try form(["--export", "dotenv:c:d"]) == .dotenv("/work/c:d"))
        #expect(try form(["--export=file:../t"]) == .file("/work/../t"))
        #expect(try form(["--export", "dotenv:c"], takesFile: false) == .dotenv("/work/c"))
    }

    @Test(
        "anything else is a mistake that is not repeated",
        arguments: ["", "Shell", "bash", "file", "file:", "dotenv", "dotenv:", "gitlab", "shell ", "secret-value"])
    func mistakes(_ text: String) {
        let failure = #expect(throws: Failure.self) { try form(["--export", text]) }
        #expect(failure?.code == .usage)
        #expect(failure?.message.contains("takes shell, github, dotenv:FILE or file:FILE") == true)
        #expect(failure?.description.contains("secret-value") == false)
    }

    @Test("twice, or a file where there may be several values, is a mistake")
    func twice() {
        let twice = #expect(throws: Failure.self) { try form(["--export", "shell", "--export", "shell"]) }
        #expect(twice?.code == .usage)
        let file = #expect(throws: Failure.self) { try form(["--export", "file:/t"], takesFile: false) }
        #expect(file?.message == "--export takes shell, github or dotenv:FILE")
    }
}
