// Answers that no server of ours sends: bytes, text, and JSON with keys that forges use and values that they do not.
public import OutlastModel

/// Random answers.
public enum RandomAnswer {
    /// The next one.
    public static func next(_ random: inout SeededRandom) -> HTTPResponse {
        let statuses = [200, 200, 200, 201, 203, 204, 400, 401, 403, 404, 418, 429, 500, 503]
        let status = statuses.randomElement(using: &random) ?? 200
        var headers: [(name: String, value: String)] = []
        for name in ["Content-Type", "Date", "Retry-After", "X-Request-Id", "X-OAuth-Scopes", "Link"]
        where Bool.random(using: &random) {
            headers.append((name, String(decoding: bytes(20, &random).map { $0 % 96 + 32 }, as: UTF8.self)))
        }
        let body: [UInt8]
        switch Int.random(in: 0..<4, using: &random) {
        case 0: body = bytes(Int.random(in: 0..<400, using: &random), &random)
        case 1: body = bytes(200, &random).map { $0 % 96 + 32 }
        case 2:
            let whole = Array(value(depth: 0, &random).encoded.utf8)
            body = Array(whole.prefix(Int.random(in: 0...whole.count, using: &random)))
        default: body = Array(value(depth: 0, &random).encoded.utf8)
        }
        return HTTPResponse(status: status, headers: headers, body: body)
    }

    /// A random JSON value. Whole numbers are left out, so that no object has what an API's must have.
    public static func value(depth: Int, _ random: inout SeededRandom) -> JSONValue {
        let keys = ["id", "login", "active", "revoked", "expires_at", "scopes", "message", "error", "status", "values"]
        switch Int.random(in: 0..<(depth < 4 ? 8 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .number(Double.random(in: -1e12..<1e12, using: &random) + 0.5)
        case 3, 4: return .string(String(decoding: bytes(12, &random), as: UTF8.self))
        case 5: return .array((0..<3).map { _ in value(depth: depth + 1, &random) })
        default:
            return .object(
                keys.filter { _ in Bool.random(using: &random) }.map {
                    JSONValue.Member($0, value(depth: depth + 1, &random))
                })
        }
    }

    private static func bytes(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
}
