// Files, dotenv lines and programs: targets of this machine, with its real files and programs.
import FoundationEssentials
import OutlastModel
import OutlastSystem
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("file, dotenv and command")
struct LocalTargetTests {
    private let files = SystemFileSystem()

    private func text(_ path: String) throws -> String {
        String(decoding: try files.read(path, limit: 1 << 20), as: UTF8.self)
    }

    @Test("a file holds the token alone, for its owner alone, and replaces a link in its place")
    func file() async throws {
        try await withFolder { folder in
            let path = folder + "/token"
            try files.writeAtomically(folder + "/other", Array("keep".utf8), permissions: 0o644)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder + "/other")
            let rehearsal = try PublishRehearsal(FileTarget(), ["path": .text(path)])
            #expect(await rehearsal.check() == nil)
            #expect(try await rehearsal.read() == nil, "a link is nobody's token")
            #expect(await rehearsal.publish("tok-123456") == nil)
            #expect(try text(path) == "tok-123456" && text(folder + "/other") == "keep")
            let status = try #require(try files.status(of: path))
            #expect(status.sort == .file && status.permissions == 0o600)
            #expect(try await rehearsal.read() == "tok-123456")
            await PublishTargetConformance(
                FileTarget(), scene: rehearsal.scene, token: Secret("tok-canary-1")
            ).check()
        }
    }

    @Test("places that cannot hold a file are found out before a renewal")
    func places() async throws {
        try await withFolder { folder in
            let rows: [(String, ExitCode)] = [
                ("token", .configuration), (folder + "/", .configuration), (folder, .renewalFailed),
                (folder + "/none/token", .renewalFailed),
            ]
            for (path, code) in rows {
                let failure = try await PublishRehearsal(FileTarget(), ["path": .text(path)]).check()
                #expect(failure?.code == code, "\(path)")
            }
        }
    }

    @Test(
        "one line changes and all others stay",
        arguments: [
            ("", "TOKEN=new\n"), ("A=1\n", "A=1\nTOKEN=new\n"), ("A=1", "A=1\nTOKEN=new\n"),
            ("# c\n\nTOKEN=old\nB='x y'\n", "# c\n\nTOKEN=new\nB='x y'\n"),
            ("TOKEN=1\nA=1\nTOKEN=2\n", "TOKEN=new\nA=1\n"), ("export TOKEN=1\nXTOKEN=2\n", "TOKEN=new\nXTOKEN=2\n"),
            ("TOKENS=1\r\nTOKEN2=2\r\n", "TOKENS=1\r\nTOKEN2=2\r\nTOKEN=new\n"),
        ])
    func lines(_ old: String, _ new: String) {
        let text = DotenvText.text(Secret(old), setting: "TOKEN", to: Secret("new"))
        #expect(text.reveal() == new)
    }

    @Test("a dotenv file is written whole and read back")
    func dotenv() async throws {
        try await withFolder { folder in
            let path = folder + "/token.env"
            try files.writeAtomically(path, Array("A=1\nTOKEN=old\n".utf8), permissions: 0o644)
            let rehearsal = try PublishRehearsal(DotenvTarget(), ["path": .text(path), "name": .text("TOKEN")])
            #expect(try await rehearsal.read() == "old")
            #expect(await rehearsal.publish("tok=1#2") == nil)
            #expect(try text(path) == "A=1\nTOKEN=tok=1#2\n")
            #expect(try files.status(of: path)?.permissions == 0o600)
            #expect(await rehearsal.publish("two words") != nil)
            await PublishTargetConformance(
                DotenvTarget(), scene: rehearsal.scene, token: Secret("tok-canary-1")
            ).check()
            let odd = try PublishRehearsal(DotenvTarget(), ["path": .text(path), "name": .text("1 X")])
            #expect(await odd.check()?.code == .configuration)
        }
    }

    @Test("a program gets the token by stdin and never as an argument")
    func command() async throws {
        try await withFolder { folder in
            let path = folder + "/got"
            let settings: [String: SettingValue] = ["command": .texts(["sh", "-c", "cat > \(path); echo canary >&2"])]
            let rehearsal = try PublishRehearsal(CommandTarget(), settings, processes: SystemProcessRunner())
            #expect(await rehearsal.check() == nil)
            #expect(await rehearsal.publish("tok-123456") == nil)
            #expect(try text(path) == "tok-123456")
            let failing = try PublishRehearsal(
                CommandTarget(), ["command": .texts(["sh", "-c", "cat >/dev/null; echo sealed >&2; exit 3"])],
                processes: SystemProcessRunner())
            #expect(await failing.publish("tok-123456")?.message.contains("ended with 3: sealed") == true)
            let none = try PublishRehearsal(CommandTarget(), ["command": .texts([folder + "/none"])])
            #expect(await none.check()?.message.contains("no such program") == true)
            let seen = ScriptedProcesses { _ in .success(ProcessAnswer(code: 0, output: Secret(""), errors: "")) }
            let quiet = try PublishRehearsal(CommandTarget(), ["command": .texts(["put"])], processes: seen)
            await PublishTargetConformance(
                CommandTarget(), scene: quiet.scene, token: Secret("tok-canary-1")
            ).check()
            #expect(seen.questions.map(\.command) == [["put"]])
            #expect(seen.questions.first?.input?.matches(Secret("tok-canary-1")) == true)
        }
    }
}
