// Variables of a CI read strictly: what does not parse is as good as not set.
import OutlastModel

extension Variables {
    /// A moment in one of the forms of `Instant(text:)`.
    func instant(_ name: String) -> Instant? { self[name].flatMap { Instant(text: $0) } }

    /// A whole number in decimal digits that is at least 1 (or `least`).
    func number(_ name: String, least: Int = 1) -> Int? {
        guard let text = self[name], text.utf8.count <= 18, text.utf8.allSatisfy({ (48...57).contains($0) }),
            let value = Int(text), value >= least
        else { return nil }
        return value
    }

    /// A time-out given as a count of `unit`; up to ten years.
    func timeout(_ name: String, unit: Duration) -> Duration? {
        guard let count = number(name), count <= 315_360_000 else { return nil }
        let duration = unit * count
        return duration <= .seconds(315_360_000) ? duration : nil
    }

    /// An absolute path without control characters.
    func path(_ name: String) -> String? {
        guard let text = self[name], text.utf8.first == UInt8(ascii: "/"), !text.utf8.contains(where: { $0 < 32 })
        else {
            return nil
        }
        return text
    }

    /// An address without user info.
    func address(_ name: String) -> ServerURL? { self[name].flatMap { ServerURL($0) } }

    /// The host name of an address; empty when there is none.
    func host(of name: String) -> String { address(name)?.origin.host ?? "" }

    /// Texts joined; nil as soon as one is not set.
    func joined(_ names: [String], by separator: String) -> String? {
        let values = names.compactMap { self[$0] }
        return values.count == names.count ? values.text(joinedBy: separator) : nil
    }

    /// Whether a token is the one that a variable holds.
    func holds(_ token: Secret, in name: String) -> Bool {
        guard let value = self[name], let held = Secret.token(trimming: Array(value.utf8)) else { return false }
        return held.matches(token)
    }
}

extension Pipeline {
    /// The kind of a token that stands in one of these variables: told by the variable's name, or by the same value.
    func kind(
        _ name: String?, _ token: Secret, _ variables: Variables, among kinds: [(variable: String, kind: String)]
    ) -> String? {
        kinds.first { $0.variable == name }?.kind ?? kinds.first { variables.holds(token, in: $0.variable) }?.kind
    }
}

extension String {
    /// Everything before the last `/`, and what follows it; nil where there is no `/` with text on both sides.
    var splitAtLastSlash: (String, String)? {
        guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let (head, tail) = (String(self[..<slash]), String(self[utf8.index(after: slash)...]))
        return head.isEmpty || tail.isEmpty ? nil : (head, tail)
    }

    /// The name to use for a job where the CI has none: the last part of the project's path.
    var lastPathPart: String { splitAtLastSlash?.1 ?? self }
}
