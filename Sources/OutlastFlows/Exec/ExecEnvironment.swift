// The child's environment: its tokens, git's settings, a language that we can read, and none of what it did not ask for.

import OutlastModel

struct ExecEnvironment: Sendable {
    let request: ExecRequest
    let variables: Variables
    /// git's settings; empty when no credential is for git.
    var git: [GitVariable] = []
    /// The locale for all categories; nil leaves it as it is.
    var locale: String?

    /// What the child finds changed.
    func change(_ tokens: [ExecToken]) -> EnvironmentChange {
        var change = request.withheld
        for token in tokens {
            change.removed.remove(token.variable)
            guard let value = token.token else { continue }
            if !token.isPresented || token.variable == "OUTLAST_TOKEN" { change.set.append((token.variable, value)) }
        }
        if let locale, !request.keptVariables.contains("LC_ALL") {
            change.set.append(("LC_ALL", Secret(locale)))
            // It wins over every locale but plain C.
            change.removed.insert("LANGUAGE")
        }
        var settings = git
        for token in tokens where !token.fallback.isEmpty {
            settings = Self.joined(settings, token.fallback, before: Self.count(variables))
        }
        for variable in settings { change.set.append((variable.name, value(of: variable))) }
        return change
    }

    private func value(of variable: GitVariable) -> Secret {
        let whole = SecretBuilder(capacity: 256)
        for part in variable.parts {
            switch part {
            case .text(let text): whole.append(contentsOf: text.utf8)
            case .variable(let name): whole.append(contentsOf: (variables.all[name] ?? "").utf8)
            }
        }
        return whole.finish()
    }

    private static func count(_ variables: Variables) -> Int { variables["GIT_CONFIG_COUNT"].flatMap { Int($0) } ?? 0 }

    /// Both lists number their settings from the same beginning: those of the second move behind those of the first.
    static func joined(_ first: [GitVariable], _ second: [GitVariable], before: Int) -> [GitVariable] {
        let end = first.first { $0.name == "GIT_CONFIG_COUNT" }?.text.flatMap { Int($0) } ?? before
        let more = second.first { $0.name == "GIT_CONFIG_COUNT" }?.text.flatMap { Int($0) } ?? before
        let shift = end - before
        var all = first.filter { $0.name != "GIT_CONFIG_COUNT" }
        for variable in second where variable.name != "GIT_CONFIG_COUNT" {
            var name = variable.name
            for stem in ["GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"] where name.hasPrefix(stem) {
                if let number = Int(name.dropFirst(stem.count)), number >= before {
                    name = stem + String(number + shift)
                }
            }
            all.append(GitVariable(name, variable.parts))
        }
        return [GitVariable("GIT_CONFIG_COUNT", [.text(String(more + shift))])] + all
    }

    /// `C` for the messages, and the encoding that the command had, where the machine can do both.
    static func locale(_ variables: Variables, has: (String) -> Bool) -> String {
        let current = (variables["LC_ALL"] ?? variables["LC_CTYPE"] ?? variables["LANG"] ?? "").lowercased()
        let encoding = current.split(separator: ".").dropFirst().first?.prefix { $0 != "@" } ?? ""
        return (encoding == "utf-8" || encoding == "utf8") && has("C.UTF-8") ? "C.UTF-8" : "C"
    }
}
