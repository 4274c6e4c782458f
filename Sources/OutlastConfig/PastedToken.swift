// Tokens are never written in the file. When one is, it must not travel on into a message and so into a CI log.
import OutlastModel

/// Tells texts that look like secrets, and shows the others.
enum PastedToken {
    /// What values of tokens and keys begin with; matched where a word begins.
    private static let prefixes = [
        "glpat-", "gldt-", "glcbt-", "gloas-", "glrt-", "glptt-", "glft-", "glsoat-", "ghp_", "gho_", "ghu_", "ghs_",
        "ghr_", "github_pat_", "ATBB", "ATCTT3", "xoxb-", "xoxp-", "hvs.", "eyJ", "-----BEGIN",
    ].map { Array($0.utf8) }

    /// Whether the text holds a word that begins like a token and is as long as one.
    static func isCertain(_ text: String) -> Bool {
        guard text.utf8.count >= 16 else { return false }
        return text.utf8.split(whereSeparator: { $0 <= 32 || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "=") })
            .contains { word in word.count >= 10 && prefixes.contains { word.starts(with: $0) } }
    }

    /// Whether the text, or a word of it, could be a secret of a form that nobody told us: long, letters and digits mixed.
    private static func isPossible(_ text: String) -> Bool {
        // As a whole it may hold the `/` and `.` of base64 and JWTs, which in a longer text are those of paths and hosts.
        text.utf8.split(whereSeparator: { !isTokenByte($0) }).contains { isMixed($0) }
            || text.utf8.allSatisfy { isTokenByte($0) || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") }
                && isMixed(Substring(text).utf8)
    }

    private static func isMixed(_ word: Substring.UTF8View) -> Bool {
        word.count >= 20 && word.contains { (48...57).contains($0) } && word.contains { $0 > 64 && isTokenByte($0) }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 48...57, UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// The text for a message, in backticks; a stand-in for one that may be a secret.
    static func shown(_ text: String) -> String {
        isCertain(text) || isPossible(text)
            ? "a text that is not shown, for it may be a token" : "`\(SafeText.line(text, limit: 80))`"
    }

    /// The text as part of a key's name.
    static func shownKey(_ text: String) -> String {
        isCertain(text) || isPossible(text) ? "<not shown>" : SafeText.line(text, limit: 64)
    }

    /// Notes every text of the tree, keys included, that is certain to be a token.
    static func find(in value: YAMLValue, _ findings: Findings) {
        switch value {
        case .scalar(let scalar): if isCertain(scalar.text) { note(scalar.line, findings) }
        case .list(let items, _): for item in items { find(in: item, findings) }
        case .map(let entries, _):
            for entry in entries {
                if isCertain(entry.key) { note(entry.line, findings) }
                find(in: entry.value, findings)
            }
        }
    }

    private static func note(_ line: Int, _ findings: Findings) {
        findings.noteAlone(
            line, "holds what looks like a token or key; tokens are not written in this file",
            hint:
                "put it into a protected CI variable, write `{env: NAME}` here, and revoke the one that was written down"
        )
    }
}
