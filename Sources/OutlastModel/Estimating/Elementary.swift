// Exponential and logarithm in plain Swift. The model imports no C library, and the estimator's figures are then the same
// on every platform; its bounds need six digits, these give fifteen.

enum Elementary {
    private static let ln2High = 0.693147180369123816490
    private static let ln2Low = 1.90821492927058770002e-10

    /// e to the power of `x`; 0 below -745, infinity above 709.
    static func exp(_ x: Double) -> Double {
        guard x == x else { return x }
        if x < -745 { return 0 }
        if x > 709 { return .infinity }
        let k = (x * 1.44269504088896340736).rounded()
        let r = (x - k * ln2High) - k * ln2Low
        // |r| <= 0.35: thirteen terms reach the last bit.
        var sum = 1.0
        for n in stride(from: 13.0, through: 1, by: -1) { sum = 1 + sum * r / n }
        let exponent = Int(k)
        // Two steps, since 2^-1074 is not a normal number.
        let half = exponent / 2
        return sum * power(half) * power(exponent - half)
    }

    /// The natural logarithm of a positive number; minus infinity at 0, not a number below.
    static func log(_ x: Double) -> Double {
        guard x > 0 else { return x == 0 ? -.infinity : .nan }
        guard x.isFinite else { return x }
        var mantissa = x.significand
        var exponent = Double(x.exponent)
        if mantissa > 1.41421356237309504880 {
            mantissa /= 2
            exponent += 1
        }
        let s = (mantissa - 1) / (mantissa + 1)
        let square = s * s
        // |s| <= 0.172: eleven terms reach the last bit.
        var sum = 0.0
        for n in stride(from: 21.0, through: 1, by: -2) { sum = sum * square + 1 / n }
        return exponent * ln2High + (2 * s * sum + exponent * ln2Low)
    }

    private static func power(_ exponent: Int) -> Double {
        Double(sign: .plus, exponent: exponent, significand: 1)
    }
}
