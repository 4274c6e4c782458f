// The forms in which a value leaves for the job that called (contract, sections 5 and 6).

public import OutlastModel

/// How values are handed over.
public enum ExportForm: Hashable, Sendable {
    /// Lines for a shell's `eval`.
    case shell
    /// The file from which a CI takes variables for later steps; the name is the CI's.
    case pipeline(String)
    /// Lines of this dotenv file.
    case dotenv(String)
    /// This file, which then holds the value and nothing else.
    case file(String)
}

/// A variable to hand over.
public struct HandoverValue: Sendable {
    /// Its name: `[A-Za-z_][A-Za-z0-9_]*`.
    public let name: String
    /// Its value.
    public let value: Secret
    /// Whether it has to be hidden in logs.
    public let isSecret: Bool
    /// The user name that is sent with it, where there is a certain one.
    public let username: String?

    /// A token or key.
    public static func secret(_ name: String, _ value: Secret, username: String? = nil) -> HandoverValue {
        HandoverValue(name: name, value: value, isSecret: true, username: username)
    }

    /// A value that may be seen.
    public static func plain(_ name: String, _ value: String) -> HandoverValue {
        HandoverValue(name: name, value: Secret(value), isSecret: false, username: nil)
    }
}

/// What a handover leaves to be said.
public struct HandedOver: Sendable {
    /// Text for stdout that a shell evaluates, without any byte of a value; nil for the other forms.
    public var shellText: String?
    /// Lines for the log that make the CI's runner hide the values, to be written before anything else is.
    public var masks: [Secret]
}
