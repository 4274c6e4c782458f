// A CI/CD variable of a GitLab project or group (facts section 1.15). What the owner set about it stays as it is; GitLab
// has no compare-and-swap, so what was written is read back and compared.
import OutlastModel

/// The target `gitlab-variable`.
struct GitLabVariable: PublishTarget {
    let canBeRead = true

    var schema: SettingsSchema { PublishSchemas.gitlabVariable }

    func label(_ settings: Settings) -> String {
        let owner = settings.text("project") ?? settings.text("group") ?? ""
        let scope = settings.text("environment_scope").map { $0 == "*" ? "" : " for environment \($0)" } ?? ""
        return SafeText.line("gitlab-variable \(settings.text("key") ?? "") of \(owner)\(scope)", limit: 200)
    }

    /// Looks at the variable and at the writer. One that is missing will be made.
    func check(_ context: PublishContext) async throws(Failure) {
        let exchange = try GitLabVariableExchange(context, label: label(context.settings))
        let known = try await exchange.read()
        try await exchange.checkWriter()
        if let known, known.hasType("file") {
            throw context.refused(
                exchange.label, "it is of type file, whose value is a path for its jobs", hint: "make it a variable")
        }
    }

    func publish(_ token: Secret, _ context: PublishContext) async throws(Failure) {
        let exchange = try GitLabVariableExchange(context, label: label(context.settings))
        let before = try await exchange.read()
        try exchange.checkFit(token, before)
        if before == nil { try await exchange.create(token) } else { try await exchange.update(token) }
        guard let after = try await exchange.read() else {
            throw context.refused(exchange.label, "it is not there although GitLab took it")
        }
        guard let value = after.value else { return }
        guard value.matches(token) else {
            throw context.refused(
                exchange.label, "another value than the one just written is there: somebody else writes it too",
                hint: "let one job alone renew this token")
        }
        if let before, before.nature != after.nature {
            throw context.refused(
                exchange.label, "GitLab changed more than its value (\(before.nature) before, \(after.nature) now)",
                hint: "set it as it was; the new token is in it")
        }
    }

    /// Nil for hidden variables, too: GitLab never shows their values.
    func read(_ context: PublishContext) async throws(Failure) -> Secret? {
        try await GitLabVariableExchange(context, label: label(context.settings)).read()?.value
    }
}

/// A variable as GitLab shows it.
struct GitLabVariableState: Sendable {
    /// Nil for a hidden one.
    let value: Secret?
    private let json: JSONValue

    init(_ json: JSONValue) {
        self.json = json
        value = json["value"]?.text.map { Secret($0) }
    }

    var isMasked: Bool { json["masked"]?.truth == true || json["hidden"]?.truth == true }
    var isRaw: Bool { json["raw"]?.truth == true }

    func hasType(_ type: String) -> Bool { json["variable_type"]?.text == type }

    /// What its owner decides, in words.
    var nature: String {
        let names = ["protected", "masked", "hidden", "raw"].filter { json[$0]?.truth == true }
        let scope = json["environment_scope"]?.text ?? "*"
        return (names.isEmpty ? ["plain"] : names).joined(separator: ", ")
            + ", scope \(SafeText.line(scope, limit: 60)), \(json["variable_type"]?.text ?? "env_var")"
    }
}
