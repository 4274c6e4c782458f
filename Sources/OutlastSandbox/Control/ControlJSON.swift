// The JSON faces of rules, log entries, counters and facts.

extension LogEntry {
    var json: JSON {
        [
            "at": .string(at.text), "method": .string(method), "path": .string(path), "status": JSON(status),
            "operation": JSON(operation), "fingerprint": JSON(fingerprint), "credential_by": JSON(credentialBy),
            "fault": JSON(fault), "committed": .bool(committed),
        ]
    }
}

extension SandboxCounters {
    var json: JSON {
        func sorted(_ counts: [String: Int]) -> JSON {
            .object(counts.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .int($0.value)) })
        }
        return ["requests": sorted(requests), "commits": sorted(commits), "replays": sorted(replays)]
    }
}

extension SandboxTokenState {
    var json: JSON {
        [
            "id": .int(id), "fingerprint": .string(sandboxFingerprint(secret)), "previous_id": JSON(previousID),
            "user_id": .int(userID), "name": .string(name), "scopes": JSON(scopes), "revoked": .bool(revoked),
            "active": .bool(active), "expires_at": JSON(expiresOn?.text), "secret": .string(secret),
        ]
    }
}

extension Fact {
    /// The fact as it stands in its data file, with `verified` beside its tag.
    public var json: SandboxJSON {
        var members: [JSON.Member] = [
            .init("id", .string(id)), .init("status", .int(status)),
            .init("headers", .object(headers.map { .init($0.name, .string($0.value)) })),
        ]
        switch body {
        case .json(let json): members.append(.init("body", json))
        case .text(let text): members.append(.init("text", .string(text)))
        case .none: break
        }
        members += [
            .init("tag", .string(tag)), .init("source", .string(source)), .init("verified", .bool(verified)),
            .init("note", JSON(note)),
        ]
        return .object(members)
    }
}

extension FaultRule {
    var json: JSON {
        [
            "method": JSON(method), "path": .string(path), "match": .string(match.rawValue), "skip": .int(skip),
            "times": JSON(times), "kind": .string(kind.name),
        ]
    }

    /// A rule from `{"kind","path","match"?,"method"?,"skip"?,"times"?,"phase"?,…}`; `times: null` means for ever.
    init(json: JSON) throws {
        guard let path = json["path"]?.string else { throw SandboxFailure.invalid("a fault needs a path") }
        let match = try json["match"]?.string.map { name in
            guard let match = Match(rawValue: name) else { throw SandboxFailure.invalid("no match named \(name)") }
            return match
        }
        let times: Int? = json["times"] == .null ? nil : json["times"]?.int ?? 1
        self.init(
            try FaultKind(json: json), method: json["method"]?.string, path: path, match: match ?? .prefix,
            skip: json["skip"]?.int ?? 0, times: times)
    }
}

extension FaultKind {
    /// The kinds by name; README lists them.
    init(json: JSON) throws {
        let phase = try json["phase"]?.string.map { name in
            guard let phase = FaultRule.Phase(rawValue: name) else {
                throw SandboxFailure.invalid("no phase named \(name)")
            }
            return phase
        }
        switch json["kind"]?.string {
        case "delay": self = .delay(milliseconds: json["ms"]?.int ?? 1000, phase ?? .before)
        case "drop": self = .drop(phase ?? .after)
        case "status":
            self = .status(
                json["status"]?.int ?? 500, phase ?? .before,
                retryAfter: json["retry_after"]?.string ?? json["retry_after"]?.int.map(String.init))
        case "truncate": self = .truncate(bytes: json["bytes"]?.int ?? 20)
        case "html": self = .html(phase ?? .before)
        case "empty": self = .empty(phase ?? .before)
        case "body":
            self = .body(
                json["body"]?.string ?? "", contentType: json["content_type"]?.string ?? "application/json",
                phase ?? .before)
        case "fact":
            var bindings: [String: SandboxJSON] = [:]
            for member in json["bindings"]?.members ?? [] { bindings[member.key] = member.value }
            guard let id = json["fact"]?.string, FactBook.standard[id] != nil else {
                throw SandboxFailure.invalid("a fault of kind fact needs the id of one")
            }
            self = .fact(id, bindings, phase ?? .before)
        case "oversize": self = .oversize(bytes: json["bytes"]?.int ?? 10_000_000)
        case "drip": self = .drip(milliseconds: json["ms"]?.int ?? 50)
        case "redirect": self = .redirect(json["location"]?.string ?? "/", status: json["status"]?.int ?? 302)
        case "overlap": self = .overlap
        default: throw SandboxFailure.invalid("a fault needs a kind that README lists")
        }
    }
}
