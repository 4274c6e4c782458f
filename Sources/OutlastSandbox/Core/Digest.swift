// SHA-256 by the system's OpenSSL. A token is known in logs and counters by its fingerprint alone.
import COpenSSL

/// SHA-256 of these bytes.
func sha256(_ bytes: [UInt8]) -> [UInt8] {
    digest("SHA256", bytes)
}

/// A digest by OpenSSL's name for it; empty when OpenSSL does not know it.
func digest(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length = output.count
    guard EVP_Q_digest(nil, name, nil, bytes, bytes.count, &output, &length) == 1 else { return [] }
    return Array(output.prefix(length))
}

/// Lower-case hexadecimal.
func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { (($0 < 16) ? "0" : "") + String($0, radix: 16) }.joined()
}

/// The first 16 hexadecimal digits of SHA-256 of a secret: the name by which logs may know it.
public func sandboxFingerprint(_ secret: String) -> String {
    hex(sha256(Array(secret.utf8)).prefix(8))
}
