// docs/ssh-fallback.md: its commands run as they stand there, against a server of the test's own; and preflight's remedy.

import Foundation
import OutlastModel
import Testing

@Suite("docs/ssh-fallback.md", .timeLimit(.minutes(10)))
struct SSHGuideTests {
    private static let text =
        (try? String(contentsOfFile: Program.repository + "/docs/ssh-fallback.md", encoding: .utf8)) ?? ""

    private func blocks(_ language: String) -> [String] {
        Self.text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    /// A block with the program and the server of this machine in the place of those of the guide.
    private func here(_ block: String, _ server: SSHServer) -> String {
        block.replacingOccurrences(of: "$(outlast ", with: "$(\"$OUTLAST\" ")
            .replacingOccurrences(of: "\noutlast ", with: "\n\"$OUTLAST\" ")
            .replacingOccurrences(
                of: "ssh://git@gitlab.example.com:2222/", with: "ssh://\(server.user)@127.0.0.1:\(server.port)/"
            )
            .replacingOccurrences(of: "--need-push", with: "--need-push --for gitlab.example.com")
            .replacingOccurrences(of: "--local", with: "--for gitlab.example.com --local")
    }

    @Test("the commands do what it says")
    func commands() async throws {
        try await withSSH { scene, server in
            let key = try await server.key("deploy")
            let known = try scene.write("[127.0.0.1]:\(server.port) \(server.hostKey)\n", to: "\(scene.home)/known")
            let variables = server.variables.merging([
                "DEPLOY_KEY": try String(contentsOfFile: key, encoding: .utf8), "SSH_KNOWN_HOSTS": known,
            ]) { $1 }
            let blocks = blocks("sh")
            #expect(blocks.count == 2)
            let first = try await scene.shell(here("\n" + blocks[0], server), variables)
            #expect(first.code == 0, "\(first.everything)")
            let second = try await scene.shell(
                "cd app; cp .git/config ../before\n" + here("\n" + blocks[1], server) + "cmp .git/config ../before",
                variables)
            #expect(second.code == 0 && second.output.contains("read proved"), "\(second.everything)")
            #expect(server.leftovers == [] && server.agents == [])
        }
    }

    @Test("the configuration is one, and its two keys are told apart")
    func configuration() async throws {
        try await withSSH(["group/app", "other/lib"]) { scene, server in
            var variables = server.variables
            for (name, variable, repository) in [("one", "APP_KEY", "group/app"), ("two", "LIB_KEY", "other/lib")] {
                let path = try await server.key(name, for: [repository])
                variables[variable] = try String(contentsOfFile: path, encoding: .utf8)
            }
            let known = try scene.write("[127.0.0.1]:\(server.port) \(server.hostKey)\n", to: "\(scene.home)/known")
            let block = try #require(blocks("yaml").first)
                .replacingOccurrences(
                    of: "host: gitlab.example.com, port: 2222",
                    with: "host: 127.0.0.1, port: \(server.port), user: \(server.user)"
                )
                .replacingOccurrences(of: "/etc/ci/known_hosts", with: known)
            variables["OUTLAST_CONFIG"] = try scene.write(block, to: "\(scene.home)/outlast.yml")
            let run = try await scene.shell(
                """
                eval "$("$OUTLAST" ssh-fallback --export shell)"
                for a in group/app other/lib; do git ls-remote -q "https://gitlab.example.com/$a.git" HEAD; done
                """, variables)
            #expect(run.code == 0 && run.output.split(separator: "\n").count == 2, "\(run.everything)")
        }
    }
}

@Suite("Preflight: going over SSH", .timeLimit(.minutes(10)))
struct PreflightFallbackTests {
    @Test(
        "a token that will not last is made up for by SSH, proved, in the repository itself",
        arguments: ["ssh-fallback", "auto"])
    func remedy(_ action: String) async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let token = scene.secret("opaque-0123456789-0123456789-0123")
            let way =
                "host: 127.0.0.1, port: \(server.port), user: \(server.user), key: {file: \"\(server.folder)/deploy\"}"
            try scene.write(
                """
                version: 1
                credentials:
                  release:
                    forge: generic
                    token: {env: RELEASE}
                    expires_at: 2020-01-01
                    hosts: [git.example.com]
                    ssh: {\(way), host_keys: ["\(server.hostKey)"], need_push: true}

                """, to: "\(scene.home)/outlast.yml")
            let variables = server.variables.merging([
                "OUTLAST_CONFIG": "\(scene.home)/outlast.yml", "RELEASE": token,
            ]) { $1 }
            let set =
                "git init -q -b main .; git remote add origin https://git.example.com/group/app.git; cp .git/config ../before"
            let line = "preflight --min-remaining 1h --on-insufficient \(action) --json"
            let early = try await scene.run(line, variables)
            #expect(
                early.exit == .expired && early.errors.contains("this folder is in no clone"), "\(early.everything)")
            #expect(early.errors.contains("after the checkout") && !early.errors.contains("--local"))
            #expect(try await scene.shell(set).code == 0)
            let run = try await scene.run(line, variables)
            #expect(run.code == 0 && run.text("remedy") == "ssh-fallback", "\(run.everything)")
            #expect(
                run.text("decision") == "expired" && run.errors.contains("read and push proved"), "\(run.everything)")
            let used = try await scene.shell(
                "git fetch -q; \"$OUTLAST\" ssh-fallback --off; cmp .git/config ../before", variables)
            #expect(used.code == 0, "\(used.everything)")
            try await server.listen(hostKey: "other")
            let failed = try await scene.run(line, variables)
            #expect(failed.exit == .expired && failed.text("remedy") == "none", "\(failed.everything)")
            #expect(failed.errors.contains("no SSH fallback: "), "\(failed.everything)")
            #expect(server.leftovers == [] && server.agents == [])
        }
    }
}
