// Secrets that must turn up nowhere: their own bytes, what they are sent as, and telling parts of them.

import Foundation
import OutlastTestKit

/// A secret with all the forms in which it could leak.
struct Canary: Sendable {
    /// The forms that are searched for, by name.
    let forms: [(name: String, bytes: [UInt8])]

    init(_ secret: String) {
        let bytes = Array(secret.utf8)
        var forms: [(String, [UInt8])] = [("the token", bytes), ("its end", bytes.suffix(14))]
        // A cut text shows a beginning: long enough to be behind every prefix that kinds share.
        if bytes.count > 24 { forms.append(("its middle", Array(bytes.dropFirst(bytes.count / 2 - 7).prefix(14)))) }
        let hex = bytes.map { String(format: "%02x", $0) }.joined()
        forms.append(("hex", Array(hex.utf8)))
        forms.append(("HEX", Array(hex.uppercased().utf8)))
        let encoded = secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? secret
        forms.append(("URL-encoded", Array(encoded.utf8)))
        // `user:token` in base64 reads differently by the length of what stands before: three ways.
        for offset in 0..<3 {
            let coded = Data([UInt8](repeating: 0x3A, count: offset) + bytes).base64EncodedString().utf8
            let whole = coded.dropFirst([0, 2, 3][offset]).dropLast(4)
            forms.append(("base64", Array(whole)))
            forms.append(("base64url", whole.map { $0 == 0x2B ? 0x2D : $0 == 0x2F ? 0x5F : $0 }))
        }
        self.forms = forms.filter { $0.1.count >= 12 }.map { (name: $0.0, bytes: $0.1) }
    }

    /// The name of the first form that stands in these bytes; nil when none does.
    func found(in data: Data) -> String? {
        forms.first { data.range(of: Data($0.bytes)) != nil }?.name
    }
}

/// A find.
struct Leak: CustomStringConvertible, Equatable {
    let place: String
    let form: String
    var description: String { "\(form) in \(place)" }
}

extension [Canary] {
    /// Every leak into a piece of text.
    func leaks(in text: String, at place: String) -> [Leak] {
        compactMap { $0.found(in: Data(text.utf8)).map { Leak(place: place, form: $0) } }
    }

    /// Every leak into any file below a folder.
    func leaks(below folder: String) -> [Leak] {
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return paths.sorted().flatMap { path -> [Leak] in
            let inName = leaks(in: path, at: "the name \(path)")
            let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + path)) != nil
            guard !isLink, let data = FileManager.default.contents(atPath: folder + "/" + path) else { return inName }
            return inName + compactMap { $0.found(in: data).map { Leak(place: path, form: $0) } }
        }
    }
}
