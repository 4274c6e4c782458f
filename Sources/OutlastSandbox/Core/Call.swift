// A request as handlers see it: path cut before it is decoded (an encoded slash stays inside its segment), and
// parameters from query, form or JSON under one roof, as the forges' frameworks do it.
import HTTPTypes

struct Call: Sendable {
    let method: String
    /// The path as it was sent, without the query.
    let path: String
    /// Decoded segments of the path.
    let segments: [String]
    let query: [JSON.Member]
    let headers: HTTPFields
    let remote: String
    private(set) var body: [UInt8] = []
    private(set) var form: [JSON.Member] = []
    private(set) var document: JSON?
    /// What the route's placeholders stand for.
    var captures: [String: String] = [:]
    /// Set by a fault: this request passed its check before its rival committed.
    var overlapped = false

    init(method: String, target: String, headers: HTTPFields, remote: String) {
        let pieces = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        path = pieces.first.map(String.init) ?? "/"
        segments = path.split(separator: "/").map { percentDecoded(String($0)) }
        query = pieces.count > 1 ? formMembers(String(pieces[1])) : []
        self.headers = headers
        self.remote = remote
    }

    /// Takes the body in and reads its parameters.
    mutating func receive(_ body: [UInt8]) {
        self.body = body
        let type = headers[.contentType] ?? ""
        if type.contains("json") {
            document = JSON(parsing: body)
        } else if type.contains("x-www-form-urlencoded") || type.isEmpty {
            form = formMembers(String(decoding: body, as: UTF8.self))
        }
    }

    /// A header's first value.
    func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }

    /// A parameter of this name from body or query; `filter[x]` also finds the member `x` of an object `filter`.
    func parameter(_ name: String) -> JSON? {
        if let value = document?[name] ?? nested(name) { return value }
        return (form + query).last { $0.key == name }?.value
    }

    /// A parameter's text; an empty one counts as given.
    func text(_ name: String) -> String? {
        switch parameter(name) {
        case .string(let text): text
        case .int(let number): String(number)
        default: nil
        }
    }

    /// A list parameter: a JSON array, `name[]=a&name[]=b`, or comma-separated text.
    func list(_ name: String) -> [String]? {
        if let array = document?[name]?.array { return array.compactMap { $0.string ?? $0.int.map(String.init) } }
        let repeated = (form + query).filter { $0.key == name + "[]" }.compactMap(\.value.string)
        if !repeated.isEmpty { return repeated }
        return text(name).map { $0.split(separator: ",").map(String.init) }
    }

    /// What a placeholder of the route stands for.
    func capture(_ name: String) -> String {
        captures[name] ?? ""
    }

    /// `http://host:port` as the client called us, for links in answers.
    var origin: String {
        "http://" + (header("Host") ?? "127.0.0.1")
    }

    /// User and password of HTTP Basic.
    var basic: (user: String, password: String)? {
        guard let value = headers[.authorization], value.lowercased().hasPrefix("basic "),
            let bytes = base64Decoded(String(value.dropFirst(6)))
        else { return nil }
        let pieces = String(decoding: bytes, as: UTF8.self).split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(pieces[0]), pieces.count > 1 ? String(pieces[1]) : "")
    }

    /// The token of `Authorization: Bearer …` (or `token …`, which GitHub takes as the same).
    var bearer: String? {
        guard let value = headers[.authorization] else { return nil }
        for scheme in ["bearer ", "token "] where value.lowercased().hasPrefix(scheme) {
            return String(value.dropFirst(scheme.count))
        }
        return nil
    }

    private func nested(_ name: String) -> JSON? {
        guard name.hasSuffix("]"), let open = name.firstIndex(of: "[") else { return nil }
        return document?[String(name[..<open])]?[String(name[name.index(after: open)...].dropLast())]
    }
}
