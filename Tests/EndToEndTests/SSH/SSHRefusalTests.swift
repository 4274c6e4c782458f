// What is refused, why, and that nothing of it stays: host keys, private keys, rights.

import Foundation
import OutlastModel
import Testing

@Suite("outlast ssh-fallback refuses", .timeLimit(.minutes(10)))
struct SSHRefusalTests {
    private static let retired =
        "ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEAq2A7hRGmdnm9tUDbO9IDSwBK6TbQa+PXYPCPy6rbTrTtw7PHkccKrpp0yVhp5HdEIcKr6pLlVDBfOLX9QUsyCOV0wzfjIJNlGEYsdlLJizHhbn2mUjvSAHQqZETYP81eFzLQNnPHt4EVVUh7VfDESU84KezmD5QlWpXLmvU31/yMf+Se8xhHTvKSCZIFImWwoG6mbUoWf9nzpIoaSjB+weqqUUmpaaasXVal72J+UX2B+2RPW3RcT0eOzQgqlJL3RKrTJvdsjE3JEAvGq3lGHSZXy28G3skua2SmVi/w4yCE6gbODqnTWlg7+wC604ydGXA8VJiS5ap43JXiUFFAaQ=="

    private func run(
        _ scene: Scene, _ server: SSHServer, _ more: [String], key: String = "deploy", _ extra: [String: String] = [:]
    ) async throws -> Run {
        try await scene.run(
            ["ssh-fallback", "--key-file", "\(server.folder)/\(key)", "--repo", server.address(), "--json"] + more,
            server.variables.merging(extra) { $1 })
    }

    private func expectNothing(of server: SSHServer) {
        #expect(server.leftovers == [] && server.agents == [])
    }

    @Test("a host key that is not the pinned one is named beside it, and nothing goes on")
    func mismatch() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let pin = server.hostKey
            try await server.listen(hostKey: "other")
            let run = try await run(scene, server, ["--host-key", pin])
            let message = try #require(run.text("error.message"))
            let prints = try ["host", "other"].map { name in
                try #require(HostKey(try server.publicKey(name))?.fingerprint)
            }
            #expect(run.code == 30 && prints.allSatisfy { message.contains($0) }, "\(run.everything)")
            expectNothing(of: server)
        }
    }

    @Test("a server without a pin is not believed, and one whose pin is a fingerprint is by that alone")
    func pins() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let none = try await run(scene, server, [])
            #expect(
                none.code == 30 && none.text("error.message")?.contains("no host key is pinned") == true,
                "\(none.everything)")
            let print = try #require(HostKey(server.hostKey)?.fingerprint)
            let right = try await run(scene, server, ["--host-key", print])
            #expect(right.code == 0 && right.text("host_key_fingerprint") == print, "\(right.everything)")
            #expect(try await scene.run("ssh-fallback --off", server.variables).code == 0)
            let other = try #require(HostKey(try server.publicKey("other"))?.fingerprint)
            let wrong = try await run(scene, server, ["--host-key", other])
            #expect(wrong.code == 30 && wrong.text("error.message")?.contains(other) == true, "\(wrong.everything)")
            expectNothing(of: server)
        }
    }

    @Test("known_hosts files are read as ssh reads them: ports, hashed names, patterns, marks, authorities")
    func knownHosts() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let pin = server.hostKey
            let hashed = try scene.write("[127.0.0.1]:\(server.port) \(pin)\n", to: "hashed")
            #expect(try await scene.shell("ssh-keygen -q -H -f \(hashed)").code == 0)
            try #require(scene.read("hashed")?.hasPrefix("|1|") == true)
            let files: [(String, Int32)] = [
                ("[127.0.0.1]:\(server.port) \(pin)\n", 0), ("127.0.0.1 \(pin)\r\n", 0), ("*.0.0.1 \(pin)\n", 0),
                (scene.read("hashed") ?? "", 0), ("[127.0.0.1]:9 \(pin)\n", 30), ("# nothing\n", 30),
                ("@revoked [127.0.0.1]:\(server.port) \(pin)\n127.0.0.1 \(pin)\n", 30),
                ("@revoked [127.0.0.1]:\(server.port) \(pin)\n[127.0.0.1]:\(server.port) \(pin)\n", 30),
                ("@cert-authority [127.0.0.1]:\(server.port) \(try server.publicKey("other"))\n", 30),
                ("[127.0.0.1]:\(server.port) \(Self.retired)\n[127.0.0.1]:\(server.port) \(pin)\n", 0),
                ("[127.0.0.1]:\(server.port) \(Self.retired)\n", 30),
            ]
            for (text, code) in files {
                try scene.write(text, to: "known")
                let run = try await run(scene, server, ["--known-hosts", "known"])
                #expect(run.code == code, "\(text)\n\(run.everything)")
                if text.contains("AAAAB3NzaC1yc2EAAAABIwAAAQEAq2A7") {
                    #expect(run.errors.contains("GitHub's former RSA key"), "\(run.everything)")
                }
            }
            #expect(try await scene.run("ssh-fallback --off", server.variables).code == 0)
            let missing = try await run(scene, server, ["--known-hosts", "nothing"])
            #expect(missing.code == 64)
            expectNothing(of: server)
        }
    }

    @Test("GitHub's retired key is refused by its name, as a key and as a fingerprint, also beside the right one")
    func retiredKey() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            for pin in [Self.retired, "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"] {
                let run = try await run(scene, server, ["--host-key", pin, "--host-key", server.hostKey])
                #expect(
                    run.code == 30 && run.text("error.message")?.contains("GitHub's former RSA key") == true)
            }
            expectNothing(of: server)
        }
    }

    @Test(
        "keys as people paste them work",
        arguments: ["crlf", "no last newline", "written newlines", "blanks around", "one line", "quotes"])
    func mended(_ sort: String) async throws {
        try await withSSH { scene, server in
            let path = try await server.key("deploy")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let pasted =
                switch sort {
                case "crlf": text.replacingOccurrences(of: "\n", with: "\r\n")
                case "no last newline": String(text.dropLast())
                case "written newlines": text.replacingOccurrences(of: "\n", with: "\\n")
                case "blanks around": "  \n\n" + text.replacingOccurrences(of: "\n", with: "  \n   ") + "\n \n"
                case "one line": text.replacingOccurrences(of: "\n", with: " ")
                default: "\"\(text)\""
                }
            for place in ["--agent", "--no-agent"] {
                let run = try await scene.run(
                    [
                        "ssh-fallback", "--key-env", "DEPLOY", "--repo", server.address(), "--host-key", server.hostKey,
                        "--json", place,
                    ],
                    server.variables.merging(["DEPLOY": pasted]) { $1 })
                #expect(run.code == 0, "\(sort): \(run.everything)")
            }
            #expect(try await scene.run("ssh-fallback --off", server.variables).code == 0)
            expectNothing(of: server)
        }
    }

    @Test("keys that cannot be used are named, with what to do, before anything is made")
    func unusable() async throws {
        try await withSSH { scene, server in
            let good = try String(contentsOfFile: try await server.key("deploy"), encoding: .utf8)
            _ = try await server.makeKey("protected", passphrase: "secret")
            _ = try await server.makeKey("pkcs1", type: "rsa -b 2048 -m PEM", passphrase: "secret")
            let damaged = good.replacingOccurrences(of: "\n", with: "", range: nil)
            let texts: [(String, String)] = [
                (try String(contentsOfFile: server.folder + "/protected", encoding: .utf8), "passphrase"),
                (try String(contentsOfFile: server.folder + "/pkcs1", encoding: .utf8), "passphrase"),
                (try String(contentsOfFile: server.folder + "/deploy.pub", encoding: .utf8), "public key"),
                (String(good.prefix(200)), "cut off"), ("", "empty"), ("hello", "no BEGIN line"),
                (Data(good.utf8).base64EncodedString(), "base64 of a key file"),
                ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "PuTTY"),
                (
                    good.split(separator: "\n").enumerated().filter { $0.offset != 2 }.map { String($0.element) }
                        .joined(separator: "\n"), "damaged"
                ),
                ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "not a private key"),
            ]
            #expect(!damaged.isEmpty)
            for (text, word) in texts {
                let run = try await scene.run(
                    [
                        "ssh-fallback", "--key-env", "DEPLOY", "--repo", server.address(), "--host-key", server.hostKey,
                        "--json",
                    ],
                    server.variables.merging(["DEPLOY": text]) { $1 })
                #expect(run.code == 65, "\(word): \(run.everything)")
                #expect(run.text("error.message")?.contains(word) == true, "\(word): \(run.everything)")
                expectNothing(of: server)
            }
            let unset = try await scene.run(
                ["ssh-fallback", "--key-env", "DEPLOY", "--repo", server.address()], server.variables)
            #expect(unset.code == 64)
            let pasted = try await scene.run(
                ["ssh-fallback", "--key-env", scene.secret("-----BEGIN-0123456789abcdef")], server.variables)
            #expect(pasted.code == 64)
        }
    }

    @Test(
        "a key that may only read proves reading, and is refused where pushing is asked for, in the forge's words",
        arguments: [SSHServer.Access.readAtGitHub, .readAtGitLab])
    func readOnly(_ access: SSHServer.Access) async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy", access)
            let read = try await run(scene, server, ["--host-key", server.hostKey])
            #expect(read.code == 0 && read["proved"] == ["read"], "\(read.everything)")
            #expect(try await scene.run("ssh-fallback --off", server.variables).code == 0)
            let push = try await run(scene, server, ["--host-key", server.hostKey, "--need-push"])
            let words = access == .readAtGitHub ? "marked as read only" : "does not have write access"
            #expect(push.code == 30 && push.text("error.message")?.contains(words) == true, "\(push.everything)")
            expectNothing(of: server)
        }
    }

    @Test("an unknown key, another repository, no server and no repository are told apart")
    func others() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            _ = try await server.makeKey("stranger")
            let pin = ["--host-key", server.hostKey]
            let unknown = try await run(scene, server, pin, key: "stranger")
            #expect(
                unknown.code == 30
                    && unknown.text("error.message")?.contains("does not accept the key SHA256:") == true,
                "\(unknown.everything)")
            let other = try await scene.run(
                [
                    "ssh-fallback", "--key-file", "\(server.folder)/deploy", "--repo", server.address("other/app"),
                    "--json",
                ] + pin,
                server.variables)
            #expect(
                other.code == 30 && other.text("error.message")?.contains("not_found") == true, "\(other.everything)")
            server.stop()
            let gone = try await run(scene, server, pin)
            #expect(gone.code == 30 && gone.text("error.message")?.contains("network") == true, "\(gone.everything)")
            let nowhere = try await scene.run(
                ["ssh-fallback", "--key-file", "\(server.folder)/deploy", "--host", "127.0.0.1", "--json"] + pin,
                server.variables)
            #expect(
                nowhere.code == 64 && nowhere.text("error.message")?.contains("no repository") == true,
                "\(nowhere.everything)")
            expectNothing(of: server)
        }
    }
}
