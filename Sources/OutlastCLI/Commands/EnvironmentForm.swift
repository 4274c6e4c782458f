// How variables leave the process: as lines for a shell, in the file that GitHub's runner reads, or in a file of their own.

import OutlastFlows
import OutlastModel

/// A form of `--export`.
enum EnvironmentForm: Hashable {
    case shell, github
    case dotenv(String)

    init(_ text: String) throws(Failure) {
        switch text {
        case "shell": self = .shell
        case "github": self = .github
        default:
            guard text.hasPrefix("dotenv:"), text.utf8.count > "dotenv:".utf8.count else {
                throw .usage("--export takes shell, github or dotenv:FILE")
            }
            self = .dotenv(String(text.dropFirst("dotenv:".count)))
        }
    }

    /// Whether variables can be taken away, too.
    var canUnset: Bool { self == .shell }

    /// Writes the variables; what belongs to stdout comes back, with things to tell.
    func write(
        _ variables: [GitVariable], unset: [String] = [], _ session: Session
    ) throws(Failure) -> (text: String, notes: [String]) {
        switch self {
        case .shell:
            let taken = unset.isEmpty ? "" : "unset \(unset.joined(separator: " "))\n"
            return (variables.map(Self.shellLine).joined() + taken, [])
        case .github:
            guard let path = session.invocation.variables["GITHUB_ENV"] else {
                throw .usage("--export github needs GITHUB_ENV, which GitHub's runner sets")
            }
            let world = try session.world()
            let end = "outlast_" + SHA256Digest(hashing: world.random(32)).hex
            let (plain, notes) = Self.plain(variables)
            let text = plain.map { "\($0.name)<<\(end)\n\($0.value)\n\(end)\n" }.joined()
            try world.files.append(path, Array(text.utf8))
            return ("", notes)
        case .dotenv(let path):
            let (plain, notes) = Self.plain(variables)
            let text = plain.map { "\($0.name)=\($0.value)\n" }.joined()
            try session.world().files.writeAtomically(path, Array(text.utf8), permissions: 0o600)
            return ("", notes)
        }
    }

    /// What can be written without naming another variable. A setting goes with its key, and those behind it move up.
    private static func plain(_ variables: [GitVariable]) -> ([(name: String, value: String)], [String]) {
        let plain = variables.compactMap { variable in variable.text.map { (name: variable.name, value: $0) } }
        guard plain.count < variables.count else { return (plain, []) }
        let lost = variables.filter { $0.text == nil }.compactMap { variable in
            variable.name.utf8.starts(with: "GIT_CONFIG_VALUE_".utf8)
                ? String(variable.name.dropFirst("GIT_CONFIG_VALUE_".count)) : nil
        }
        // The settings that hold a token are the last ones, so that taking them away leaves no gap.
        var kept: [(name: String, value: String)] = []
        for entry in plain where !lost.contains(where: { entry.name == "GIT_CONFIG_KEY_\($0)" }) {
            let isCount = entry.name == "GIT_CONFIG_COUNT"
            let count = isCount ? String((Int(entry.value) ?? lost.count) - lost.count) : entry.value
            kept.append((entry.name, count))
        }
        return (
            kept,
            [
                "an address with a token in it stays as it is: only --export shell can refer to the variable that holds it"
            ]
        )
    }

    /// `export NAME='value'`; a part that is another variable's value is left for the shell to put in.
    static func shellLine(_ variable: GitVariable) -> String {
        if let text = variable.text { return "export \(variable.name)=\(ShellWord.quoted(text))\n" }
        var words = ""
        for part in variable.parts {
            switch part {
            case .text(let text): words += text.isEmpty ? "" : ShellWord.quoted(text)
            case .variable(let name): words += "\"${\(name)}\""
            }
        }
        return "export \(variable.name)=\(words)\n"
    }
}
