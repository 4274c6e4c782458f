// Which GitHub scope or permission includes which. Classic tokens have scopes (`repo`), the others permissions with a
// level (`contents=write`); a level may also be written `contents:write`.

extension GitHub {
    /// What a classic scope grants besides itself (GitHub's table of scopes [doc/mem]).
    static let included: [String: Set<String>] = [
        "repo": ["repo:status", "repo_deployment", "public_repo", "repo:invite", "security_events"],
        "admin:org": ["write:org", "read:org"],
        "write:org": ["read:org"],
        "admin:public_key": ["write:public_key", "read:public_key"],
        "write:public_key": ["read:public_key"],
        "admin:repo_hook": ["write:repo_hook", "read:repo_hook"],
        "write:repo_hook": ["read:repo_hook"],
        "write:packages": ["read:packages"],
        "user": ["read:user", "user:email", "user:follow"],
        "project": ["read:project"],
    ]

    private static let levels = ["read", "write", "admin"]

    /// The needed scopes or permissions that none of the granted ones includes, each once, in the order asked.
    static func missing(of needed: [String], in granted: [String]) -> [String] {
        let held = granted.reduce(into: Set(granted)) { $0.formUnion(included[$1] ?? []) }
        let permissions = granted.compactMap(permission)
        var seen: Set<String> = []
        return needed.filter { wanted in
            if held.contains(wanted) { return false }
            if let (name, level) = permission(wanted),
                permissions.contains(where: { $0.name == name && $0.level >= level })
            {
                return false
            }
            return seen.insert(wanted).inserted
        }
    }

    /// `contents=write` or `contents:write` as name and level. In classic scopes the part behind the colon is never a
    /// level, so the two forms cannot be confused.
    private static func permission(_ text: String) -> (name: String, level: Int)? {
        guard let mark = text.lastIndex(where: { $0 == "=" || $0 == ":" }),
            let level = levels.firstIndex(of: String(text[text.index(after: mark)...]))
        else { return nil }
        return (String(text[..<mark]), level)
    }
}
