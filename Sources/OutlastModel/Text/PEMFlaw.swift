// Why a pasted text is not a PEM block, in words that say how to paste it right.

/// What keeps a text from being read as PEM. Holds nothing of the text, which may be a key.
public enum PEMFlaw: Error, CaseIterable, Hashable, Sendable {
    /// Nothing but white space.
    case empty
    /// More bytes than any key has.
    case tooLong
    /// No `-----BEGIN` line.
    case notPEM
    /// The base64 of a PEM file.
    case encodedTwice
    /// A public key on one line, as in `id_ed25519.pub`.
    case publicLine
    /// A beginning without its end.
    case cutOff
    /// The lines between beginning and end are not base64.
    case damaged

    /// The configuration error (78) for it; `name` says which key, such as `the private key`.
    public func failure(naming name: String) -> Failure {
        switch self {
        case .empty: .configuration("\(name) is empty")
        case .tooLong:
            .configuration("\(name) has more than \(PEMText.longest) bytes", hint: "give the key file alone")
        case .notPEM:
            .configuration(
                "\(name) is not in PEM form: it has no BEGIN line",
                hint: "paste the whole key file, from its BEGIN line to its END line")
        case .encodedTwice:
            .configuration("\(name) is the base64 of a key file", hint: "give the file itself: base64 -d")
        case .publicLine: .configuration("\(name) is a public key", hint: "give the file without .pub")
        case .cutOff:
            .configuration(
                "\(name) is cut off: its END line is missing",
                hint: "paste the whole key file, from its BEGIN line to its END line")
        case .damaged:
            .configuration(
                "\(name) is damaged: what stands between its BEGIN and END lines is not base64",
                hint: "paste the key file again, unchanged")
        }
    }
}
