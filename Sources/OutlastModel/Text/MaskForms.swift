// The forms in which a secret can turn up in a log (contract, section 2): a mask hides only the very text it was given.

/// What has to be masked along with a secret.
public enum MaskForms {
    /// The secret, each line of it, its URL-encoded form, and `user:secret` in base64 as HTTP's basic authentication sends
    /// it, for each user name and for none; each form once.
    ///
    /// - Parameter users: user names that may be sent with it.
    public static func forms(of secret: Secret, users: [String]) -> [Secret] {
        let lines = lines(of: secret)
        var forms: [Secret] = []
        let add: (Secret) -> Void = { form in
            if form.count > 0, !forms.contains(where: { $0.matches(form) }) { forms.append(form) }
        }
        for line in lines {
            add(line)
            add(percentEncoded(line))
        }
        // A key is no password: nothing sends it behind a user's name.
        guard lines.count == 1, let token = lines.first else { return forms }
        for user in users + [""] {
            let pair = SecretBuilder(capacity: user.utf8.count + token.count + 1)
            pair.append(contentsOf: "\(user):".utf8)
            pair.append(token)
            let pairText = pair.finish()
            add(Base64Text.standard.encode(pairText))
            // What it is where the padding was cut; the padded form hides only itself.
            add(Base64Text.unpadded.encode(pairText))
        }
        return forms
    }

    /// The lines of a secret. Of several, those that are too short to tell anything are left out: masking them would blacken
    /// every log.
    private static func lines(of secret: Secret) -> [Secret] {
        let lines = secret.withBytes { bytes in
            bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.map { Secret(bytes: $0) }
        }
        return lines.count > 1 ? lines.filter { $0.count >= 4 } : lines
    }

    private static func percentEncoded(_ secret: Secret) -> Secret {
        let digits = Array("0123456789ABCDEF".utf8)
        let text = SecretBuilder(capacity: secret.count * 3)
        secret.withBytes { bytes in
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "~"):
                    text.append(byte)
                default:
                    text.append(UInt8(ascii: "%"))
                    text.append(digits[Int(byte >> 4)])
                    text.append(digits[Int(byte & 15)])
                }
            }
        }
        return text.finish()
    }
}
