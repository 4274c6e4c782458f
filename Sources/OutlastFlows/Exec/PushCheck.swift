// A push that died on the way may have arrived: what the far end has is looked at before anything is sent again.

import OutlastModel

struct PushCheck: Sendable {
    let world: World
    /// git with its global options.
    let gitWords: [String]
    let push: PushWords
    let environment: [String: String]

    /// What the far end has, and what it has of that by name.
    func run() async -> (state: RemoteState, arrived: [String]) {
        // Where a push goes elsewhere than a fetch, only git knows which server to ask.
        let repository = push.repository
        let isPlain: Bool
        if let repository {
            isPlain = await ask(["config", "--get-all", "remote.\(repository).pushurl"])?.code == 1
        } else {
            isPlain = false
        }
        let target = isPlain ? repository.map { [$0] } ?? [] : []
        guard let answer = await ask(["ls-remote", "--refs"] + target), answer.code == 0 else { return (.unknown, []) }
        guard isPlain, let refspecs = push.refspecs else { return (.undecided, []) }
        let there = Self.refs(answer.output)
        var arrived: [String] = []
        for refspec in refspecs {
            guard let id = await id(of: refspec.source), let names = await names(refspec) else {
                return (.undecided, [])
            }
            guard let name = names.first(where: { there[$0] == id }) else { return (.otherwise, []) }
            arrived.append("\(name) at \(id.prefix(12))")
        }
        return (.asPushed, arrived)
    }

    /// Whether the push goes to one repository: with several addresses of a remote, or with submodules, what was refused at
    /// one place may have been taken at another.
    func isOneRequest() async -> Bool {
        let question = [
            "config", "--null", "--get-regexp",
            #"^(remote\..*\.(url|pushurl)|push\.recursesubmodules|submodule\.recurse)$"#,
        ]
        guard !push.recurses, let answer = await ask(question), answer.code == 0 || answer.code == 1 else {
            return false
        }
        var seen: Set<Substring> = []
        for entry in answer.output.reveal().split(separator: "\0") {
            let key = entry.prefix { $0 != "\n" }
            // A setting that is switched off, or that only looks, is one more than git needs: caution costs little here.
            guard key.hasPrefix("remote."), seen.insert(key).inserted else { return false }
        }
        return true
    }

    private func ask(_ words: [String]) async -> ProcessAnswer? {
        let question = ProcessQuestion(
            gitWords + words, environment: environment, timeout: .seconds(120), largestOutput: 1 << 24)
        do throws(Failure) { return try await world.processes.ask(question) } catch { return nil }
    }

    private func line(_ words: [String]) async -> String? {
        guard let answer = await ask(words), answer.code == 0 else { return nil }
        let text = answer.output.reveal().split(separator: "\n").first.map(String.init) ?? ""
        return text.isEmpty ? nil : text
    }

    private func id(of source: String) async -> String? {
        guard !source.isEmpty, !source.hasPrefix("-") else { return nil }
        return await line(["rev-parse", "--verify", "--quiet", source])
    }

    /// The full names under which a ref may be there.
    private func names(_ refspec: PushWords.Refspec) async -> [String]? {
        if let target = refspec.target {
            guard !target.isEmpty else { return nil }
            return target.hasPrefix("refs/") ? [target] : ["refs/heads/\(target)", "refs/tags/\(target)"]
        }
        guard let full = await line(["rev-parse", "--symbolic-full-name", refspec.source]), full.hasPrefix("refs/")
        else {
            return nil
        }
        return [full]
    }

    /// Names with what they point at.
    static func refs(_ output: Secret) -> [String: String] {
        var refs: [String: String] = [:]
        for line in output.reveal().split(separator: "\n") {
            let parts = line.split(separator: "\t")
            if parts.count == 2 { refs[String(parts[1])] = String(parts[0]) }
        }
        return refs
    }
}
