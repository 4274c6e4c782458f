// Which proxy a request goes through, by the variables that curl knows. Pure: the environment is handed in.

public import OutlastModel

/// Chooses a proxy. Loopback has no privilege: as for curl, it goes direct only when NO_PROXY says so.
public struct ProxyChoice: Sendable {
    private let variables: Variables

    /// Chooses by these variables.
    public init(variables: Variables) { self.variables = variables }

    /// The proxy for a destination; nil for a direct connection.
    ///
    /// `https_proxy`, `HTTPS_PROXY` or `http_proxy`, `HTTP_PROXY` by the destination's scheme, then `all_proxy`,
    /// `ALL_PROXY`; in lower case first, empty ones as if they were not set. `HTTP_PROXY` does not count in a CGI
    /// program (one with `REQUEST_METHOD`), where a client's header sets it.
    ///
    /// - Throws: `configuration` when the variable that counts can't be read or asks for what is not supported.
    public func server(for origin: Origin) throws(Failure) -> ProxyServer? {
        let exceptions = NoProxyList(first(of: ["no_proxy", "NO_PROXY"])?.value ?? "")
        guard !exceptions.covers(host: origin.host, port: origin.port) else { return nil }
        var names = ["\(origin.scheme)_proxy"]
        if origin.scheme != "http" || variables["REQUEST_METHOD"] == nil {
            names.append("\(origin.scheme.uppercased())_PROXY")
        }
        guard let found = first(of: names + ["all_proxy", "ALL_PROXY"]) else { return nil }
        return try ProxyServer(found.value, variable: found.name)
    }

    private func first(of names: [String]) -> (name: String, value: String)? {
        for name in names {
            if let value = variables[name] { return (name, value) }
        }
        return nil
    }
}
