// A value together with its name and line. Its accessors either give what was asked for, or note what is wrong and give
// nil: reading goes on, so that all mistakes of a file are counted.
import OutlastModel

/// A value of the file, and where it stands.
struct Place {
    /// Its keys from the top, such as `credentials.release.renew`, safe to show.
    let name: String
    /// Where to look for it: the line of its key.
    let line: Int
    let value: YAMLValue
    let findings: Findings

    /// Notes a mistake about this value: `credentials.a.token` followed by what is wrong.
    func refuse(_ what: String, hint: String? = nil) { findings.note(line, "`\(name)` \(what)", hint: hint) }

    /// A text that is not empty and holds no control characters; `form` says what is wanted.
    func text(_ form: String = "a text") -> String? {
        guard case .scalar(let scalar) = value else {
            refuse("must be \(form), not \(value.sort)", hint: "write \(form) on one line")
            return nil
        }
        guard !scalar.isMissing, !scalar.text.isEmpty else {
            refuse("has no value", hint: "write \(form), or remove the key")
            return nil
        }
        guard scalar.text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
            refuse("must be one line without control characters", hint: "write \(form) in plain characters")
            return nil
        }
        return scalar.text
    }

    /// Reads a text by a rule; what does not fit is shown, unless it may be a token.
    func read<Value>(_ form: String, hint: String, _ rule: (String) -> Value?) -> Value? {
        guard let text = text(form) else { return nil }
        guard let value = rule(text) else {
            refuse("is not \(form): \(PastedToken.shown(text))", hint: hint)
            return nil
        }
        return value
    }

    /// The items of a list that is not empty.
    func items(_ form: String) -> [Place]? {
        guard case .list(let items, _) = value, !items.isEmpty else {
            refuse(
                "must be a list of \(form), not \(emptyOrSort)",
                hint: "write `[FIRST, SECOND]`, or a line with `- ` for each")
            return nil
        }
        return items.enumerated().map {
            Place(name: "\(name)[\($0.offset + 1)]", line: $0.element.line, value: $0.element, findings: findings)
        }
    }

    /// The entries of a map, by whatever keys.
    func entries(_ form: String = "a map") -> [(key: String, place: Place)]? {
        guard case .map(let entries, _) = value else {
            refuse("must be \(form), not \(value.sort)", hint: "write indented lines with `key: value` under it")
            return nil
        }
        return entries.map { entry in
            let shown = PastedToken.shownKey(entry.key)
            let place = Place(
                name: name.isEmpty ? shown : "\(name).\(shown)", line: entry.line, value: entry.value,
                findings: findings)
            return (entry.key, place)
        }
    }

    /// The entries of a map that takes these keys and no others.
    func fields(_ known: [String]) -> Fields? {
        guard let entries = entries() else { return nil }
        for (key, place) in entries where !known.contains(key) {
            let hint =
                key == "<<" ? "merge keys are not taken; write the values out" : Spelling.hint(for: key, in: known)
            place.findings.note(place.line, "unknown key `\(place.name)`", hint: hint)
        }
        return Fields(owner: self, entries: entries.filter { known.contains($0.key) })
    }

    private var emptyOrSort: String {
        if case .list = value { "an empty one" } else { value.sort }
    }
}

/// The known keys of a map, with their values.
struct Fields {
    /// The map itself.
    let owner: Place
    let entries: [(key: String, place: Place)]

    /// The value under a key; nil when the key is not there.
    subscript(key: String) -> Place? { entries.first { $0.key == key }?.place }

    /// The value under a key, whose absence is a mistake.
    func required(_ key: String) -> Place? {
        guard let place = self[key] else {
            owner.refuse("needs the key `\(key)`", hint: "add `\(key): …` to it")
            return nil
        }
        return place
    }
}
