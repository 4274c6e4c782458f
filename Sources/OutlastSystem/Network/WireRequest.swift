// The request as it goes on the wire: the one place where secrets of headers and bodies become text.

import AsyncHTTPClient
import CPlatform
import NIOCore
import NIOHTTP1
import OutlastModel

/// Turns the model's request into the client's, and refuses what could be read as more than one request.
struct WireRequest {
    /// Names that the transport sets itself.
    private static let reserved: Set<String> = [
        "host", "content-length", "content-type", "transfer-encoding", "connection", "user-agent", "accept-encoding",
        "expect", "upgrade", "te", "trailer", "proxy-authorization", "proxy-connection",
    ]

    /// The address, made of the origin and nothing that could change it.
    let address: String
    /// The client's form.
    let value: HTTPClientRequest

    /// Checks and converts.
    ///
    /// - Throws: `configuration` for a method, address or header that can't be sent as it is. A message names the
    ///   header, never its value.
    init(_ request: HTTPRequest, agent: String) throws(Failure) {
        let url = request.url
        guard !request.method.isEmpty, request.method.utf8.allSatisfy({ (65...90).contains($0) }) else {
            throw Failure.configuration("\(SafeText.line(request.method)) is no HTTP method")
        }
        let tail = url.path + (url.query.map { "?" + $0 } ?? "")
        guard url.path.isEmpty || url.path.hasPrefix("/"), tail.utf8.allSatisfy({ Self.isAddressByte($0) }) else {
            throw Failure.configuration(
                "the address of a request to \(url.origin.text) holds a character that no address has",
                hint: "percent-encode it")
        }
        address = url.origin.text + (tail.hasPrefix("/") ? tail : "/" + tail)
        var wire = HTTPClientRequest(url: address)
        wire.method = HTTPMethod(rawValue: request.method)
        wire.headers.add(name: "Host", value: url.origin.hostAndPort)
        wire.headers.add(name: "User-Agent", value: agent)
        // Nothing is unpacked, so nothing small can become something huge.
        wire.headers.add(name: "Accept-Encoding", value: "identity")
        for (name, header) in request.headers {
            wire.headers.add(name: name, value: try Self.checked(name, Self.text(of: header, name)))
        }
        if let body = request.body {
            wire.headers.add(name: "Content-Type", value: try Self.checked(nil, body.contentType))
            wire.body = .bytes(body.content.withBytes { ByteBuffer(bytes: $0) })
        }
        value = wire
    }

    private static func text(of header: HeaderValue, _ name: String) throws(Failure) -> String {
        switch header {
        case .text(let text): return text
        case .secret(let prefix, let secret): return prefix + secret.reveal()
        case .basic(let user, let secret):
            // The first colon ends the user's name: with one in it, a part of it would become password.
            guard !user.contains(":") else {
                throw Failure.configuration("the user name for \(SafeText.line(name)) must not hold a colon")
            }
            var bytes = Array("\(user):".utf8)
            secret.withBytes { bytes.append(contentsOf: $0) }
            defer { bytes.withUnsafeMutableBytes { outlast_wipe($0.baseAddress, $0.count) } }
            return "Basic " + Base64.encode(bytes)
        }
    }

    /// Checks a header's name (nil for one of ours) and value.
    private static func checked(_ name: String?, _ value: String) throws(Failure) -> String {
        let shown = SafeText.line(name ?? "Content-Type")
        if let name {
            guard !name.isEmpty, name.utf8.allSatisfy({ isNameByte($0) }) else {
                throw Failure.configuration("\(shown) is no name of an HTTP header")
            }
            guard !reserved.contains(name.lowercased()) else {
                throw Failure.configuration("the header \(shown) is set by outlast itself", hint: "leave it out")
            }
        }
        guard value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Failure.configuration(
                "the value of the header \(shown) holds a line break, a control or a non-ASCII character",
                hint: "check where it comes from; nothing was sent")
        }
        return value
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "#")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

/// Base64 with padding (RFC 4648).
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Encodes bytes.
    static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for position in 0..<4 {
                let isPadding = position > group.count
                result.append(isPadding ? UInt8(ascii: "=") : digits[bits >> (18 - 6 * position) & 63])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
