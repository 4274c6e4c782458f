// Keys from keys (HKDF), from passphrases (scrypt), and tags under keys (HMAC).

import COpenSSL
package import OutlastModel

/// Derivation of keys and of authentication tags.
package enum KeyDerivation {
    /// What scrypt may use. The cost is read from the state before anything has proved that the state is ours.
    static let mostMemory: UInt64 = 256 << 20
    /// What scrypt may repeat, for the same reason.
    static let mostParallel: UInt64 = 16

    /// HKDF-SHA-256.
    static func hkdf(_ material: Secret, salt: Secret, info: [UInt8], count: Int) throws(Failure) -> Secret {
        // 1024 bytes of info are OpenSSL's own limit.
        guard (1...64).contains(count), material.count > 0, info.count <= 1024 else {
            throw Failure(.unexpected, "a key of \(count) bytes cannot be derived from \(material.count) bytes")
        }
        let key = CleansedBuffer(count: count)
        let isDerived = material.withBytes { material in
            salt.withBytes { hkdf(material, salt: $0, info: info, into: key) }
        }
        guard isDerived else { throw OpenSSLQueue.failure("derive a key with HKDF") }
        return key.secret()
    }

    private static func hkdf(
        _ material: UnsafeRawBufferPointer, salt: UnsafeRawBufferPointer, info: [UInt8], into key: CleansedBuffer
    ) -> Bool {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil) else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1,
            EVP_PKEY_CTX_set1_hkdf_key(context, material.octets, Int32(material.count)) == 1
        else { return false }
        if !salt.isEmpty {
            guard EVP_PKEY_CTX_set1_hkdf_salt(context, salt.octets, Int32(salt.count)) == 1 else { return false }
        }
        if !info.isEmpty {
            guard EVP_PKEY_CTX_add1_hkdf_info(context, info, Int32(info.count)) == 1 else { return false }
        }
        var count = key.bytes.count
        return EVP_PKEY_derive(context, key.pointer, &count) == 1 && count == key.bytes.count
    }

    /// HMAC-SHA-256: 32 bytes.
    static func hmac(_ message: [UInt8], key: Secret) throws(Failure) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: 32)
        var count = 0
        let isDone = key.withBytes { key in
            EVP_Q_mac(
                nil, "HMAC", nil, "SHA256", nil, key.baseAddress, key.count, message, message.count, &tag, tag.count,
                &count) != nil
        }
        guard isDone, count == tag.count else { throw OpenSSLQueue.failure("authenticate with HMAC") }
        return tag
    }

    /// scrypt with a result of any length; the port asks for 32 bytes.
    package static func scrypt(
        _ passphrase: Secret, salt: [UInt8], cost: ScryptCost, count: Int
    ) throws(Failure) -> Secret {
        guard isAcceptable(cost) else {
            throw Failure(
                .cacheLocked,
                "the state asks for a scrypt of N=\(cost.n), r=\(cost.r), p=\(cost.p), which is out of bounds",
                hint: "the state was tampered with or damaged")
        }
        let key = CleansedBuffer(count: count)
        let isDerived = passphrase.withBytes { passphrase in
            EVP_PBE_scrypt(
                passphrase.baseAddress?.assumingMemoryBound(to: CChar.self), passphrase.count, salt, salt.count, cost.n,
                cost.r, cost.p, mostMemory + (1 << 20), key.pointer, count) == 1
        }
        guard isDerived else { throw OpenSSLQueue.failure("derive a key with scrypt") }
        return key.secret()
    }

    private static func isAcceptable(_ cost: ScryptCost) -> Bool {
        guard cost.n >= 2, cost.n & (cost.n - 1) == 0, cost.r >= 1, (1...mostParallel).contains(cost.p) else {
            return false
        }
        let (block, overflow) = cost.r.multipliedReportingOverflow(by: 128)
        let (memory, tooMuch) = cost.n.multipliedReportingOverflow(by: block)
        return !overflow && !tooMuch && memory <= mostMemory
    }
}
