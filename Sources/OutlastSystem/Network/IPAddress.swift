// Literal addresses and networks, for NO_PROXY.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The bytes of an IPv4 or IPv6 address.
struct IPAddress: Hashable {
    /// Four or sixteen.
    let bytes: [UInt8]

    /// Reads a literal address without brackets; nil for anything else.
    init?(_ text: String) {
        var address4 = in_addr()
        var address6 = in6_addr()
        if inet_pton(AF_INET, text, &address4) == 1 {
            bytes = withUnsafeBytes(of: &address4) { Array($0) }
        } else if inet_pton(AF_INET6, text, &address6) == 1 {
            bytes = withUnsafeBytes(of: &address6) { Array($0) }
        } else {
            return nil
        }
    }

    /// Whether the first `bits` bits are the same as another's; false for different families.
    func shares(_ bits: Int, with other: IPAddress) -> Bool {
        guard bytes.count == other.bytes.count, (0...bytes.count * 8).contains(bits) else { return false }
        let whole = bits / 8
        guard bytes[..<whole] == other.bytes[..<whole] else { return false }
        let rest = bits % 8
        return rest == 0 || (bytes[whole] ^ other.bytes[whole]) >> (8 - rest) == 0
    }
}
