// As much of a certificate's encoding as is needed to see whether it was issued by itself.

import NIOSSL

/// Issuer and subject of a certificate (RFC 5280, section 4.1).
enum CertificateNames {
    /// Whether issuer and subject are the same name; false for what can't be read.
    static func isSelfIssued(_ certificate: NIOSSLCertificate) -> Bool {
        guard let bytes = try? certificate.toDERBytes() else { return false }
        return isSelfIssued(bytes)
    }

    /// The same for a certificate's DER bytes.
    static func isSelfIssued(_ bytes: [UInt8]) -> Bool {
        var outer = bytes[...]
        // Certificate, then what is signed: version (tagged, optional), serial, algorithm, issuer, validity, subject.
        guard var certificate = element(&outer)?.content, var signed = element(&certificate)?.content,
            let first = element(&signed)
        else { return false }
        if first.tag == 0xA0, element(&signed) == nil { return false }
        guard element(&signed) != nil, let issuer = element(&signed), element(&signed) != nil,
            let subject = element(&signed)
        else { return false }
        return issuer.content == subject.content
    }

    /// Takes one element from the front; nil when it does not fit.
    private static func element(_ bytes: inout ArraySlice<UInt8>) -> (tag: UInt8, content: ArraySlice<UInt8>)? {
        guard let tag = bytes.popFirst(), let short = bytes.popFirst() else { return nil }
        var length = Int(short)
        if short & 0x80 != 0 {
            let count = Int(short & 0x7F)
            guard (1...3).contains(count), bytes.count >= count else { return nil }
            length = bytes.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            bytes = bytes.dropFirst(count)
        }
        guard bytes.count >= length else { return nil }
        defer { bytes = bytes.dropFirst(length) }
        return (tag, bytes.prefix(length))
    }
}
