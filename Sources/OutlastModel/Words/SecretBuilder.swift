// How a secret is put together from parts without leaving copies of it behind.

/// Collects the bytes of a secret. Its memory is overwritten when it grows and when it goes.
public final class SecretBuilder {
    private var storage: UnsafeMutableRawBufferPointer
    /// Number of bytes so far.
    public private(set) var count = 0

    /// Begins with nothing; `capacity` is how many bytes fit before the memory must grow.
    public init(capacity: Int = 256) {
        storage = .allocate(byteCount: max(capacity, 16), alignment: 1)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit {
        Secret.wipe(storage)
        storage.deallocate()
    }

    /// Adds a byte.
    public func append(_ byte: UInt8) {
        if count == storage.count { grow() }
        storage[count] = byte
        count += 1
    }

    /// Adds bytes.
    public func append(contentsOf bytes: some Sequence<UInt8>) {
        for byte in bytes { append(byte) }
    }

    /// Adds a text as UTF-8.
    public func append(text: String) {
        for byte in text.utf8 { append(byte) }
    }

    /// Adds the bytes of a secret.
    public func append(_ secret: Secret) {
        secret.withBytes { append(contentsOf: $0) }
    }

    /// What was collected; the builder may be used on.
    public func finish() -> Secret {
        Secret(bytes: UnsafeRawBufferPointer(rebasing: storage[..<count]))
    }

    private func grow() {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: storage.count * 2, alignment: 1)
        larger.initializeMemory(as: UInt8.self, repeating: 0)
        larger.copyBytes(from: storage)
        Secret.wipe(storage)
        storage.deallocate()
        storage = larger
    }
}
