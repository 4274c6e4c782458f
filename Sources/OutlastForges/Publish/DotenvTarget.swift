// One line of a dotenv file. All other lines stay byte for byte; the file becomes its owner's alone.
import OutlastModel

/// The target `dotenv`.
struct DotenvTarget: PublishTarget {
    let canBeRead = true

    var schema: SettingsSchema { PublishSchemas.dotenv }

    func label(_ settings: Settings) -> String {
        SafeText.line("dotenv \(settings.text("name") ?? "") in \(settings.text("path") ?? "")", limit: 300)
    }

    func check(_ context: PublishContext) async throws(Failure) {
        _ = try name(context)
        try file(context).check()
    }

    func publish(_ token: Secret, _ context: PublishContext) async throws(Failure) {
        let name = try name(context)
        let file = try file(context)
        guard token.isPrintableToken else {
            throw context.refused(file.label, "the token holds a character that no line of such a file can hold")
        }
        try file.check()
        try file.write(DotenvText.text(Secret(bytes: try file.read() ?? []), setting: name, to: token))
        guard let back = try await read(context), back.matches(token) else {
            throw context.refused(file.label, "another value than the one just written is there")
        }
    }

    func read(_ context: PublishContext) async throws(Failure) -> Secret? {
        let name = try name(context)
        guard let bytes = try file(context).read() else { return nil }
        return DotenvText.value(of: name, in: Secret(bytes: bytes))
    }

    private func file(_ context: PublishContext) throws(Failure) -> PublishedFile {
        try PublishedFile(context, label: label(context.settings), mustBeAbsolute: false)
    }

    private func name(_ context: PublishContext) throws(Failure) -> String {
        let name = try context.needed("name", label(context.settings))
        guard VariableName.isPlain(name) else {
            throw .configuration(
                "`name` of \(label(context.settings)) is no name of a variable",
                hint: "letters, digits and underscores, not a digit first")
        }
        return name
    }
}
