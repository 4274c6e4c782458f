// The control API under `/_sandbox/`: the same levers by JSON, for rehearsals outside Swift. It is neither logged
// nor counted, no fault touches it, and it hands out secrets: hence loopback only.

extension Sandbox {
    /// Answers a call of the control API.
    func control(_ call: Call) -> Answer {
        let path = call.segments.dropFirst().joined(separator: "/")
        let body = call.document ?? JSON(parsing: call.body) ?? .object([])
        do {
            switch call.method {
            case "GET": return try controlRead(path, call)
            case "POST", "PUT": return .json(try controlWrite(path, body), status: 200)
            case "DELETE": return .json(try controlDelete(path))
            default: return Answer.json(["error": "use GET, POST or DELETE"], status: 405)
            }
        } catch let failure as SandboxFailure {
            return .json(["error": .string(failure.description)], status: 400)
        } catch {
            return .json(["error": .string("\(error)")], status: 400)
        }
    }

    private func controlRead(_ path: String, _ call: Call) throws -> Answer {
        switch path {
        case "": return .json(ready)
        case "clock": return .json(clockJSON)
        case "faults": return .json(.array(update { $0.faults }.map(\.json)))
        case "log": return .json(.array(log.map(\.json)))
        case "counters": return .json(counters.json)
        case "tokens": return .json(.array(gitlab.tokens.map(\.json)))
        case "facts":
            let all = call.text("unverified") == "true" ? FactBook.standard.unverified : FactBook.standard.facts
            return .json(.array(all.map(\.json)))
        default:
            if path.hasPrefix("tokens/") {
                let key = String(path.dropFirst(7))
                let state = Int(key).flatMap { gitlab.token($0) } ?? gitlab.token(fingerprint: key)
                if let found = state?.json ?? update({ $0.secretState(fingerprint: key) }) { return .json(found) }
            }
            if let found = try inspectForge(path, call) { return .json(found) }
            throw SandboxFailure.invalid("nothing at /_sandbox/\(path)")
        }
    }

    private func controlDelete(_ path: String) throws -> JSON {
        switch path {
        case "faults": clearFaults()
        case "log", "counters": clearLog()
        default: throw SandboxFailure.invalid("nothing to delete at /_sandbox/\(path)")
        }
        return ["ok": true]
    }

    /// Does what a POST to `/_sandbox/<path>` asks for, also for seed files.
    func controlWrite(_ path: String, _ body: JSON) throws -> JSON {
        switch path {
        case "clock": return try moveClock(body)
        case "faults":
            for entry in body.array ?? [body] { addFault(try FaultRule(json: entry)) }
            return ["ok": true]
        case "reset":
            try reset()
            return ["ok": true]
        default: return try writeForge(path, body)
        }
    }

    private func moveClock(_ body: JSON) throws -> JSON {
        if let text = body["set"]?.string { try setClock(text) }
        if let seconds = body["advance_s"]?.int { advanceClock(by: seconds) }
        return clockJSON
    }

    private var clockJSON: JSON { ["now": .string(now.text)] }

    /// Where everything is: the line that the program prints when it is ready.
    public var readyLine: String { ready.text }

    private var ready: JSON {
        [
            "base_url": .string(baseURL), "gitlab_api": .string(gitlabAPI), "github_api": .string(githubAPI),
            "github_git": .string(githubGit), "oauth_issuer": .string(oauthIssuer), "jenkins_url": .string(jenkinsURL),
            "control": .string(baseURL + "/_sandbox"), "git_root": .string(gitRoot),
        ]
    }

    /// Plays a seed: an object whose members are paths of the control API, each with one body or a list of them,
    /// in order.
    /// - Returns: what each call returned, by path.
    @discardableResult
    public func seed(_ document: SandboxJSON) throws -> SandboxJSON {
        guard let members = document.members else { throw SandboxFailure.invalid("a seed is a JSON object") }
        var results: [JSON.Member] = []
        for member in members {
            let bodies = member.key == "faults" ? [member.value] : member.value.array ?? [member.value]
            results.append(JSON.Member(member.key, .array(try bodies.map { try controlWrite(member.key, $0) })))
        }
        return .object(results)
    }
}
