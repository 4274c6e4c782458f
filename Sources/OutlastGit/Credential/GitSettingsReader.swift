// The settings that stand between a fresh token and a server: headers that are sent with every request, and addresses
// that hold an old token. git itself is asked, so that files behind `include` and `includeIf` are seen.

internal import OutlastModel

/// Asks for settings, and reads git's answer.
enum GitSettingsReader {
    /// `-z`, because a value may hold line feeds.
    static let question = [
        "git", "config", "--null", "--get-regexp",
        #"^(http\.(.*\.)?extraheader|remote\..*\.(url|pushurl)|submodule\..*\.url)$"#,
    ]

    /// The same with helpers and rewritten addresses.
    static let healthQuestion = [
        "git", "config", "--null", "--get-regexp",
        #"^(credential\.(.*\.)?helper|http\.(.*\.)?extraheader|remote\..*\.(url|pushurl)|url\..*\.(push)?insteadof)$"#,
    ]

    /// Reads `key LF value NUL …`; what has another form is left out.
    static func settings(_ output: Secret) -> [GitSetting] {
        output.withBytes { bytes in
            bytes.split(separator: 0).compactMap { entry in
                guard let feed = entry.firstIndex(of: UInt8(ascii: "\n")), feed > entry.startIndex else { return nil }
                let key = String(decoding: entry[..<feed], as: UTF8.self)
                return GitSetting(key: key, value: Secret(bytes: entry[entry.index(after: feed)...]))
            }
        }
    }
}
