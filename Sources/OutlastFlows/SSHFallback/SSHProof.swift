// Whether git really gets there: `ls-remote` of the repository, and a push that changes nothing. With no other transport
// allowed, so that nothing else can have answered.

import OutlastModel

/// Asks the server.
struct SSHProof: Sendable {
    /// Variables that would make git speak about another repository than the one that is named.
    private static let misleading = [
        "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_DEFAULT_HASH", "GIT_TRACE", "GIT_TRACE_PACKET", "GIT_SSH",
    ]

    private let world: World
    private let folder: JobFolder
    private let environment: [String: String]
    private let timeout: Duration
    private let life: (start: Instant, end: Instant)?

    /// - Parameters:
    ///   - variables: What points git to the fallback.
    ///   - withheld: Variables that hold keys, which git does not need.
    ///   - life: That of the agent with the keys; nil where there is none.
    init(
        _ world: World, _ folder: JobFolder, variables: [GitVariable], withheld: [String], timeout: Duration,
        life: (start: Instant, end: Instant)?
    ) {
        self.life = life
        self.world = world
        self.folder = folder
        self.timeout = timeout
        var all = world.variables.all
        for name in withheld + Self.misleading { all[name] = nil }
        for variable in variables {
            all[variable.name] = variable.parts.map { part in
                switch part {
                case .text(let text): text
                case .variable(let name): world.variables.all[name] ?? ""
                }
            }.text(joinedBy: "")
        }
        all["GIT_SSH_COMMAND"] = SSHClientConfiguration.command(
            configuration: folder.sshConfiguration, isTalkative: true)
        all["GIT_ALLOW_PROTOCOL"] = "ssh"
        all["GIT_TERMINAL_PROMPT"] = "0"
        all["LC_ALL"] = "C"
        environment = all
    }

    /// What was found out about a way.
    struct Finding: Sendable {
        var proved: [String] = []
        /// The fingerprint of the key that the server showed.
        var hostKey: String?
    }

    /// Proves a way.
    ///
    /// - Throws: `sshUnproved` (30), naming what stands in the way.
    func prove(_ way: PlannedWay, pins: HostKeyPins, key: UsableKey) async throws(Failure) -> Finding {
        guard let repository = way.repository else { throw .usage("there is no repository to prove it by") }
        var finding = Finding()
        let reading = try await ask(["git", "ls-remote", "-q", repository.text, "HEAD"])
        let heard = SSHTalk(reading.errors)
        finding.hostKey = heard.hostKey
        guard reading.code == 0 else {
            throw failure("read", way, repository, heard, pins, key)
        }
        finding.proved.append("read")
        guard way.needPush else { return finding }
        let pushing = try await push(to: repository)
        guard pushing.code == 0 else {
            throw failure("push to", way, repository, SSHTalk(pushing.errors), pins, key)
        }
        finding.proved.append("push")
        return finding
    }

    /// Whether git-lfs would get an address and a token for its objects from the server, as it asks for them; what to tell
    /// where it does not.
    func lfsNote(_ way: PlannedWay) async -> String? {
        guard let repository = way.repository else { return nil }
        let route = way.route
        var command = ["ssh", "-F", folder.sshConfiguration, "-o", "BatchMode=yes"]
        if route.alias == nil, route.server.port != 22 { command += ["-p", String(route.server.port)] }
        command += [
            "\(route.user)@\(route.alias ?? route.server.host)",
            "git-lfs-authenticate \(ShellWord.quoted(repository.path)) download",
        ]
        let answer: ProcessAnswer
        do throws(Failure) { answer = try await ask(command) } catch { return nil }
        guard answer.code != 0 else { return nil }
        return
            "\(route.server.text) does not answer git-lfs-authenticate, so files in LFS cannot be had over SSH: fetch them before the token ends, or set GIT_LFS_SKIP_SMUDGE=1"
    }

    private func ask(_ command: [String], input: Secret? = nil, _ more: [String: String] = [:]) async throws(Failure)
        -> ProcessAnswer
    {
        do throws(Failure) {
            return try await world.processes.ask(
                ProcessQuestion(
                    command, environment: environment.merging(more) { $1 }, input: input, timeout: timeout,
                    largestOutput: 1 << 18))
        } catch { throw Failure(.sshUnproved, error.message, hint: error.hint) }
    }

    /// A commit without files or parents, in a repository of our own: a server that lets it in would get nothing, and is
    /// not even asked to, but it says now whether this key may push.
    private func push(to repository: GitRemote) async throws(Failure) -> ProcessAnswer {
        let place = "--git-dir=\(folder.proof)"
        let made = try await ask(["git", "init", "-q", "--bare", "--template=", folder.proof])
        guard made.code == 0 else { return made }
        let tree = try await ask(["git", place, "hash-object", "-t", "tree", "-w", "--stdin"], input: Secret(""))
        guard tree.code == 0 else { return tree }
        let who = [
            "GIT_AUTHOR_NAME": "outlast", "GIT_AUTHOR_EMAIL": "outlast@invalid", "GIT_COMMITTER_NAME": "outlast",
            "GIT_COMMITTER_EMAIL": "outlast@invalid",
        ]
        let commit = try await ask(
            ["git", place, "commit-tree", "-m", "proof", Self.line(tree)], who)
        guard commit.code == 0 else { return commit }
        let name = String(SHA256Digest(hashing: world.random(16)).hex.prefix(16))
        return try await ask([
            "git", place, "push", "--dry-run", "--no-verify", "--quiet", repository.text,
            "\(Self.line(commit)):refs/heads/outlast-proof-\(name)",
        ])
    }

    private static func line(_ answer: ProcessAnswer) -> String {
        answer.output.reveal().split(separator: "\n").first.map(String.init) ?? ""
    }

    // MARK: What stands in the way

    private func failure(
        _ action: String, _ way: PlannedWay, _ repository: GitRemote, _ heard: SSHTalk, _ pins: HostKeyPins,
        _ key: UsableKey
    ) -> Failure {
        let server = way.route.server.text
        let diagnosis = world.diagnostician.diagnose(Array(heard.rest.utf8))
        let what = "\(way.route.name) cannot \(action) \(SafeText.line(repository.text)) over SSH"
        switch diagnosis.class {
        case .hostKey:
            let shown = heard.hostKey ?? "a key that is not pinned"
            let retired = world.ssh.retired.first { HostKey($0.key)?.fingerprint == shown }
            let name = retired.map { ", \($0.name)" } ?? ""
            let pinned = pins.accepted.isEmpty ? "an authority's" : pins.accepted.text(joinedBy: ", ")
            return Failure(
                .sshUnproved,
                "\(what): \(server) shows the host key \(SafeText.line(shown))\(name), pinned is \(pinned)",
                hint:
                    "do not accept it unseen: compare with what the server's operator publishes, and pin the new key if it has changed"
            )
        case .publickey:
            // The agent counts in seconds, and may have let its keys go up to one before its own end.
            if let life, world.clock.now().advanced(by: .seconds(2)) >= life.end {
                return Failure(
                    .sshUnproved,
                    "\(what): the lifetime of \(life.start.duration(to: life.end).text) was over before that",
                    hint: "give it as long as the job needs it, such as --lifetime 2h")
            }
            return Failure(
                .sshUnproved, "\(what): \(server) does not accept the key \(key.fingerprint) for \(way.route.user)",
                hint: "register its public half there as a deploy key, or give the key that is registered")
        default:
            let line = diagnosis.line ?? heard.lastLine
            return Failure(
                .sshUnproved, "\(what): \(diagnosis.class.rawValue): \(SafeText.line(line))", hint: diagnosis.advice)
        }
    }
}

/// What ssh and git said, ssh's talk about itself taken out.
struct SSHTalk {
    /// The fingerprint of the key that the server showed.
    let hostKey: String?
    /// All but the talk.
    let rest: String

    init(_ errors: String) {
        var rest = ""
        var shown: String?
        for line in errors.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("debug1: Server host key: ") || line.hasPrefix("debug1: Server host certificate: ") {
                let print = line.split(separator: " ").first { $0.hasPrefix("SHA256:") }.map(String.init)
                shown = print.flatMap { HostKey.isFingerprint($0) ? $0 : nil } ?? shown
            }
            let isTalk = ["debug1: ", "OpenSSH_", "Authenticated to ", "Transferred: ", "Bytes per second: "]
                .contains { line.hasPrefix($0) }
            if !isTalk { rest += line + "\n" }
        }
        hostKey = shown
        self.rest = rest
    }

    var lastLine: String { rest.split(separator: "\n").last.map(String.init) ?? "no reason given" }
}
