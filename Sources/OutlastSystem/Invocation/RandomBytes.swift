// Random bytes for salts, names and delimiters, from the system's generator.

import CPlatform

/// The system's random generator.
public enum RandomBytes {
    /// Makes `count` random bytes; none when the count is not positive.
    public static func make(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(count, 0))
        guard outlast_random(&bytes, bytes.count) != 0 else { return bytes }
        // Only kernels without the call come here; the library's generator reads the device then.
        var generator = SystemRandomNumberGenerator()
        return bytes.map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// Makes random hex digits, two for each of `count` bytes.
    static func hex(_ count: Int) -> String {
        make(count).reduce(into: "") { text, byte in
            text += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
    }
}
