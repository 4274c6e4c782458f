// The report that GitLab hands to later jobs (`artifacts:reports:dotenv`; facts, section 9.2 [doc]): plain `KEY=value`
// lines without quotes, blanks and substitutions. It can be downloaded unmasked, so no token is ever written by this.

/// Writes dotenv reports.
public enum Dotenv {
    /// A line for each output, `decision` as `OUTLAST_DECISION`. Bytes other than letters, digits and `_.:,/@+-` become
    /// `_` in a value; outputs whose name is not `[A-Za-z0-9_]` are left out, so are values of more than 500 bytes.
    public static func text(_ outputs: [(name: String, value: String)]) -> String {
        outputs.reduce(into: "") { result, output in
            guard isKey(output.name), output.value.utf8.count <= longest else { return }
            let value = output.value.utf8.map { isValueByte($0) ? $0 : UInt8(ascii: "_") }
            result += "OUTLAST_\(output.name.uppercased())=\(String(decoding: value, as: UTF8.self))\n"
        }
    }

    /// The whole report may have 5 KB.
    private static let longest = 500

    /// `[A-Za-z0-9_]`, at most 100 characters.
    static func isKey(_ name: String) -> Bool { (1...100).contains(name.utf8.count) && name.utf8.allSatisfy(isKeyByte) }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isValueByte(_ byte: UInt8) -> Bool { isKeyByte(byte) || ".:,/@+-".utf8.contains(byte) }
}
