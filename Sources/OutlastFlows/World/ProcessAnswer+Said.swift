// What a program that failed has said, for the end of a sentence.

import OutlastModel

extension ProcessAnswer {
    /// `: what it said`, or that it said nothing.
    var said: String {
        let words = errors.drop { $0.isWhitespace }
        guard let last = words.lastIndex(where: { !$0.isWhitespace }) else { return " and said nothing on stderr" }
        return ": \(SafeText.line(String(words[...last])))"
    }
}
