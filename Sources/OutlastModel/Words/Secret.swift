// A secret value that cannot be printed, reflected, encoded or compared by accident, and is wiped when it goes.

/// A token, key or password. Holds its own copy of the bytes, which are overwritten when the last reference goes.
///
/// Every textual form is `<redacted>`. The bytes leave only by `withBytes` and `reveal`, whose call sites are few.
public final class Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    // Written once in `init`, wiped in `deinit`: no access in between changes the memory.
    private nonisolated(unsafe) let storage: UnsafeMutableRawBufferPointer

    /// Copies the bytes. The caller's own copy is its business.
    public init(bytes: some Collection<UInt8>) {
        storage = .allocate(byteCount: bytes.count, alignment: 1)
        storage.copyBytes(from: bytes)
    }

    /// Copies the UTF-8 bytes of a text.
    public convenience init(_ text: String) { self.init(bytes: text.utf8) }

    deinit {
        Self.wipe(storage)
        storage.deallocate()
    }

    // Unoptimized, because stores to memory that is about to be freed are otherwise removed as useless. By a bare count,
    // because an unoptimized loop over a collection looks up its conformances at run time.
    @inline(never) @_optimize(none)
    static func wipe(_ memory: UnsafeMutableRawBufferPointer) {
        var index = 0
        let count = memory.count
        while index < count {
            memory[index] = 0
            index += 1
        }
    }

    /// Number of bytes.
    public var count: Int { storage.count }

    /// Lends the bytes for the duration of the call.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(storage))
    }

    /// The text of the secret, for the one place that puts it on the wire or into a child's environment.
    public func reveal() -> String { String(decoding: storage, as: UTF8.self) }

    /// Whether both hold the same bytes; takes the same time wherever they differ.
    public func matches(_ other: Secret) -> Bool {
        guard count == other.count else { return false }
        var difference: UInt8 = 0
        for index in storage.indices { difference |= storage[index] ^ other.storage[index] }
        return difference == 0
    }

    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// Has no children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension Secret {
    /// A token as it came from an environment variable, a file or stdin: surrounding white space dropped; nil when nothing
    /// is left.
    public static func token(trimming bytes: some Collection<UInt8>) -> Secret? {
        let isSpace: (UInt8) -> Bool = { $0 == 32 || (9...13).contains($0) }
        let copy = Array(bytes)
        guard let first = copy.firstIndex(where: { !isSpace($0) }), let last = copy.lastIndex(where: { !isSpace($0) })
        else { return nil }
        return Secret(bytes: copy[first...last])
    }

    /// Whether every byte may stand in a header line and a shell word: 0x21 to 0x7E (contract, section 2).
    public var isPrintableToken: Bool {
        withBytes { $0.allSatisfy { (0x21...0x7E).contains($0) } }
    }
}
