// Settings of renewal methods and publish targets. Each describes its own, so that the configuration's reader can check a
// file without knowing any of them, and a new method changes no other file.

/// A setting's value.
public enum SettingValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case truth(Bool)
    case duration(Duration)
    case url(ServerURL)
    case secret(SecretSource)
    case texts([String])
    /// Names with texts or secrets, in order.
    case map([Entry])

    /// An entry of a map.
    public struct Entry: Hashable, Sendable {
        /// The name.
        public let name: String
        /// The value: `text` or `secret`.
        public let value: SettingValue

        /// Makes an entry.
        public init(name: String, value: SettingValue) {
            self.name = name
            self.value = value
        }
    }
}

/// The settings of one block, by name.
public struct Settings: Hashable, Sendable {
    /// The values by name.
    public var values: [String: SettingValue]

    /// Wraps values.
    public init(_ values: [String: SettingValue] = [:]) { self.values = values }

    /// A value by its name.
    public subscript(name: String) -> SettingValue? { values[name] }
    /// A text; a whole number counts as its digits.
    public func text(_ name: String) -> String? {
        switch values[name] {
        case .text(let text): text
        case .integer(let number): String(number)
        default: nil
        }
    }
    /// A duration.
    public func duration(_ name: String) -> Duration? {
        if case .duration(let value) = values[name] { value } else { nil }
    }
    /// A truth value.
    public func truth(_ name: String) -> Bool? { if case .truth(let value) = values[name] { value } else { nil } }
    /// An address.
    public func url(_ name: String) -> ServerURL? { if case .url(let value) = values[name] { value } else { nil } }
    /// A secret's source.
    public func secret(_ name: String) -> SecretSource? {
        if case .secret(let value) = values[name] { value } else { nil }
    }
    /// A list of texts.
    public func texts(_ name: String) -> [String]? { if case .texts(let value) = values[name] { value } else { nil } }
    /// A map.
    public func map(_ name: String) -> [SettingValue.Entry]? {
        if case .map(let value) = values[name] { value } else { nil }
    }
}

/// What a renewal method or a publish target may be told.
public struct SettingsSchema: Sendable {
    /// The sort of value of a field.
    public enum Sort: Sendable {
        case text, truth, duration, texts
        /// A whole number from 1 on.
        case number
        /// An address, with a query or without.
        case url
        /// An address that paths are put behind.
        case root
        /// A text of this form.
        case form(TextForm)
        /// Texts of this form.
        case forms(TextForm)
        /// `{env: NAME}` or `{file: PATH}`.
        case secret
        /// Names with one of these words each.
        case choiceMap([String])
        /// Names of header fields with texts or secret sources.
        case headerMap
        /// The name of a credential; the one that is configured means its own token.
        case credential
        /// The name of another credential than the one that is configured.
        case otherCredential
        /// One of these texts.
        case choice([String])
    }

    /// A field.
    public struct Field: Sendable {
        /// Its key.
        public let name: String
        /// What it takes.
        public let sort: Sort
        /// Whether it must be there.
        public let isRequired: Bool
        /// What holds where it is left out, for durations that other settings are compared with.
        public let standard: Duration?

        /// Makes a field.
        public init(_ name: String, _ sort: Sort, required: Bool = false, standard: Duration? = nil) {
            self.name = name
            self.sort = sort
            isRequired = required
            self.standard = standard
        }
    }

    /// The name of the method or target.
    public let name: String
    /// Its fields.
    public let fields: [Field]
    /// Groups of which exactly one field must be given.
    public let exactlyOneOf: [[String]]
    /// Fields that mean nothing without another one: the field, and the one that it belongs to.
    public let belonging: [(field: String, owner: String)]

    /// Makes a schema.
    public init(
        name: String, fields: [Field], exactlyOneOf: [[String]] = [], belonging: [(field: String, owner: String)] = []
    ) {
        self.name = name
        self.fields = fields
        self.exactlyOneOf = exactlyOneOf
        self.belonging = belonging
    }
}
