// What becomes of git's question to its helper when bytes of it change, get lost or come twice.

/// Mutations that a failing test can repeat.
public enum CredentialMutation {
    /// Bytes that have a meaning to git, to addresses or to terminals.
    private static let odd: [UInt8] = [0, 9, 10, 13, 27, 32, 37, 46, 47, 58, 61, 64, 91, 92, 93, 127, 128, 255]

    /// The next one: up to five changes to a text.
    public static func next(of text: String, _ random: inout SeededRandom) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0...Int.random(in: 0...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where place < bytes.count: bytes[place] = odd.randomElement(using: &random) ?? 0
            case 1: bytes.insert(odd.randomElement(using: &random) ?? 0, at: place)
            case 2: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
            case 3: bytes.removeSubrange(place..<end)
            case 4: bytes += bytes.prefix(place)
            case 5: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
            case 6: turnLines(&bytes, &random)
            default: bytes.insert(contentsOf: [UInt8](repeating: 0x61, count: min(place * place, 70_000)), at: place)
            }
        }
        return bytes
    }

    /// Puts the lines into another order.
    private static func turnLines(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        bytes = Array(lines.shuffled(using: &random).joined(separator: [UInt8(ascii: "\n")]))
    }
}
