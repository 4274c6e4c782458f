// A line of the log that tells a runner a secret, so that it hides it from then on.
import OutlastModel

/// Writes such lines.
enum RunnerLine {
    /// The command followed by the secret, with the bytes that the runner decodes escaped.
    static func secret(_ command: String, _ secret: Secret, escapes: [(byte: UInt8, text: String)]) -> Secret {
        let line = SecretBuilder(capacity: command.utf8.count + secret.count + 16)
        line.append(contentsOf: command.utf8)
        secret.withBytes { bytes in
            for byte in bytes {
                if let escape = escapes.first(where: { $0.byte == byte }) {
                    line.append(contentsOf: escape.text.utf8)
                } else {
                    line.append(byte)
                }
            }
        }
        return line.finish()
    }
}
