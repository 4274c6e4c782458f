// SVG text, written piece by piece. Text passes the one gate for text from elsewhere on its way in; attributes hold nothing
// but our own numbers and words, and are escaped all the same.

import OutlastModel

/// Elements of a drawing, in order.
struct Markup {
    typealias Attributes = KeyValuePairs<String, String>

    private(set) var text = ""

    /// An element with a text in it, or with nothing.
    mutating func add(_ name: String, _ attributes: Attributes = [:], text content: String? = nil) {
        text += "<\(name)\(Self.list(attributes))"
        if let content { text += ">\(SafeText.html(content))</\(name)>" } else { text += "/>" }
    }

    /// An element with what `inner` draws in it.
    mutating func group(_ name: String, _ attributes: Attributes = [:], _ inner: (inout Markup) -> Void) {
        text += "<\(name)\(Self.list(attributes))>"
        inner(&self)
        text += "</\(name)>"
    }

    /// Puts another drawing after this one.
    mutating func take(_ other: Markup) { text += other.text }

    private static func list(_ attributes: Attributes) -> String {
        var text = ""
        for (name, value) in attributes { text += " \(name)=\"\(escaped(value))\"" }
        return text
    }

    /// Scalar by scalar: a quotation mark with an accent is one character to Swift and two to a browser.
    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { "&<>\"'".utf8.contains($0) }) else { return value }
        var text = ""
        for scalar in value.unicodeScalars {
            if "&<>\"'".unicodeScalars.contains(scalar) {
                text += "&#\(scalar.value);"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Double {
    /// A coordinate with at most one decimal; what is no number, or lies beyond any page, becomes 0 or the bound.
    var svg: String {
        guard isFinite else { return "0" }
        let tenths = Int((Swift.max(-1e7, Swift.min(1e7, self)) * 10).rounded())
        let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
        return (tenths < 0 ? "-" : "") + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
    }
}
