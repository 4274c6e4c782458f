// What a setting's text has to look like to be of any use, whatever there is on the other side: a mistake in it is found
// when the configuration is read, and not by the renewal that has ended a token for it.

/// The form of a text.
public struct TextForm: Sendable {
    /// What is wanted, as it follows "is not".
    public let words: String
    /// How to write it.
    public let hint: String
    /// Whether a text has it.
    public let fits: @Sendable (String) -> Bool

    /// Describes a form.
    public init(_ words: String, hint: String, fits: @escaping @Sendable (String) -> Bool) {
        self.words = words
        self.hint = hint
        self.fits = fits
    }
}

extension TextForm {
    /// The path of a file, from the top on.
    public static let absolutePath = TextForm(
        "the absolute path of a file", hint: "begin it with `/`: what a relative path means depends on who reads it"
    ) { $0.hasPrefix("/") && path.fits($0) }

    /// The path of a file.
    public static let path = TextForm("the path of a file", hint: "write the file's whole path") {
        !$0.isEmpty && !$0.hasSuffix("/") && !$0.utf8.contains(0)
    }

    /// The name of a variable as shells take it.
    public static let variableName = TextForm(
        "the name of a variable", hint: "letters, digits and underscores, not a digit first",
        fits: VariableName.isPlain)

    /// A place in JSON (RFC 6901).
    public static let jsonPointer = TextForm(
        "a JSON pointer", hint: "begin it with `/` and write a `/` before each further key: /data/token"
    ) { JSONPointer(text: $0) != nil }

    /// The name of a header field (RFC 9110, section 5.1).
    public static let headerName = TextForm(
        "the name of a header", hint: "letters, digits and `-`, without the colon"
    ) { name in
        !name.isEmpty
            && name.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: "-") || "!#$%&'*+.^`|~".utf8.contains($0) }
    }

    /// The owner of a repository and its name.
    public static let repository = TextForm(
        "owner/name", hint: "write owner/name, without the address of its server"
    ) { isPath($0, parts: 2...2) }

    /// The name of a repository, with its owner or without.
    public static let repositoryName = TextForm(
        "the name of a repository", hint: "write its name alone, without the address of its server"
    ) { isPath($0, parts: 1...2) }

    /// A user or an organization.
    public static let account = TextForm("the name of an account", hint: "write the name alone") {
        isPath($0, parts: 1...1)
    }

    /// Words of letters, digits, `.`, `_` and `-` with slashes between, so many of them.
    static func isPath(_ text: String, parts range: ClosedRange<Int>) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return range.contains(parts.count)
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
            }
    }

    /// Letters, digits and underscores.
    static func isWordByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
    }
}
