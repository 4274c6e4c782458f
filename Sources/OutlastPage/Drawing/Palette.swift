// The page's colours in both schemes, as values: a test computes their contrasts. No colour says anything alone; shapes,
// words and numbers say the same.

/// A colour.
struct Colour: Hashable, Sendable {
    let hex: String

    init(_ hex: String) { self.hex = hex }

    /// The relative luminance of WCAG 2, 0 to 1.
    var luminance: Double {
        let parts = [1, 3, 5].map { start -> Double in
            let digits = hex.dropFirst(start).prefix(2)
            let value = Double(UInt8(digits, radix: 16) ?? 0) / 255
            return value <= 0.04045 ? value / 12.92 : Self.power((value + 0.055) / 1.055)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    /// The contrast of WCAG 2 with another colour, 1 to 21.
    func contrast(with other: Colour) -> Double {
        let (light, dark) = (max(luminance, other.luminance), min(luminance, other.luminance))
        return (light + 0.05) / (dark + 0.05)
    }

    /// `base` to the power of 2.4, which is the fifth root of its twelfth power.
    private static func power(_ base: Double) -> Double {
        let square = base * base
        let twelfth = square * square * square * square * square * square
        guard twelfth > 0 else { return 0 }
        var root = base * base
        for _ in 0..<60 { root -= (root * root * root * root * root - twelfth) / (5 * root * root * root * root) }
        return root
    }
}

/// What a colour is for.
enum Tone: String, CaseIterable, Sendable {
    case page, card, text, muted, line, accent, bad, warn, good, even, odd
    case onEven = "on-even"
    case onOdd = "on-odd"
    case low, middle, high
    case onLow = "on-low"
    case onMiddle = "on-middle"
    case onHigh = "on-high"
}

/// The colours of a scheme.
struct Palette: Sendable {
    let colours: [Tone: Colour]

    subscript(_ tone: Tone) -> Colour { colours[tone] ?? Colour("#000000") }

    /// Custom properties for a style sheet.
    var css: String {
        Tone.allCases.map { "--\($0.rawValue):\(self[$0].hex);" }.joined()
    }

    static let light = Palette([
        "#f6f7f9", "#ffffff", "#1a2029", "#535d6b", "#d5dbe3", "#0a58b0", "#b3211b", "#855000", "#176f35", "#0a58b0",
        "#5a45b5", "#ffffff", "#ffffff", "#cfe2f8", "#8cbbeb", "#0a58b0", "#1a2029", "#1a2029", "#ffffff",
    ])
    static let dark = Palette([
        "#0e1217", "#161b22", "#e8edf3", "#a0acb9", "#343d48", "#79b8ff", "#ff8f86", "#e8b84a", "#5fd37a", "#79b8ff",
        "#bfaeff", "#0e1217", "#0e1217", "#173656", "#2b6cb0", "#a5d0ff", "#e8edf3", "#ffffff", "#0e1217",
    ])

    private init(_ hexes: [String]) {
        colours = Dictionary(uniqueKeysWithValues: zip(Tone.allCases, hexes.map { Colour($0) }))
    }

    /// Texts on what lies below them: at least 4.5 to 1.
    static let texts: [(Tone, on: Tone)] = [
        (.text, .page), (.text, .card), (.muted, .page), (.muted, .card), (.accent, .page), (.accent, .card),
        (.bad, .card), (.bad, .page), (.warn, .card), (.good, .card), (.onEven, .even), (.onOdd, .odd), (.onLow, .low),
        (.onMiddle, .middle), (.onHigh, .high),
    ]
    /// Shapes on what lies below them: at least 3 to 1.
    static let shapes: [(Tone, on: Tone)] = [
        (.accent, .card), (.bad, .card), (.warn, .card), (.good, .card), (.even, .card), (.odd, .card),
        (.muted, .card), (.high, .card),
    ]
}
