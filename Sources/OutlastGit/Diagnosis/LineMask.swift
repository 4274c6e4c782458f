// A deciding line is stored and shown, and whoever wrote it may have put a secret in it.

import OutlastModel

/// Makes a line fit to be kept.
struct LineMask: Sendable {
    /// What tokens of known kinds begin with.
    let tokenPrefixes: [[UInt8]]

    init(tokenPrefixes: [String]) { self.tokenPrefixes = tokenPrefixes.map { Array($0.utf8) } }

    /// The line as safe text: without user info of URLs, and with everything masked that looks like a token.
    func safe(_ line: [UInt8]) -> String {
        let text = SafeText.withoutUserInfo(String(decoding: Self.withoutUserInfoValue(line), as: UTF8.self))
        var result: [UInt8] = []
        var word: [UInt8] = []
        // Whether the word before announced a secret (`Authorization: Basic …`, `password=…`).
        var announced = 0
        func flush(before next: UInt8) {
            guard !word.isEmpty else { return }
            let isScheme = Self.schemes.contains(word.map(ByteSearch.folded))
            // The scheme after `Authorization:` is no secret itself.
            let isSecret = !isScheme && (announced > 0 || looksLikeToken(word, after: result))
            announced = max(0, announced - 1)
            if Self.announces(word, before: next) { announced = 2 } else if isScheme, next == 0x20 { announced = 1 }
            result += isSecret ? Array("***".utf8) : word
            word = []
        }
        for byte in text.utf8 {
            if Self.isTokenByte(byte) {
                word.append(byte)
            } else {
                flush(before: byte)
                result.append(byte)
            }
        }
        flush(before: 0)
        return SafeText.line(withoutPasswords(String(decoding: result, as: UTF8.self)))
    }

    /// git-lfs shows the parts of an address when a server refuses it: `*url.Userinfo=&{user password true}`.
    private static func withoutUserInfoValue(_ line: [UInt8]) -> [UInt8] {
        let mark = Array("userinfo=&{".utf8)
        guard let at = ByteSearch.find(mark, in: line.map(ByteSearch.folded), from: 0) else { return line }
        let start = at + mark.count
        let end = line[start...].lastIndex(of: UInt8(ascii: "}")) ?? line.endIndex
        return line[..<start] + Array("***".utf8) + line[end...]
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        ByteSearch.isLetter(byte) || ByteSearch.isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "+")
    }

    private static let schemes = ["basic", "bearer"].map { Array($0.utf8) }
    private static let announcers = [
        "authorization", "private-token", "job-token", "deploy-token", "password", "passwd", "secret", "access_token",
        "private_token", "refresh_token", "client_secret", "token",
    ].map { Array($0.utf8) }

    /// Names of secrets, when a value follows.
    private static func announces(_ word: [UInt8], before next: UInt8) -> Bool {
        ":=".utf8.contains(next) && announcers.contains(word.map(ByteSearch.folded))
    }

    /// A known beginning with something behind it, or a long word in which nobody would mix digits and both cases.
    /// Fingerprints of keys look so too, but say that they are one.
    private func looksLikeToken(_ word: [UInt8], after text: [UInt8]) -> Bool {
        if tokenPrefixes.contains(where: { word.count > $0.count && word.starts(with: $0) }) { return true }
        guard word.count >= 20, !text.suffix(7).elementsEqual("SHA256:".utf8) else { return false }
        let hasDigit = word.contains(where: ByteSearch.isDigit)
        let hasUpper = word.contains { (0x41...0x5A).contains($0) }
        let hasLower = word.contains { (0x61...0x7A).contains($0) }
        return hasDigit && hasUpper && hasLower
    }

    /// `user:password@host` where no `//` tells that it is a URL.
    private func withoutPasswords(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
        return text.split(separator: " ", omittingEmptySubsequences: false).map { word -> String in
            guard let at = word.lastIndex(of: "@"), let colon = word[..<at].firstIndex(of: ":"),
                word.index(after: colon) < at
            else { return String(word) }
            return word.prefix { "'\"(<[".contains($0) } + "***" + word[at...]
        }.joined(separator: " ")
    }
}
