// What would have saved the job: lines to paste into the pipeline or the configuration. Each is a command or a piece of
// YAML with a comment behind it; names from elsewhere are quoted for a shell.

/// Lines for a class of failure.
struct SavingAdvice: Sendable {
    private let findings: CaseFindings
    private let kind: FailureClass

    init(_ findings: CaseFindings, _ kind: FailureClass) {
        self.findings = findings
        self.kind = kind
    }

    /// The lines, the best first. The first one with a variable whose name nobody told says so.
    var lines: [String] {
        var lines = plain
        if let first = lines.firstIndex(where: { $0.utf8.contains(text: Self.unnamed) }) {
            lines[first] += "; TOKEN: the variable that holds the token"
        }
        return lines
    }

    private static let unnamed = "--token-env TOKEN"

    private var plain: [String] {
        switch kind {
        case .authExpired: expired
        case .authRevoked: revoked
        case .authRejected: rejected
        case .authMissing: [giveGit("gives git the credential, whatever helpers the machine has")]
        case .scope:
            [
                "outlast preflight \(source) --needs-scope SCOPE  # SCOPE: what this needs; says so early, and ends with 14"
            ]
        case .forbidden where findings.place != nil:
            ["git ls-remote origin  # at the job's start: fails at once where the token may not go"]
        case .forbidden, .notFound: [check("says before the work begins whether the forge accepts the token at all")]
        case .ipBanned:
            [
                check("one harmless question to the API, which counts towards no ban; git's refused logins do"),
                "outlast history events --status doubted  # finds who was refused before the ban",
            ]
        case .rateLimited: ["sleep 60  # wait before the next attempt; the forge said how long in its answer"]
        case .publickey:
            ["GIT_SSH_COMMAND='ssh -o BatchMode=yes' git ls-remote origin  # at the job's start: fails at once"]
        case .hostKey:
            [
                "ssh-keygen -l -f known_hosts  # compare with the fingerprints that the forge publishes, then pin the new key"
            ]
        case .local: local
        case .unknown: [tell]
        case .tls:
            [
                "git -c http.sslCAInfo=CA.pem ls-remote origin  # CA.pem: the authority that signs the forge's certificate"
            ]
        case .proxy: ["export NO_PROXY=HOST  # HOST: the forge's, where it is reached without the proxy"]
        case .dns, .network, .server:
            ["for n in 1 2 3; do git fetch && break; sleep 30; done  # a repeated attempt often finds it mended"]
        case .size: ["git lfs track '*.bin'  # or raise the limit of the project"]
        case .nonFastForward: ["git pull --rebase && git push  # for a branch that others push to as well"]
        case .hookDeclined: []
        }
    }

    /// How the credential is named to `outlast`.
    private var source: String {
        guard let credential = findings.credential, credential != "token" else { return Self.unnamed }
        return "--credential \(word(credential))"
    }

    private var name: String? {
        findings.credential.flatMap { $0 == "token" ? nil : $0 }
    }

    /// Safe to show, and one word to a shell whatever it holds.
    private func word(_ text: String) -> String {
        let safe = SafeText.line(text, limit: 100)
        let isPlain = safe.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "-_.".utf8.contains(byte)
        }
        return isPlain && !safe.isEmpty && !safe.hasPrefix("-") ? safe : ShellWord.quoted(safe)
    }

    private func check(_ why: String) -> String { "outlast preflight \(source)  # \(why)" }

    private func giveGit(_ why: String) -> String { "eval \"$(outlast credential env \(source))\"  # \(why)" }

    /// The method by which such a token renews itself.
    private var method: String? { findings.token.flatMap { findings.the.methods[$0.kind] } }

    private var renewal: [String] {
        // A token with a family has been renewed before: whoever did that has told how.
        guard let method, findings.token?.family == nil else { return [] }
        let name = name.map(word) ?? "NAME"
        return [
            "credentials: {\(name): {renew: {method: \(method)}}}  # in the configuration, so that it can be renewed"
        ]
    }

    /// Whether such a token lives for hours, and not until a date: what renews it before the work begins may have to renew
    /// it again while it goes on.
    private var isShortLived: Bool { findings.token.map { findings.the.shortLived.contains($0.kind) } ?? false }

    /// Renews while the work goes on. A credential without a name is in no configuration yet.
    private var along: [String] {
        let option = name.map { " --credential \(word($0))" } ?? ""
        return [
            "outlast exec\(option) -- COMMAND  # COMMAND: the work; renews before it, and once more when the forge refuses the token",
            giveGit("git then gets a living token each time, renewed where too little is left"),
        ]
    }

    private var expired: [String] {
        var lines: [String] = []
        switch findings.preflight.flatMap({ Decision(rawValue: $0.outcome) }) {
        case nil: lines.append(check("at the job's start: ends with 10 or 11 instead of losing the night"))
        case .sufficient:
            lines.append(
                "outlast preflight \(source) --quantile 0.99 --margin 30m  # the job ran longer than was expected of it"
            )
        case .unknown:
            lines.append("outlast preflight \(source) --require-known  # an end that nobody knows ends with 13")
        default: break
        }
        if isShortLived { return lines + renewal + along + clock }
        if method != nil {
            lines.append("outlast preflight \(source) --on-insufficient refresh  # renews before the work begins")
            lines.append(
                "outlast refresh \(source) --if-remaining-below 2d  # in a scheduled job, before any other meets it")
        } else if findings.failure == nil, findings.preflight.map({ $0.code != 0 }) ?? false {
            // It was stopped, and nobody can renew this one.
            lines.append(
                "outlast preflight \(source) --on-insufficient ssh-fallback  # goes on over SSH, where a key is configured"
            )
        } else {
            lines.append("outlast preflight \(source) --on-insufficient fail  # stops the job while nothing is lost")
        }
        return lines + clock + renewal
    }

    private var clock: [String] {
        guard let skew = findings.token?.clockSkew, skew >= .seconds(60) else { return [] }
        return ["timedatectl set-ntp true  # this machine's clock was behind the forge's"]
    }

    private var revoked: [String] {
        if let rotation = findings.rotation, rotation.state != .lost {
            let name = word(name ?? rotation.credential)
            return [
                giveGit("git then asks for the current token each time, also after somebody has renewed it"),
                "credentials: {\(name): {renew: {by: operator}}}  # in the configuration: jobs no longer renew it",
            ]
        }
        if findings.rotation != nil || findings.isSuccessor {
            let name = word(name ?? findings.rotation?.credential ?? "NAME")
            return [
                "credentials: {\(name): {renew: {by: operator}}}  # in the configuration, and renew it in one place alone",
                "outlast secret forget --credential \(name) --superseded  # old generations lead to the new one no more",
            ]
        }
        // One that had looked saw nothing: it was revoked while the job ran.
        guard findings.preflight.flatMap({ Decision(rawValue: $0.outcome) }) == .sufficient else {
            return [check("says so before the work begins, and ends with 12")]
        }
        let token = findings.token.map { " --token \(word($0.mark))" } ?? ""
        return (isShortLived ? renewal + along : []) + [
            "outlast history events\(token)  # which jobs had it, and until when it worked; the forge's audit log tells who revoked it"
        ]
    }

    private var rejected: [String] {
        if let token = findings.token, token.facts.wasAlive(at: findings.forgeMoment) {
            return [giveGit("takes stale headers and other helpers out of git's way")]
        }
        return [check("asks the forge, which tells the API more than git: expired, revoked or unknown")]
    }

    private var local: [String] {
        guard findings.failure?.diagnosis?.line.map(Self.namesFullDisk) ?? false else { return [] }
        return [
            "test \"$(df -Pm . | awk 'NR == 2 { print $4 }')\" -gt 2048  # at the job's start: stops below 2 GB of room"
        ]
    }

    /// Whether a line tells of a disk or a quota that is full.
    static func namesFullDisk(_ line: String) -> Bool {
        let bytes = line.lowercased().utf8
        return bytes.contains(text: "no space left") || bytes.contains(text: "disk quota")
    }

    private var tell: String {
        "git push 2>err || { outlast record failure --stderr-file err; exit 1; }  # keeps what the next explanation needs"
    }
}

extension Collection<UInt8> {
    /// Whether a text's bytes stand somewhere in these.
    fileprivate func contains(text: String) -> Bool {
        let wanted = Array(text.utf8)
        let bytes = Array(self)
        guard bytes.count >= wanted.count else { return false }
        return (0...(bytes.count - wanted.count)).contains { bytes[$0...].starts(with: wanted) }
    }
}
