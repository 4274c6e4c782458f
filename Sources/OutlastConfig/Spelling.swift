// The nearest known word, for a key or name that is not known.

/// Suggests known words.
enum Spelling {
    /// The known word that takes the fewest changes, when it takes few enough to be meant.
    static func nearest(to word: String, in known: [String]) -> String? {
        let bytes = Array(word.lowercased().utf8)
        guard bytes.count <= 64 else { return nil }
        let ranked = known.map { ($0, distance(bytes, Array($0.utf8))) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(1, min(bytes.count, best.0.utf8.count) / 3)
        else {
            return nil
        }
        return best.0
    }

    /// `did you mean X? known: …`
    static func hint(for word: String, in known: [String]) -> String {
        let list = "known here: " + known.joined(separator: ", ")
        return nearest(to: word, in: known).map { "did you mean `\($0)`? \(list)" } ?? list
    }

    /// Insertions, deletions and replacements that turn one word into the other; two neighbours swapped count as two.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
