// What shells do with the lines: the variable is there, nothing was shown, the settings are as they were, the file is gone.

import Foundation
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("Handing values to a shell")
struct ShellHandoverTests {
    private let scene: HandoverScene
    /// With everything that quoting could get wrong.
    private static let token = #"canary'0"$(id)`id`\!#%~*?0123456789"#

    init() throws { scene = try HandoverScene() }

    /// Leaves a file for a shell; the lines and the file's path.
    private func leave(below runtime: String? = nil) throws -> (lines: String, path: String) {
        let runtime = runtime ?? scene.folder + "/run"
        let handover = Handover(scene.world(["XDG_RUNTIME_DIR": runtime]), .shell)
        try handover.check(names: ["OTHER", "THE_TOKEN", "SECOND", "KEY"])
        let handed = try handover.hand([
            .plain("OTHER", "two words\n# '"), .secret("THE_TOKEN", Secret(Self.token)),
            .secret("SECOND", Secret(Self.token + "#")), .secret("KEY", Secret("canary-1\ncanary-2")),
        ])
        let lines = try #require(handed.shellText)
        #expect(!lines.contains("canary"))
        let name = try #require(scene.names(runtime + "/outlast").last)
        return (lines, runtime + "/outlast/" + name)
    }

    /// The script that a job would run: the lines come from a program.
    private func script(_ lines: String) throws -> String {
        let program = scene.folder + "/program"
        try scene.files.writeAtomically(program, Array(lines.utf8), permissions: 0o600)
        return """
            before=$-
            eval "$(cat '\(program)')"
            test "$before" = $-; echo "as before: $?"
            env
            """
    }

    @Test("the file is for its owner alone, in a folder for its owner alone")
    func place() throws {
        let (_, path) = try leave()
        #expect(try scene.files.status(of: path)?.permissions == 0o600)
        #expect(try scene.files.status(of: scene.exports)?.permissions == 0o700)
        #expect(scene.names(scene.exports).count == 1)
    }

    @Test(
        "every shell has the variables afterwards, showed nothing, goes on tracing as before, and the file is gone",
        arguments: Shell.all,
        [["-s"], ["-eu"], ["-xe"], ["-x"], ["-v"], ["-xv"], ["-aeuxv"], ["-o", "pipefail", "-e"]])
    func sourced(_ shell: Shell, _ flags: [String]) async throws {
        // The file's own folder has to be quoted, too.
        let odd = scene.folder + "/run/a b'$x*"
        try scene.files.makeFolder(odd, permissions: 0o700)
        let (lines, _) = try leave(below: odd)
        // dash knows no such option: it says so and ends.
        let flags = flags.contains("pipefail") && shell.words[0] == "dash" ? ["-e"] : flags
        let watched = scene.folder + "/watch"
        try scene.files.makeFolder(watched, permissions: 0o700)
        let watch = "#!/bin/sh\nenv >> '\(watched)/seen'; echo \"$@\" >> '\(watched)/seen'\nexec /bin/rm \"$@\"\n"
        try scene.files.writeAtomically(watched + "/rm", Array(watch.utf8), permissions: 0o700)

        let answer = try await shell.run(try script(lines), flags: flags, ["PATH": "\(watched):/usr/bin:/bin"])
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(answer.output.contains("as before: 0"), "\(answer.errors)")
        #expect(answer.output.contains("THE_TOKEN=\(Self.token)\n"))
        #expect(answer.output.contains("SECOND=\(Self.token)#\n") && answer.output.contains("KEY=canary-1\ncanary-2\n"))
        #expect(answer.output.contains("OTHER=two words\n# '\n"))
        #expect(!answer.output.contains("__outlast"))
        #expect(!answer.errors.contains("canary"), "\(answer.errors)")
        #expect(scene.names(odd + "/outlast") == [])
        let seen = try scene.text(watched + "/seen")
        #expect(seen.contains("-f -- ") && !seen.contains("canary"))
    }

    @Test(
        "traps on every command, which traces in a file of their own do not escape, see no token",
        arguments: [
            (
                ["bash"],
                #"exec 7> "$LOG"; BASH_XTRACEFD=7; set -T; trap 'echo "debug: $BASH_COMMAND" >&7' DEBUG RETURN"#
            ),
            (["ksh93"], #"trap 'print -r -- "debug: ${.sh.command}" >> "$LOG"' DEBUG"#),
            (["zsh"], #"trap 'print -r -- "debug: $ZSH_DEBUG_CMD" >> "$LOG"' DEBUG"#),
        ])
    func traps(_ words: [String], _ trap: String) async throws {
        let handover = Handover(scene.world(), .shell)
        try handover.check(names: ["THE_TOKEN"])
        let lines = try #require(try handover.hand([.secret("THE_TOKEN", Secret(Self.token))]).shellText)
        let log = scene.folder + "/log"
        let answer = try await Shell(words: words).run(trap + "\nset -x\n" + (try script(lines)), ["LOG": log])
        #expect(answer.code == 0 && answer.output.contains("as before: 0"), "\(answer.errors)")
        #expect(answer.output.contains("THE_TOKEN=\(Self.token)\n") && !answer.errors.contains("canary"))
        let seen = try scene.text(log)
        #expect(seen.contains("debug: env") && seen.contains("__outlast") && !seen.contains("canary"), "\(seen)")
    }

    @Test("a function that has descriptor 9 open keeps it", arguments: Shell.all)
    func descriptor(_ shell: Shell) async throws {
        let (lines, _) = try leave()
        let log = scene.folder + "/log"
        let head = "exec 9> '\(log)'\nf() {\n"
        let answer = try await shell.run(head + (try script(lines)) + "\n}\nf\necho mine >&9\n", flags: ["-eu"])
        #expect(answer.code == 0 && answer.output.contains("THE_TOKEN=\(Self.token)\n"), "\(answer.errors)")
        #expect(try scene.text(log) == "mine\n")
    }

    @Test("without quotes around the substitution it works as well, where blanks do not matter", arguments: Shell.all)
    func unquoted(_ shell: Shell) async throws {
        guard shell.words != ["zsh"] else { return }  // does not cut at blanks, so this is the quoted case
        let (lines, _) = try leave()
        let script = try script(lines).replacing(#""$(cat '"#, with: "$(cat '").replacing(#"')""#, with: "')")
        #expect(script.contains("eval $(cat"))
        let answer = try await shell.run(script, flags: ["-ex"])
        #expect(answer.code == 0 && answer.output.contains("as before: 0"), "\(answer.errors)")
        #expect(answer.output.contains("THE_TOKEN=\(Self.token)\n") && !answer.errors.contains("canary"))
    }

    @Test("a file that is gone ends a script with -e", arguments: Shell.all)
    func gone(_ shell: Shell) async throws {
        let (lines, path) = try leave()
        try scene.files.remove(path)
        let answer = try await shell.run(try script(lines), flags: ["-e"])
        #expect(answer.code != 0 && !answer.output.contains("as before"))
    }

    @Test("the line for a failure ends a script with -e with its code", arguments: Shell.all)
    func failed(_ shell: Shell) async throws {
        for code in [1, 20, 21, 64, 143] {
            let answer = try await shell.run("eval \"$(echo '(exit \(code))')\"\necho on", flags: ["-eu"])
            #expect(answer.code == code && answer.output.isEmpty)
        }
    }

    // MARK: Leftovers

    private func ancestry(_ parent: Int32, _ grandparent: Int32, place: String = "here") -> ProcessAncestry {
        ProcessAncestry(place: place, parent: parent, grandparent: grandparent)
    }

    @Test(
        "a file that nobody sourced goes when its caller can no longer want it, and not before",
        arguments: [
            // parent and grandparent then, now; who lives; seconds later; whether it goes
            (10, 5, 10, 5, [5, 10] as Set<Int32>, 0, true),
            (10, 5, 11, 5, [5, 10, 11], 0, false), (10, 5, 11, 5, [5, 11], 0, false),
            (10, 5, 11, 6, [6, 11], 0, true), (10, 5, 11, 6, [6, 10, 11], 590, false),
            (10, 5, 11, 6, [5, 6, 10, 11], 605, true),
        ] as [(Int32, Int32, Int32, Int32, Set<Int32>, Int, Bool)])
    func leftovers(
        _ parent: Int32, _ grandparent: Int32, _ nextParent: Int32, _ nextGrandparent: Int32, _ alive: Set<Int32>,
        _ later: Int, _ goes: Bool
    ) throws {
        scene.callers.set(ancestry(parent, grandparent), alive: [parent, grandparent])
        let (_, path) = try leave()
        scene.callers.set(ancestry(nextParent, nextGrandparent), alive: alive)
        scene.clock.advance(by: .seconds(later))
        // A handover of any form looks for them.
        try Handover(scene.world(), .file(scene.folder + "/out/t")).check(names: ["T"])
        #expect(try (scene.files.status(of: path) == nil) == goes)
    }

    @Test("numbers of processes on another machine, or untold ones, prove nothing")
    func elsewhere() throws {
        let others: [(ProcessAncestry?, ProcessAncestry?)] = [
            (ancestry(10, 5, place: "there"), ancestry(10, 5)), (nil, ancestry(10, 5)), (ancestry(10, 5), nil),
            (nil, nil),
        ]
        for (before, after) in others {
            scene.callers.set(before, alive: [])
            let (_, path) = try leave()
            scene.callers.set(after, alive: [])
            try Handover(scene.world(), .shell).check(names: ["T"])
            #expect(try scene.files.status(of: path) != nil)
            try scene.files.remove(path)
        }
    }

    @Test("nothing is ever removed that is not of our making")
    func strangers() throws {
        let (_, path) = try leave()
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        try FileManager.default.createSymbolicLink(
            atPath: scene.exports + "/" + name.dropLast(4) + "0000", withDestinationPath: "/etc/passwd")
        let others = ["export-1", "notes", ".outlast-x.tmp", name + ".sh", "x" + name, name.uppercased()]
        for other in others {
            try scene.files.writeAtomically(scene.exports + "/" + other, [1], permissions: 0o600)
        }
        let unfinished = ".outlast-0123456789abcdef0123456789abcdef.tmp"
        try scene.files.writeAtomically(scene.exports + "/" + unfinished, [1], permissions: 0o600)
        let before = scene.names(scene.exports)
        try Handover(scene.world(), .shell).check(names: ["T"])
        #expect(scene.names(scene.exports) == before)
        scene.clock.advance(by: .seconds(3600))
        try Handover(scene.world(), .shell).check(names: ["T"])
        #expect(scene.names(scene.exports) == before.filter { $0 != name && $0 != unfinished })
    }

    // MARK: Folders

    /// Hands over with these variables; the folder of the file that the lines source.
    private func place(_ variables: [String: String]) throws -> String {
        let handover = Handover(scene.world(variables), .shell)
        try handover.check(names: ["T"])
        let text = try #require(try handover.hand([.secret("T", Secret(Self.token))]).shellText)
        let path = try #require(text.split(separator: "'").first { $0.contains("/export-") })
        #expect(try scene.files.status(of: String(path))?.permissions == 0o600)
        return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }

    @Test("files lie in memory where there is such a place, else in the state's own home")
    func order() throws {
        let home = ["XDG_RUNTIME_DIR": "", "HOME": scene.folder + "/home"]
        #expect(try place(home) == scene.folder + "/home/.local/state/outlast/handover")
        let state = home.merging(["XDG_STATE_HOME": scene.folder + "/state"]) { $1 }
        #expect(try place(state) == scene.folder + "/state/outlast/handover")
        try scene.files.makeFolder("/dev/shm", permissions: 0o700)
        #expect(try place(state) == "/dev/shm/outlast-\(scene.files.effectiveUser())")
        #expect(try place([:]) == scene.exports)
    }

    @Test("a folder that others may enter, and a link in its place, are passed over")
    func folders() throws {
        let link: (String, String) throws -> Void = {
            try FileManager.default.createSymbolicLink(
                atPath: scene.folder + $0, withDestinationPath: scene.folder + $1)
        }
        try scene.files.setPermissions(of: scene.folder + "/run", to: 0o750)
        try link("/link", "/out")
        try link("/out/outlast", "/work")
        let fallback = scene.folder + "/home/.local/state/outlast/handover"
        for runtime in ["/run", "/link", "/out", "/nothing"] {
            let variables = ["XDG_RUNTIME_DIR": scene.folder + runtime, "HOME": scene.folder + "/home"]
            #expect(try place(variables) == fallback, "\(runtime)")
        }
        // Somebody made the folder in shared memory before we did.
        try scene.files.makeFolder("/dev/shm", permissions: 0o777)
        let shared = "/dev/shm/outlast-\(scene.files.effectiveUser())"
        try scene.files.makeFolder(shared, permissions: 0o755)
        let variables = ["XDG_RUNTIME_DIR": "", "HOME": scene.folder + "/home"]
        #expect(try place(variables) == fallback)
        #expect(scene.names(shared) == [] && scene.names(scene.folder + "/work") == [])
    }

    @Test("where there is no place at all, that is said before anything is done")
    func nowhere() {
        let world = scene.world(["XDG_RUNTIME_DIR": ""])
        let refusal = failure { () throws(Failure) in try Handover(world, .shell).check(names: ["T"]) }
        #expect(refusal?.code == .configuration && refusal?.hint?.contains("HOME") == true)
    }

    @Test("names are read strictly")
    func fileNames() {
        let name = HandoverName(caller: ancestry(10, 5), random: String(repeating: "0a", count: 16))
        #expect(HandoverName(name.text) == name)
        let odd = ["-010-", "--10-", "-99999999999-", "-+10-", "-"].map { name.text.replacing("-10-", with: $0) }
        for odd in odd + ["", "export", name.text + "0", "../" + name.text] {
            #expect(HandoverName(odd) == nil && !HandoverName.isOurs(odd))
        }
    }
}
