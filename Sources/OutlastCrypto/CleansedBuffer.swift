// Memory for key material on its way through the C libraries.

import COpenSSL
import OutlastModel

/// A buffer of its own that is overwritten when it goes.
final class CleansedBuffer {
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) {
        bytes = .allocate(byteCount: count, alignment: 1)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit {
        OPENSSL_cleanse(bytes.baseAddress, bytes.count)
        bytes.deallocate()
    }

    /// The buffer as the C libraries want it.
    var pointer: UnsafeMutablePointer<UInt8>? { bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) }

    /// A secret with a copy of the bytes.
    func secret() -> Secret { Secret(bytes: bytes) }
}

extension UnsafeRawBufferPointer {
    /// The memory as the C libraries want it.
    var octets: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}
