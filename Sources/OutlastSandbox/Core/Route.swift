// A route is data: method, pattern, the operation's name for log and counters, and the handler on the world.

struct Route: Sendable {
    typealias Handler = @Sendable (inout World, Call) throws -> Answer

    let method: String
    let pieces: [String]
    let operation: String
    /// The route takes effect (and is counted as a commit) when it answers below 300.
    let destructive: Bool
    let handler: Handler

    /// A route that only reads.
    static func get(_ pattern: String, _ operation: String, _ handler: @escaping Handler) -> Route {
        Route("GET", pattern, operation, destructive: false, handler)
    }

    init(
        _ method: String, _ pattern: String, _ operation: String, destructive: Bool = true, _ handler: @escaping Handler
    ) {
        self.method = method
        pieces = pattern.split(separator: "/").map(String.init)
        self.operation = operation
        self.destructive = destructive
        self.handler = handler
    }

    /// What the placeholders stand for when the path fits; a last piece `*` takes all that follows.
    func captures(_ segments: [String]) -> [String: String]? {
        var found: [String: String] = [:]
        for (index, piece) in pieces.enumerated() {
            if piece == "*" {
                found["*"] = segments[min(index, segments.count)...].joined(separator: "/")
                return found
            }
            guard index < segments.count else { return nil }
            if piece.hasPrefix(":") {
                found[String(piece.dropFirst())] = segments[index]
            } else if piece != segments[index] {
                return nil
            }
        }
        return segments.count == pieces.count ? found : nil
    }
}
