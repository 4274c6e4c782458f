// Addresses that an answer names: redirects and the pages of a list. They are followed to the same scheme, host and port
// only, so a token never travels to a server that the configuration did not name.
import OutlastModel

/// Finds and checks addresses that a server names.
enum Redirect {
    /// The address that a reference (`Location`, a link) means, seen from the address that sent it; nil when it is none
    /// that we speak.
    static func target(_ reference: String, from base: ServerURL) -> ServerURL? {
        let text = String(reference.prefix { $0 != "#" })
        guard !text.isEmpty else { return nil }
        if text.hasPrefix("//") { return ServerURL(base.origin.scheme + ":" + text) }
        if text.hasPrefix("/") { return ServerURL(base.origin.text + text) }
        if text.hasPrefix("?") { return ServerURL(base.origin.text + base.path + text) }
        if text.prefix(while: { $0 != "/" && $0 != "?" }).contains(":") { return ServerURL(text) }
        let folder = base.path.lastIndex(of: "/").map { String(base.path[...$0]) } ?? "/"
        return ServerURL(base.origin.text + folder + text)
    }

    /// The address under `rel="next"` in a `Link` header (RFC 8288); nil when there is none.
    static func next(in link: String) -> String? {
        var rest = Substring(link)
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            let address = rest[rest.index(after: open)..<close]
            rest = rest[rest.index(after: close)...]
            let parameters = rest.prefix { $0 != "<" }.lowercased()
            let relations = parameters.split { $0 == ";" || $0 == "," || $0 == " " }
            if relations.contains(where: { $0 == "rel=\"next\"" || $0 == "rel=next" }) { return String(address) }
        }
        return nil
    }

    /// The sentence for an address on another server.
    static func refused(_ answer: APIAnswer, to target: ServerURL) -> Failure {
        .unreachable(
            "\(answer.host) answered \(answer.status) and sends us on to \(target.origin.text), "
                + "which is not the configured \(answer.url.origin.text): the token was not sent there",
            hint: "if the forge has moved, change api_url")
    }
}
