// Which GitLab scope includes which. A scope that is not in the table includes itself alone.

extension GitLab {
    /// What a scope grants besides itself: the git abilities and `self_rotate` by facts section 1.3 [src]; registries and
    /// runners under `api` by GitLab's description of the scope [mem].
    static let included: [String: Set<String>] = [
        "api": [
            "read_api", "read_user", "read_repository", "write_repository", "self_rotate", "create_runner",
            "manage_runner", "read_registry", "write_registry", "read_virtual_registry", "write_virtual_registry",
        ],
        "read_api": ["read_user", "read_repository", "read_registry"],
        "write_repository": ["read_repository"],
        "write_registry": ["read_registry"],
        "write_virtual_registry": ["read_virtual_registry"],
        "ai_workflows": ["read_repository", "write_repository"],
    ]

    /// The needed scopes that none of the granted ones includes, each once, in the order asked.
    static func missing(of needed: [String], in granted: [String]) -> [String] {
        let held = granted.reduce(into: Set(granted)) { $0.formUnion(included[$1] ?? []) }
        var seen: Set<String> = []
        return needed.filter { !held.contains($0) && seen.insert($0).inserted }
    }
}
