// Secrets from parts.

import OutlastModel
import Testing

@Suite("Secret builder")
struct SecretBuilderTests {
    @Test("gives what was put in, however often it had to grow", arguments: [0, 1, 15, 16, 17, 1000, 5000])
    func parts(_ count: Int) {
        let builder = SecretBuilder(capacity: 0)
        let bytes = (0..<count).map { UInt8($0 % 251) }
        builder.append(contentsOf: bytes)
        builder.append(7)
        builder.append(Secret(bytes: bytes))
        #expect(builder.count == 2 * count + 1)
        #expect(builder.finish().matches(Secret(bytes: bytes + [7] + bytes)))
    }
}
