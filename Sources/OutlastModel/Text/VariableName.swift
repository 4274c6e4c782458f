// Which names a shell takes for a variable (contract, section 5): anything else in a name's place may be a token, or code.

/// Names of environment variables.
public enum VariableName {
    /// Whether a text is `[A-Za-z_][A-Za-z0-9_]*`.
    public static func isPlain(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (65...90).contains(byte) || (97...122).contains(byte) || (48...57).contains(byte)
                || byte == UInt8(ascii: "_")
        }
    }
}
