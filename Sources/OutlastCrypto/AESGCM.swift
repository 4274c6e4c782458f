// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags: nonce, ciphertext and tag in a row.

import COpenSSL
package import OutlastModel

/// Sealed records.
package enum AESGCM {
    static let keyCount = 32
    static let nonceCount = 12
    static let tagCount = 16
    /// OpenSSL counts in Int32; nothing that is sealed comes near this.
    static let longest = 16 << 20

    /// Seals under a nonce that the caller has made for this one call.
    package static func seal(
        _ plaintext: Secret, key: Secret, nonce: [UInt8], associated: [UInt8]
    ) throws(Failure) -> [UInt8] {
        try checkKey(key)
        guard nonce.count == nonceCount, plaintext.count <= longest, associated.count <= longest else {
            throw Failure(.unexpected, "a secret of \(plaintext.count) bytes cannot be sealed")
        }
        var record = nonce + [UInt8](repeating: 0, count: plaintext.count + tagCount)
        let isSealed = record.withUnsafeMutableBytes { record in
            key.withBytes { key in
                plaintext.withBytes { encrypt($0, key: key, associated: associated, into: record) }
            }
        }
        guard isSealed else { throw OpenSSLQueue.failure("seal with AES-256-GCM") }
        return record
    }

    /// Opens what `seal` made.
    static func open(_ record: [UInt8], key: Secret, associated: [UInt8]) throws(Failure) -> Secret {
        try checkKey(key)
        guard record.count >= nonceCount + tagCount else {
            throw Failure(
                .cacheLocked, "a sealed record is cut short to \(record.count) bytes",
                hint: "the state was tampered with or damaged")
        }
        guard record.count <= longest + nonceCount + tagCount, associated.count <= longest else {
            throw Failure(
                .cacheLocked, "a sealed record of \(record.count) bytes is none of ours",
                hint: "the state was tampered with or damaged")
        }
        let plaintext = CleansedBuffer(count: record.count - nonceCount - tagCount)
        let isOpen = record.withUnsafeBytes { record in
            key.withBytes { decrypt(record, key: $0, associated: associated, into: plaintext) }
        }
        guard isOpen else {
            OpenSSLQueue.clear()
            throw Failure(
                .cacheLocked,
                "a sealed record does not open: its key, its place or one of its bytes is not what it was",
                hint: "check the key with `outlast key check`")
        }
        return plaintext.secret()
    }

    private static func checkKey(_ key: Secret) throws(Failure) {
        guard key.count == keyCount else {
            throw Failure(.cacheLocked, "a sealing key has \(key.count) bytes, not \(keyCount)")
        }
    }

    /// `record` begins with the nonce.
    private static func encrypt(
        _ plaintext: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, associated: [UInt8],
        into record: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard let context = EVP_CIPHER_CTX_new(),
            let start = record.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return false }
        defer { EVP_CIPHER_CTX_free(context) }
        let ciphertext = start + nonceCount
        let tag = ciphertext + plaintext.count
        var count: Int32 = 0
        guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key.octets, start) == 1 else { return false }
        if !associated.isEmpty {
            guard EVP_EncryptUpdate(context, nil, &count, associated, Int32(associated.count)) == 1 else {
                return false
            }
        }
        if !plaintext.isEmpty {
            guard EVP_EncryptUpdate(context, ciphertext, &count, plaintext.octets, Int32(plaintext.count)) == 1
            else { return false }
        }
        return EVP_EncryptFinal_ex(context, tag, &count) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagCount), tag) == 1
    }

    private static func decrypt(
        _ record: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, associated: [UInt8],
        into plaintext: CleansedBuffer
    ) -> Bool {
        guard let context = EVP_CIPHER_CTX_new(), let start = record.octets else { return false }
        defer { EVP_CIPHER_CTX_free(context) }
        var count: Int32 = 0
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key.octets, start) == 1 else { return false }
        if !associated.isEmpty {
            guard EVP_DecryptUpdate(context, nil, &count, associated, Int32(associated.count)) == 1 else {
                return false
            }
        }
        let size = plaintext.bytes.count
        if size > 0 {
            guard EVP_DecryptUpdate(context, plaintext.pointer, &count, start + nonceCount, Int32(size)) == 1
            else { return false }
        }
        var tag = Array(record[(nonceCount + size)...])
        // The plaintext stays in the buffer, unread, until this has said that the tag is right.
        var rest: UInt8 = 0
        return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), &tag) == 1
            && EVP_DecryptFinal_ex(context, &rest, &count) == 1
    }
}
