// What servers send instead of an API's answer. None of it may ever count as news about a token.
public import OutlastModel
public import Testing

/// An answer that is not the API's, with the words that the failure has to contain besides the host.
public struct BrokenAnswer: Sendable, CustomTestStringConvertible {
    /// What it is, for the test's name.
    public let name: String
    /// What comes.
    public let answer: Result<HTTPResponse, Failure>
    /// What the message says about the cause.
    public let cause: String

    private init(_ name: String, _ answer: HTTPResponse, _ cause: String) {
        self.name = name
        self.answer = .success(answer)
        self.cause = cause
    }

    private init(_ name: String, failing message: String) {
        self.name = name
        answer = .failure(.unreachable(message))
        cause = message
    }

    /// What it is.
    public var testDescription: String { name }

    /// Every sort.
    public static let all: [BrokenAnswer] = [
        BrokenAnswer("HTML with 200", .html("<!DOCTYPE html><title>Sign in</title>"), "HTML page"),
        BrokenAnswer("HTML that calls itself JSON", .json("<html></html>"), "HTML page"),
        BrokenAnswer("HTML with 401", .html("<h1>Who are you?</h1>", status: 401), "HTML page"),
        BrokenAnswer("HTML with 403", .html("<h1>Blocked by policy</h1>", status: 403), "HTML page"),
        BrokenAnswer("HTML with 404", .html("<h1>Not here</h1>", status: 404), "answered 404"),
        BrokenAnswer("empty with 200", .json(""), "empty body"),
        BrokenAnswer("blanks with 200", .json(" \n\t "), "empty body"),
        BrokenAnswer("nothing with 204", HTTPResponse(status: 204, headers: [], body: []), "empty body"),
        BrokenAnswer("truncated JSON", .json(#"{"id": 1, "name": "de"#), "ends early"),
        BrokenAnswer("JSON with an error", .json(#"{"id": 1, name: 2}"#), "no JSON"),
        BrokenAnswer("JSON nested too deeply", .json(String(repeating: "[", count: 5000)), "nested"),
        BrokenAnswer("a list", .json("[]"), "no object"),
        BrokenAnswer("null", .json("null"), "no object"),
        BrokenAnswer("an empty object", .json("{}"), "object"),
        BrokenAnswer(
            "wrong types",
            .json(
                #"{"id": "1", "login": 7, "active": 1, "revoked": "no", "expires_at": 20270101, "values": {}, "#
                    + #""authenticatedUser": [], "total_count": "1", "repositories": 1, "pagelen": "x"}"#), "object"),
        BrokenAnswer(
            "numbers that are no ids",
            .json(
                #"{"id": 7.5, "login": "x", "active": true, "status": "running", "web_url": "", "total_count": 1.5, "#
                    + #""repositories": [], "values": [], "pagelen": 1.5, "authenticatedUser": {"id": 1}}"#), "object"),
        BrokenAnswer("another API's error", .json(#"{"fault": "no"}"#, status: 401), "401"),
        BrokenAnswer("plain text", .text("It works!", status: 200), "It works!"),
        BrokenAnswer("bytes", HTTPResponse(status: 200, headers: [], body: [0xFF, 0xFE, 0x00, 0x80]), "plain text"),
        BrokenAnswer("a teapot", .json(#"{"message": "short and stout"}"#, status: 418), "418"),
        BrokenAnswer("500", .json(#"{"message": "500 Internal Server Error"}"#, status: 500), "500"),
        BrokenAnswer("502 with a page", .html("<h1>Bad Gateway</h1>", status: 502), "502"),
        BrokenAnswer("503 without a time", .text("upstream down", status: 503), "503"),
        BrokenAnswer("407", .html("<h1>Proxy</h1>", status: 407), "proxy"),
        BrokenAnswer(
            "a redirect to another host",
            HTTPResponse(status: 302, headers: [("Location", "https://elsewhere.example.net/api")], body: []),
            "elsewhere.example.net"),
        BrokenAnswer(
            "a redirect to another port",
            HTTPResponse(status: 307, headers: [("Location", "https://forge.example.com:8443/api")], body: []), "8443"),
        BrokenAnswer(
            "a redirect to plain HTTP",
            HTTPResponse(status: 301, headers: [("Location", "http://forge.example.com/api")], body: []),
            "http://forge.example.com"),
        BrokenAnswer(
            "a redirect without scheme",
            HTTPResponse(status: 302, headers: [("Location", "//elsewhere.example.net/api")], body: []),
            "elsewhere.example.net"),
        BrokenAnswer(
            "a redirect with a user in it",
            HTTPResponse(
                status: 302, headers: [("Location", "https://forge.example.com@elsewhere.example.net/")], body: []),
            "redirect"),
        BrokenAnswer("a redirect to nowhere", HTTPResponse(status: 302, headers: [], body: []), "redirect"),
        BrokenAnswer(
            "redirects for ever",
            HTTPResponse(status: 302, headers: [("Location", "/again")], body: []), "more than 3 times"),
        BrokenAnswer("a body too large", failing: "forge.example.com sends more than 1048576 bytes"),
        BrokenAnswer("self-signed", failing: "forge.example.com: TLS: self-signed certificate"),
        BrokenAnswer("a slow drip", failing: "forge.example.com did not finish its answer within 10s"),
    ]
}
