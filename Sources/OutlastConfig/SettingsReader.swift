// Reads the settings of a renewal method or publish target by the schema that it has described itself with.
import OutlastModel

/// Reads blocks by their schema.
struct SettingsReader {
    /// Whether `http` addresses of other hosts than loopback are taken.
    let allowInsecureHTTP: Bool

    /// The settings, as far as they are right; mistakes are noted. `references` gains each name of another credential.
    func settings(of fields: Fields, by schema: SettingsSchema, references: inout [Place]) -> Settings {
        var settings = Settings()
        for field in schema.fields {
            let place = field.isRequired ? fields.required(field.name) : fields[field.name]
            guard let place else { continue }
            if case .credential = field.sort { references.append(place) }
            settings.values[field.name] = value(of: place, as: field.sort)
        }
        for group in schema.exactlyOneOf { checkOne(of: group, in: fields) }
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
        case .credential: place.text("the name of a credential").map(SettingValue.text)
        case .integer: place.integer().map(SettingValue.integer)
        case .truth: place.truth().map(SettingValue.truth)
        case .duration: place.positiveDuration().map(SettingValue.duration)
        case .url: place.url(allowInsecureHTTP: allowInsecureHTTP, takesQuery: true).map(SettingValue.url)
        case .texts: place.texts().map(SettingValue.texts)
        case .secret: place.secretSource(takesCommand: false).map(SettingValue.secret)
        case .choice(let words): place.choice(words).map(SettingValue.text)
        case .textMap: map(place) { $0.text().map(SettingValue.text) }
        case .headerMap: map(place, header)
        }
    }

    private func map(_ place: Place, _ read: (Place) -> SettingValue?) -> SettingValue? {
        guard let entries = place.entries("a map of names and values") else { return nil }
        return .map(
            entries.compactMap { entry in read(entry.place).map { SettingValue.Entry(name: entry.key, value: $0) } })
    }

    private func header(_ place: Place) -> SettingValue? {
        if case .map = place.value { return place.secretSource(takesCommand: false).map(SettingValue.secret) }
        return place.text("a text, {env: NAME} or {file: PATH}").map(SettingValue.text)
    }
}
