// The token object, and the filters of lists of tokens with their odd edges: on the very day of its date a token
// is in neither the active nor the inactive list.

extension World {
    /// The token as the API shows it; its secret only when it has just been made.
    func tokenJSON(_ token: GitLabToken) -> JSON {
        tokenJSON(token, showing: false)
    }

    func tokenJSON(_ token: GitLabToken, showing secret: Bool) -> JSON {
        var bindings: [String: JSON] = [
            "id": .int(token.id), "name": .string(token.name), "revoked": .bool(token.revoked),
            "created_at": .string(token.createdAt.milliText), "description": JSON(token.description),
            "scopes": JSON(token.scopes), "user_id": .int(token.userID),
            "last_used_at": JSON(token.lastUsedAt?.milliText), "active": .bool(token.isActive(now)),
            "expires_at": JSON(token.expiresOn?.text),
        ]
        bindings["access_level"] = token.accessLevel.map { .int($0) }
        if secret { bindings["token"] = .string(token.secret) }
        return factJSON("gitlab.token", bindings)
    }

    /// The tokens that a list request asks for, in its order.
    func filtered(_ tokens: [GitLabToken], _ call: Call) throws -> [GitLabToken] {
        var kept = tokens
        if let state = call.text("state") { kept = kept.filter { matches($0, state: state) } }
        if let revoked = call.parameter("revoked")?.bool { kept = kept.filter { $0.revoked == revoked } }
        if let search = call.text("search")?.lowercased() {
            kept = kept.filter { $0.name.lowercased().contains(search) }
        }
        if let date = try day(call, "expires_before") { kept = kept.filter { $0.expiresOn.map { $0 < date } ?? false } }
        if let date = try day(call, "expires_after") { kept = kept.filter { $0.expiresOn.map { $0 >= date } ?? false } }
        if let limit = try instant(call, "created_before") { kept = kept.filter { $0.createdAt < limit } }
        if let limit = try instant(call, "created_after") { kept = kept.filter { $0.createdAt >= limit } }
        if let limit = try instant(call, "last_used_before") {
            kept = kept.filter { $0.lastUsedAt.map { $0 < limit } ?? false }
        }
        if let limit = try instant(call, "last_used_after") {
            kept = kept.filter { $0.lastUsedAt.map { $0 >= limit } ?? false }
        }
        return try sorted(kept, by: call.text("sort"))
    }

    private func matches(_ token: GitLabToken, state: String) -> Bool {
        switch state {
        case "active": token.isActive(now)
        case "inactive": token.revoked || (token.expiresOn.map { $0 < now.day } ?? false)
        default: true
        }
    }

    private func sorted(_ tokens: [GitLabToken], by order: String?) throws -> [GitLabToken] {
        let byID = tokens.sorted { $0.id < $1.id }
        guard let order else { return byID }
        let rising: [GitLabToken]
        switch order.split(separator: "_").dropLast().joined(separator: "_") {
        case "created": rising = byID.sorted { $0.createdAt < $1.createdAt }
        case "expires": rising = byID.sorted { ($0.expiresOn?.number ?? .max) < ($1.expiresOn?.number ?? .max) }
        case "last_used": rising = byID.sorted { ($0.lastUsedAt?.seconds ?? .max) < ($1.lastUsedAt?.seconds ?? .max) }
        case "name": rising = byID.sorted { $0.name < $1.name }
        default: throw Refusal("gitlab.param.value", ["name": "sort"])
        }
        return order.hasSuffix("_desc") ? rising.reversed() : rising
    }

    private func day(_ call: Call, _ name: String) throws -> SandboxDay? {
        guard let text = call.text(name) else { return nil }
        guard let date = SandboxDay(String(text.prefix(10))) else {
            throw Refusal("gitlab.param.invalid", ["name": .string(name)])
        }
        return date
    }

    private func instant(_ call: Call, _ name: String) throws -> SandboxInstant? {
        guard let text = call.text(name) else { return nil }
        guard let moment = SandboxInstant(text) else {
            throw Refusal("gitlab.param.invalid", ["name": .string(name)])
        }
        return moment
    }
}
