// Private keys as people paste them: mended where the meaning is certain, named where nothing can be done with them. Nothing
// is written before a key has been found good.

import OutlastModel

/// A private key that OpenSSH takes.
struct UsableKey: Sendable {
    let text: Secret
    /// `ssh-ed25519 AAAA…`
    let publicLine: String
    /// `SHA256:` …
    let fingerprint: String
}

/// What is wrong with a key by its text alone.
enum SSHKeyRule {
    /// The key in its proper form, or why it is none. 65 for one that the command line named, 78 for the configuration.
    static func mended(_ pasted: Secret, name: String, code: ExitCode) throws(Failure) -> Secret {
        let pem: PEMText
        do throws(PEMFlaw) { pem = try PEMText(mending: pasted) } catch {
            if pasted.withBytes({ $0.starts(with: "PuTTY-User-Key-File".utf8) }) {
                throw Failure(
                    code, "\(name) is a key of PuTTY", hint: "puttygen KEY -O private-openssh -o key, and give that")
            }
            let failure = error.failure(naming: name)
            throw Failure(code, failure.message, hint: failure.hint)
        }
        guard pem.kind.isPrivate else {
            throw Failure(
                code, "\(name) is not a private key (\(pem.kind == .certificate ? "a certificate" : "a public key"))",
                hint: "give the file without .pub")
        }
        if pem.isEncrypted {
            throw Failure(
                code, "\(name) is protected by a passphrase, which no job can type",
                hint: "give a key without one: ssh-keygen -p -N '' -f a copy of it, or make a deploy key of its own")
        }
        if pem.kind == .dsaPrivateKey {
            throw Failure(code, "\(name) is a DSA key, which servers no longer take", hint: "make an ed25519 key")
        }
        return pem.text
    }

    /// The public line that `ssh-keygen -y` printed; nil for anything else.
    static func publicLine(_ output: String) -> (line: String, fingerprint: String)? {
        let words = output.split(whereSeparator: { $0.isWhitespace }).map(String.init)
        guard words.count >= 2, let key = HostKey(type: words[0], blob: words[1]) else { return nil }
        return (key.text, key.fingerprint)
    }
}

/// Reads keys.
struct SSHKeyReader: Sendable {
    private let world: World

    init(_ world: World) { self.world = world }

    func read(_ key: SSHKeySource, for name: String) async throws(Failure) -> UsableKey {
        let isGiven = key.origin == .commandLine
        let pasted = try await TokenReader(world, options: ("--key-env", "--key-file")).readWhole(
            key.source, for: name, origin: key.origin)
        let label = "the private key of \(name)"
        let code: ExitCode = isGiven ? .malformedInput : .configuration
        return try await usable(try SSHKeyRule.mended(pasted, name: label, code: code), label, code)
    }

    /// Has OpenSSH derive the public key, which it does for good keys alone. The key goes through a pipe.
    func usable(_ text: Secret, _ label: String, _ code: ExitCode) async throws(Failure) -> UsableKey {
        let answer = try await world.processes.ask(
            ProcessQuestion(
                ["ssh-keygen", "-y", "-P", "", "-f", "/dev/stdin"], environment: PlainEnvironment.of(world),
                input: text, timeout: .seconds(20)))
        guard answer.code == 0, let found = SSHKeyRule.publicLine(answer.output.reveal()) else {
            let isProtected = answer.errors.contains("passphrase")
            throw Failure(
                code,
                isProtected
                    ? "\(label) is protected by a passphrase, which no job can type"
                    : "\(label) is damaged: OpenSSH cannot read it (\(SafeText.line(Self.reason(answer.errors))))",
                hint: isProtected ? "give a key without one" : "paste the whole key file again, unchanged")
        }
        return UsableKey(text: text, publicLine: found.line, fingerprint: found.fingerprint)
    }

    private static func reason(_ errors: String) -> String {
        let line = errors.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no reason given"
        return line.hasPrefix("Load key") ? Array(line.split(separator: ":").dropFirst()).text(joinedBy: ":") : line
    }
}

/// The environment of programs that need nothing from the job's.
enum PlainEnvironment {
    static func of(_ world: World, _ more: [String: String] = [:]) -> [String: String] {
        var variables = more
        variables["LC_ALL"] = "C"
        for name in ["PATH", "HOME", "TMPDIR"] where variables[name] == nil { variables[name] = world.variables[name] }
        return variables
    }
}
