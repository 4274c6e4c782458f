// The tree of a file to a `Configuration`.
import OutlastModel

/// Reads the top level.
struct ConfigurationReader {
    let credentials: CredentialReader
    let trust: Trust
    let findings: Findings

    private static let keys = [
        "version", "default_duration", "margin", "quantile", "recheck_after", "on_insufficient", "credentials",
    ]

    /// Reads the whole file; mistakes are in `findings`.
    func read(_ root: YAMLValue, path: String) -> Configuration {
        var configuration = Configuration(path: path, isFound: trust.isFound)
        PastedToken.find(in: root, findings)
        let place = Place(name: "", line: root.line, value: root, findings: findings)
        guard case .map = root else {
            findings.note(root.line, "the file must be a map, not \(root.sort)", hint: "begin it with `version: 1`")
            return configuration
        }
        guard let fields = place.fields(Self.keys), isKnownVersion(fields) else { return configuration }
        if let value = fields["default_duration"]?.positiveDuration() { configuration.defaultDuration = value }
        if let value = fields["margin"]?.duration() { configuration.margin = value }
        if let value = fields["quantile"]?.quantile() { configuration.quantile = value }
        if let value = fields["recheck_after"]?.duration() { configuration.recheckAfter = value }
        if let value = onInsufficient(fields["on_insufficient"]) { configuration.onInsufficient = value }
        if let place = fields["credentials"] { configuration.credentials = credentials(at: place) }
        return configuration
    }

    private func isKnownVersion(_ fields: Fields) -> Bool {
        guard let place = fields["version"] else {
            findings.note(1, "the key `version` is missing", hint: "begin the file with `version: 1`")
            return false
        }
        guard let text = place.text("1") else { return false }
        guard text == "1" else {
            place.refuse("is \(PastedToken.shown(text)), and this outlast reads version 1", hint: "write `version: 1`")
            return false
        }
        return true
    }

    // A found file may not soften the verdict, and a remedy would spend a token that the file itself picks by
    // `token: {env}`: the key is refused whatever its value, which is one rule to remember.
    private func onInsufficient(_ place: Place?) -> OnInsufficient? {
        guard let place, trust.allows(place) else { return nil }
        return place.choice(OnInsufficient.allCases.map(\.rawValue)).flatMap(OnInsufficient.init(rawValue:))
    }

    private func credentials(at place: Place) -> [CredentialConfiguration] {
        if case .scalar(let scalar) = place.value, scalar.isMissing { return [] }
        guard let entries = place.entries("a map of names") else { return [] }
        var reader = credentials
        var result: [CredentialConfiguration] = []
        for (name, entry) in entries {
            if Place.isCredentialName(name) {
                result.append(reader.read(name, entry))
            } else {
                entry.findings.note(
                    entry.line,
                    "a credential's name is 1 to 64 letters, digits, `.`, `_` and `-`, not \(PastedToken.shown(name))",
                    hint: "rename it")
            }
        }
        check(reader.references, against: result)
        return result
    }

    private func check(_ references: [CredentialReference], against credentials: [CredentialConfiguration]) {
        let names = credentials.map(\.name)
        for reference in references {
            guard case .scalar(let scalar) = reference.place.value, !scalar.text.isEmpty else { continue }
            if scalar.text == reference.owner {
                if reference.takesOwner { continue }
                reference.place.refuse(
                    "names the credential itself, and another one has to do it",
                    hint: "name a credential that may manage its tokens")
            } else if let found = credentials.first(where: { $0.name == scalar.text }) {
                // A token that is there and wrong has been told.
                if found.tokenPlace != nil { continue }
                reference.place.refuse(
                    "names \(found.name), which has no `token`", hint: "add `token: {env: NAME}` to \(found.name)")
            } else {
                reference.place.refuse(
                    "names a credential that is not in this file: \(PastedToken.shown(scalar.text))",
                    hint: Spelling.hint(for: scalar.text, in: names))
            }
        }
    }
}
