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
        try file.write(Self.text(try file.read() ?? [], setting: name, to: token))
        guard let back = try await read(context), back.matches(token) else {
            throw context.refused(file.label, "another value than the one just written is there")
        }
    }

    func read(_ context: PublishContext) async throws(Failure) -> Secret? {
        let name = try name(context)
        guard let bytes = try file(context).read() else { return nil }
        guard let line = bytes.split(separator: UInt8(ascii: "\n")).last(where: { Self.isLine($0, of: name) }),
            let sign = line.firstIndex(of: UInt8(ascii: "="))
        else { return nil }
        return Secret.token(trimming: line[(sign + 1)...])
    }

    /// The file's text with the name's line in place of its first one (further ones go), or at the end.
    static func text(_ old: [UInt8], setting name: String, to token: Secret) -> Secret {
        let newline = UInt8(ascii: "\n")
        let text = SecretBuilder(capacity: old.count + token.count + name.utf8.count + 8)
        var isDone = false
        let writeLine = {
            text.append(contentsOf: "\(name)=".utf8)
            text.append(token)
            text.append(newline)
        }
        var lines = old.split(separator: newline, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            if isLine(line, of: name) {
                if !isDone { writeLine() }
                isDone = true
            } else {
                text.append(contentsOf: line)
                text.append(newline)
            }
        }
        if !isDone { writeLine() }
        return text.finish()
    }

    /// `NAME=…`, also with `export` before it.
    private static func isLine(_ line: ArraySlice<UInt8>, of name: String) -> Bool {
        let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
        var rest = line.drop(while: isBlank)
        let word = Array("export".utf8)
        if rest.starts(with: word), let next = rest.dropFirst(word.count).first, isBlank(next) {
            rest = rest.dropFirst(word.count).drop(while: isBlank)
        }
        return rest.starts(with: Array("\(name)=".utf8))
    }

    private func file(_ context: PublishContext) throws(Failure) -> PublishedFile {
        try PublishedFile(context, label: label(context.settings), mustBeAbsolute: false)
    }

    private func name(_ context: PublishContext) throws(Failure) -> String {
        let name = try context.needed("name", label(context.settings))
        let isPlain = name.utf8.enumerated().allSatisfy { index, byte in
            (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
                || (index > 0 && (48...57).contains(byte))
        }
        guard isPlain else {
            throw .configuration(
                "`name` of \(label(context.settings)) is no name of a variable",
                hint: "letters, digits and underscores, not a digit first")
        }
        return name
    }
}
