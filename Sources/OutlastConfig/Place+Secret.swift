// Where a secret comes from: exactly one of `env`, `file` and, for tokens, `command`. The secret itself is never here.
import OutlastModel

extension Place {
    /// `{env: NAME}` or `{file: PATH}`; with `takesCommand`, `{command: [PROGRAM, ARGUMENT…]}` too.
    func secretSource(takesCommand: Bool) -> SecretSource? {
        let form = takesCommand ? "{env: NAME}, {file: PATH} or {command: [PROGRAM, …]}" : "{env: NAME} or {file: PATH}"
        guard case .map = value else {
            refuse(
                "must be \(form), not \(value.sort); tokens and keys are not written in this file",
                hint: "put the secret into a protected CI variable and write {env: NAME}")
            return nil
        }
        let known = takesCommand ? ["env", "file", "command"] : ["env", "file"]
        guard let fields = fields(known) else { return nil }
        guard fields.entries.count <= 1 else {
            let given = fields.entries.map(\.key).joined(separator: " and ")
            refuse("names two sources, \(given)", hint: "keep one of them")
            return nil
        }
        guard let (key, place) = fields.entries.first else {
            refuse("names no source", hint: "write \(form)")
            return nil
        }
        switch key {
        case "env": return place.environmentName().map(SecretSource.env)
        case "file": return place.text("a path").map(SecretSource.file)
        default: return place.texts("a program and its arguments").map(SecretSource.command)
        }
    }
}
