// A plain HTTP client for these tests: it shows what came over the wire and follows nothing by itself.
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OutlastSandbox

/// What came back.
struct Reply {
    let status: Int
    let headers: HTTPHeaders
    let text: String

    var json: SandboxJSON { SandboxJSON(parsing: text) ?? .null }

    func header(_ name: String) -> String? { headers.first(name: name) }
}

/// Makes requests to one sandbox.
struct Visitor {
    let base: String

    init(_ sandbox: Sandbox) {
        base = sandbox.baseURL
    }

    func get(_ path: String, token: String? = nil, headers: [String: String] = [:]) async throws -> Reply {
        try await send("GET", path, token: token, headers: headers)
    }

    func post(
        _ path: String, token: String? = nil, form: String? = nil, json: String? = nil, headers: [String: String] = [:]
    ) async throws -> Reply {
        try await send("POST", path, token: token, form: form, json: json, headers: headers)
    }

    /// `token` goes as `PRIVATE-TOKEN` to GitLab's paths and as a bearer elsewhere.
    func send(
        _ method: String, _ path: String, token: String? = nil, form: String? = nil, json: String? = nil,
        body: String? = nil, headers: [String: String] = [:]
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: path.hasPrefix("http") ? path : base + path)
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "User-Agent", value: "sandbox-tests")
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let token {
            let isGitLab = path.hasPrefix("/api/")
            request.headers.add(
                name: isGitLab ? "PRIVATE-TOKEN" : "Authorization", value: isGitLab ? token : "Bearer \(token)")
        }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        if let form {
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: form))
        }
        if let json {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: json))
        }
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let body = try await answer.body.collect(upTo: 64 << 20)
        return Reply(status: Int(answer.status.code), headers: answer.headers, text: String(buffer: body))
    }
}

/// The body that a fact of the book stands for.
func factText(_ id: String, _ bindings: [String: SandboxJSON] = [:]) -> String {
    FactBook.standard[id]?.bodyText(bindings) ?? "no fact \(id)"
}
