// The values that the schema is made of, each with the words that say how it is written.
import OutlastModel

extension Place {
    /// A duration of at most ten years.
    func duration() -> Duration? {
        read("a duration", hint: "write 90s, 45m, 2h, 1h30m or 30d") { Duration(text: $0) }
    }

    /// A duration of at least a second.
    func positiveDuration() -> Duration? {
        guard let duration = duration() else { return nil }
        guard duration > .zero else {
            refuse("must be longer than 0", hint: "write 90s, 45m, 2h, 1h30m or 30d")
            return nil
        }
        return duration
    }

    /// A moment, or a date, which is its 00:00 UTC.
    func instant() -> Instant? {
        read("a time", hint: "write 2027-01-31 or 2027-01-31T22:10:00Z") { Instant(text: $0) }
    }

    /// A whole number that is not negative.
    func number() -> Int64? {
        read("a whole number from 1 on", hint: "write digits only") { text in
            guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(text), number > 0 else {
                return nil
            }
            return number
        }
    }

    /// A text of a form.
    func text(of form: TextForm) -> String? { read(form.words, hint: form.hint) { form.fits($0) ? $0 : nil } }

    /// `true` or `false`.
    func truth() -> Bool? {
        read("true or false", hint: "write true or false; yes and on are texts here") { text in
            text == "true" ? true : text == "false" ? false : nil
        }
    }

    /// A quantile from 0.5 to 0.999.
    func quantile() -> Double? {
        read("a number from 0.5 to 0.999", hint: "write quantile: 0.95") { text in
            guard text.utf8.count <= 20, text.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }),
                let value = Double(text), (0.5...0.999).contains(value)
            else { return nil }
            return value
        }
    }

    /// One of certain words.
    func choice(_ words: [String]) -> String? {
        guard let text = text() else { return nil }
        guard words.contains(text) else {
            refuse("knows no \(PastedToken.shown(text))", hint: Spelling.hint(for: text, in: words))
            return nil
        }
        return text
    }

    /// The name of an environment variable.
    func environmentName() -> String? {
        read("the name of an environment variable", hint: "letters, digits and _, not beginning with a digit") {
            // A name that looks like a token would be printed as soon as it is not set.
            Self.isEnvironmentName($0) && !PastedToken.isCertain($0) ? $0 : nil
        }
    }

    /// A list of texts.
    func texts(_ form: String = "texts") -> [String]? {
        guard let items = items(form) else { return nil }
        let texts = items.compactMap { $0.text() }
        return texts.count == items.count ? texts : nil
    }

    /// An `https` address; `http` for literal loopback addresses, and for others where the caller was told to allow it.
    func url(allowInsecureHTTP: Bool, takesQuery: Bool) -> ServerURL? {
        let address = read("an address", hint: "write https://host/path, without user name and fragment") { text in
            ServerURL(text).flatMap { takesQuery || $0.query == nil ? $0 : nil }
        }
        guard let address else { return nil }
        guard address.origin.scheme == "https" || address.origin.isLoopback || allowInsecureHTTP else {
            let isName = address.origin.host == "localhost"
            refuse(
                "would send tokens unencrypted to \(SafeText.line(address.origin.hostAndPort))",
                hint: isName
                    ? "write http://127.0.0.1 (localhost is a name, which can be made to mean another machine)"
                    : "write https://, or allow it by --allow-insecure-http")
            return nil
        }
        return address
    }

    /// `[A-Za-z_][A-Za-z0-9_]*`, at most 255 characters.
    static func isEnvironmentName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first), name.utf8.count <= 255 else { return false }
        return name.utf8.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: "_") }
    }

    /// `[A-Za-z0-9._-]{1,64}`.
    static func isCredentialName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { isNameByte($0) || "._-".utf8.contains($0) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
