// When `keep` looks again at a token that it keeps fresh.

/// The rule.
public enum KeepRule {
    /// The longest time between two looks: an operator may have renewed the token elsewhere.
    public static let longest = Duration.seconds(300)
    /// The shortest: a forge that is asked more often sees a storm.
    public static let shortest = Duration.seconds(5)

    /// How long to wait.
    ///
    /// - Parameters:
    ///   - left: What is left of the token; nil where its end is not known.
    ///   - failures: How many looks in a row found no token that lives.
    ///   - random: 0 to 1; spreads processes that were started together.
    public static func pause(left: Duration?, failures: Int, random: Double) -> Duration {
        let spread = 0.75 + 0.25 * min(max(random, 0), 1)
        if failures > 0 {
            let doubled = shortest * Double(1 << min(failures - 1, 6))
            return max(shortest, min(longest, doubled) * spread)
        }
        // An eighth of what is left: renewal is due long before the end, whatever the limit.
        let wanted = left.map { min(longest, $0 / 8) } ?? longest
        return max(shortest, wanted * spread)
    }
}
