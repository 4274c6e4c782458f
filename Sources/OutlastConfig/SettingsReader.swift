// Reads the settings of a renewal method or publish target by the schema that it has described itself with.
import OutlastModel

/// Reads blocks by their schema.
struct SettingsReader {
    /// Whether `http` addresses of other hosts than loopback are taken.
    let allowInsecureHTTP: Bool

    /// The settings of a credential's block, as far as they are right; mistakes are noted. `references` gains each name of
    /// a credential.
    func settings(
        of fields: Fields, by schema: SettingsSchema, for credential: String, references: inout [CredentialReference]
    ) -> Settings {
        var settings = Settings()
        for field in schema.fields {
            let place = field.isRequired ? fields.required(field.name) : fields[field.name]
            guard let place else { continue }
            switch field.sort {
            case .credential: references.append(CredentialReference(place: place, owner: credential, takesOwner: true))
            case .otherCredential:
                references.append(CredentialReference(place: place, owner: credential, takesOwner: false))
            default: break
            }
            settings.values[field.name] = value(of: place, as: field.sort)
        }
        for group in schema.exactlyOneOf { checkOne(of: group, in: fields) }
        for (field, owner) in schema.belonging where fields[owner] == nil {
            fields[field]?.refuse("means nothing without `\(owner)`", hint: "add `\(owner)`, or remove it")
        }
        return settings
    }

    private func checkOne(of group: [String], in fields: Fields) {
        let given = group.filter { fields[$0] != nil }
        if given.isEmpty {
            fields.owner.refuse("needs one of \(group.joined(separator: ", "))", hint: "add one of them")
        } else if given.count > 1 {
            fields.owner.refuse(
                "takes only one of \(group.joined(separator: ", ")), not \(given.joined(separator: " and "))",
                hint: "keep one of them")
        }
    }

    private func value(of place: Place, as sort: SettingsSchema.Sort) -> SettingValue? {
        switch sort {
        case .text: place.text().map(SettingValue.text)
        case .credential, .otherCredential: place.text("the name of a credential").map(SettingValue.text)
        case .number: place.number().map(SettingValue.integer)
        case .form(let form): place.text(of: form).map(SettingValue.text)
        case .forms(let form): texts(place, of: form).map(SettingValue.texts)
        case .truth: place.truth().map(SettingValue.truth)
        case .duration: place.positiveDuration().map(SettingValue.duration)
        case .url: place.url(allowInsecureHTTP: allowInsecureHTTP, takesQuery: true).map(SettingValue.url)
        case .root: place.url(allowInsecureHTTP: allowInsecureHTTP, takesQuery: false).map(SettingValue.url)
        case .texts: place.texts().map(SettingValue.texts)
        case .secret: place.secretSource(takesCommand: false).map(SettingValue.secret)
        case .choice(let words): place.choice(words).map(SettingValue.text)
        case .choiceMap(let words): map(place) { $0.choice(words).map(SettingValue.text) }
        case .headerMap: map(place, names: .headerName, header)
        }
    }

    private func texts(_ place: Place, of form: TextForm) -> [String]? {
        guard let items = place.items("texts") else { return nil }
        let texts = items.compactMap { $0.text(of: form) }
        return texts.count == items.count ? texts : nil
    }

    private func map(
        _ place: Place, names: TextForm? = nil, _ read: (Place) -> SettingValue?
    ) -> SettingValue? {
        guard let entries = place.entries("a map of names and values") else { return nil }
        for entry in entries where names?.fits(entry.key) == false {
            entry.place.refuse("is not \(names?.words ?? "")", hint: names?.hint)
        }
        return .map(
            entries.compactMap { entry in read(entry.place).map { SettingValue.Entry(name: entry.key, value: $0) } })
    }

    private func header(_ place: Place) -> SettingValue? {
        if case .map = place.value { return place.secretSource(takesCommand: false).map(SettingValue.secret) }
        return place.text("a text, {env: NAME} or {file: PATH}").map(SettingValue.text)
    }
}

/// A place of the file that names a credential.
struct CredentialReference {
    let place: Place
    /// The credential that it is configured for.
    let owner: String
    /// Whether that one may be named: its own token is meant then.
    let takesOwner: Bool
}
