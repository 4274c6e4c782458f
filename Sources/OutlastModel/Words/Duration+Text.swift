// Durations as people write them: `90s`, `45m`, `1h30m`, `1d12h`, `30d`. No sign, no bare number but `0`.

extension Duration {
    /// Whole seconds, rounded towards zero; saturates.
    public var wholeSeconds: Int64 { components.seconds }

    /// To whole seconds, up.
    public var roundedUp: Duration {
        components.attoseconds > 0 ? .seconds(wholeSeconds) + .seconds(1) : .seconds(wholeSeconds)
    }

    /// Whole milliseconds, rounded towards zero; saturates.
    public var wholeMilliseconds: Int64 {
        let (product, overflow) = components.seconds.multipliedReportingOverflow(by: 1000)
        if overflow { return components.seconds < 0 ? .min : .max }
        let (sum, overflow2) = product.addingReportingOverflow(components.attoseconds / 1_000_000_000_000_000)
        return overflow2 ? (product < 0 ? .min : .max) : sum
    }

    /// Seconds with a fraction.
    public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }

    /// Reads `90s`, `45m`, `2h`, `1h30m`, `1d12h` or `0`: units from large to small, each at most once, up to ten years.
    /// Nil for anything else (contract, section 2).
    public init?(text: String) {
        if text == "0" {
            self = .zero
            return
        }
        let units: [(UInt8, Int64)] = [
            (UInt8(ascii: "d"), 86_400), (UInt8(ascii: "h"), 3600), (UInt8(ascii: "m"), 60), (UInt8(ascii: "s"), 1),
        ]
        var total: Int64 = 0
        var number: Int64?
        var nextUnit = 0
        for byte in text.utf8 {
            if (48...57).contains(byte) {
                let value = (number ?? 0) * 10 + Int64(byte - 48)
                guard value <= 315_360_000 else { return nil }
                number = value
                continue
            }
            guard let value = number, let index = units.firstIndex(where: { $0.0 == byte }), index >= nextUnit else {
                return nil
            }
            total += value * units[index].1
            number = nil
            nextUnit = index + 1
        }
        guard number == nil, nextUnit > 0, total <= 315_360_000 else { return nil }
        self = .seconds(total)
    }

    /// The shortest exact form that `init(text:)` reads back, in whole seconds: `1h30m`, `0`. Negative ones get a minus.
    public var text: String {
        var rest = wholeSeconds
        if rest == 0 { return "0" }
        var parts = ""
        if rest < 0 {
            parts = "-"
            rest = -Swift.max(rest, -Int64.max)
        }
        for (suffix, size) in [("d", Int64(86_400)), ("h", 3600), ("m", 60), ("s", 1)] where rest >= size {
            parts += "\(rest / size)\(suffix)"
            rest %= size
        }
        return parts
    }

    /// For reading, the two largest units only: `2h 10m`, `45s`, `3d 4h`; `0s` for less than a second.
    public var readable: String {
        var rest = wholeSeconds
        if rest == 0 { return "0s" }
        let sign = rest < 0 ? "-" : ""
        rest = rest < 0 ? -Swift.max(rest, -Int64.max) : rest
        var parts: [String] = []
        for (suffix, size) in [("d", Int64(86_400)), ("h", 3600), ("m", 60), ("s", 1)] {
            if rest >= size { parts.append("\(rest / size)\(suffix)") }
            rest %= size
            if parts.count == 2 { break }
        }
        return sign + parts.text(joinedBy: " ")
    }
}
