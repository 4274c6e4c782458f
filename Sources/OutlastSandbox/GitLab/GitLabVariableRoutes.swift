// CI/CD variables of projects and groups: the place a renewed token is written back to. Last writer wins, a
// hidden value is never read back, and one key may exist once per environment scope.

extension World {
    static let gitLabVariableRoutes: [Route] = ["projects", "groups"].flatMap { place in
        [
            .get("api/v4/\(place)/:owner/variables", "gitlab.variables") { try $0.listVariables($1, place) },
            .get("api/v4/\(place)/:owner/variables/:key", "gitlab.variable") { try $0.readVariable($1, place) },
            Route("POST", "api/v4/\(place)/:owner/variables", "gitlab.variable.create") {
                try $0.createVariable($1, place)
            },
            Route("PUT", "api/v4/\(place)/:owner/variables/:key", "gitlab.variable.update") {
                try $0.updateVariable($1, place)
            },
            Route("DELETE", "api/v4/\(place)/:owner/variables/:key", "gitlab.variable.delete") {
                try $0.deleteVariable($1, place)
            },
        ]
    }

    /// Maintainers for a project's variables, owners for a group's; a job token is no credential here.
    private mutating func variableOwner(_ call: Call, _ place: String, reading: Bool = false) throws -> GitLabOwner {
        let caller = try gitLabCaller(call, scopes: reading ? ["api", "read_api"] : ["api"])
        let owner = try gitLabOwner(call, place, caller)
        try require(place == "projects" ? 40 : 50, caller, in: owner)
        return owner
    }

    private func variableJSON(_ variable: GitLabVariable) -> JSON {
        factJSON(
            "gitlab.variable",
            [
                "variable_type": .string(variable.type), "key": .string(variable.key),
                "value": variable.hidden ? .null : .string(variable.value), "protected": .bool(variable.isProtected),
                "masked": .bool(variable.masked), "hidden": .bool(variable.hidden), "raw": .bool(variable.raw),
                "environment_scope": .string(variable.scope), "description": JSON(variable.description),
            ])
    }

    /// The place of the one variable that is meant: by key, and by environment scope where several share the key.
    private func variableIndex(_ call: Call, _ owner: GitLabOwner) throws -> Int {
        let key = call.capture("key")
        let scope = call.text("filter[environment_scope]")
        let fitting = (gitlab.variables[owner] ?? []).indices.filter { index in
            let variable = gitlab.variables[owner]?[index]
            return variable?.key == key && (scope == nil || variable?.scope == scope)
        }
        guard fitting.count <= 1 else { throw Refusal("gitlab.variable.several") }
        guard let index = fitting.first else { throw Refusal("gitlab.variable.notFound") }
        return index
    }

    private mutating func listVariables(_ call: Call, _ place: String) throws -> Answer {
        let owner = try variableOwner(call, place, reading: true)
        let shown = page(gitlab.variables[owner] ?? [], call)
        var answer = Answer.json(.array(shown.elements.map(variableJSON)))
        answer.headers += shown.headers
        return answer
    }

    private mutating func readVariable(_ call: Call, _ place: String) throws -> Answer {
        let owner = try variableOwner(call, place, reading: true)
        let index = try variableIndex(call, owner)
        return .json(gitlab.variables[owner].map { variableJSON($0[index]) } ?? .null)
    }

    private mutating func createVariable(_ call: Call, _ place: String) throws -> Answer {
        let owner = try variableOwner(call, place)
        guard let key = call.text("key") else { throw Refusal("gitlab.param.missing", ["name": "key"]) }
        guard let value = call.text("value") else { throw Refusal("gitlab.param.missing", ["name": "value"]) }
        guard isVariableKey(key) else { throw Refusal("gitlab.variable.badKey") }
        var variable = GitLabVariable(key: key, value: value)
        variable.hidden = call.parameter("masked_and_hidden")?.bool ?? false
        variable.masked = variable.hidden
        apply(call, to: &variable)
        if (gitlab.variables[owner] ?? []).contains(where: { $0.key == key && $0.scope == variable.scope }) {
            throw Refusal("gitlab.variable.taken", ["key": .string(key)])
        }
        try checkMaskable(variable)
        gitlab.variables[owner, default: []].append(variable)
        return .json(variableJSON(variable), status: 201)
    }

    private mutating func updateVariable(_ call: Call, _ place: String) throws -> Answer {
        let owner = try variableOwner(call, place)
        let index = try variableIndex(call, owner)
        guard var variable = gitlab.variables[owner]?[index] else { throw Refusal("gitlab.variable.notFound") }
        variable.value = call.text("value") ?? variable.value
        apply(call, to: &variable)
        try checkMaskable(variable)
        gitlab.variables[owner]?[index] = variable
        return .json(variableJSON(variable))
    }

    private mutating func deleteVariable(_ call: Call, _ place: String) throws -> Answer {
        let owner = try variableOwner(call, place)
        let index = try variableIndex(call, owner)
        gitlab.variables[owner]?.remove(at: index)
        return .fact("gitlab.noContent")
    }

    /// What is not named in the request stays as it is.
    private func apply(_ call: Call, to variable: inout GitLabVariable) {
        variable.isProtected = call.parameter("protected")?.bool ?? variable.isProtected
        variable.masked = call.parameter("masked")?.bool ?? variable.masked
        variable.raw = call.parameter("raw")?.bool ?? variable.raw
        variable.type = call.text("variable_type") ?? variable.type
        variable.scope = call.text("environment_scope") ?? variable.scope
        variable.description = call.text("description") ?? variable.description
    }

    private func isVariableKey(_ key: String) -> Bool {
        (1...255).contains(key.utf8.count) && key.utf8.allSatisfy { isWordByte($0) }
    }

    /// At least 8 characters on one line without spaces; without `raw` from a small alphabet only.
    private func checkMaskable(_ variable: GitLabVariable) throws {
        guard variable.masked else { return }
        let isFit =
            variable.value.utf8.count >= 8
            && variable.value.utf8.allSatisfy { byte in
                variable.raw
                    ? byte > 0x20 && byte != 0x7F : isWordByte(byte) || "+=/@:.~-".utf8.contains(byte)
            }
        guard isFit else { throw Refusal("gitlab.variable.unmaskable") }
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }
}
