// A forge as the world sees it: git, LFS and the API over HTTPS, by nginx and `git http-backend`, with a CA of its own. The
// sandbox behind it decides at each request what a token may do, so what dies there is refused here from then on.

import Foundation
import OutlastSandbox

/// Why a proxy lets nobody through.
enum ProxyRule: String, Sendable {
    /// It tunnels to no server.
    case refuses = "proxy"
    /// It wants a login.
    case wantsLogin = "proxy-login"
}

/// The server.
struct GitServer: Sendable {
    /// What can be refused whatever the token.
    enum Phase: String, Sendable {
        /// The advertisement, which comes first.
        case refs
        case uploadPack = "upload-pack"
        case receivePack = "receive-pack"
        /// LFS: what there is, and the objects themselves.
        case lfs, storage
    }

    /// A request that was answered.
    struct Request: Sendable, Hashable {
        let status: Int
        let method: String
        /// With its query.
        let path: String
        /// The user name that came with it; nil without a login.
        let user: String?
    }

    /// All that it has made.
    let folder: String
    /// Where it listens on 127.0.0.1.
    let port: Int
    /// Where a proxy listens that refuses to tunnel; 0 when none was asked for.
    let proxyPort: Int

    /// The certificate of its CA.
    var authority: String { "\(folder)/ca.pem" }
    /// `127.0.0.1:PORT`.
    var place: String { "127.0.0.1:\(port)" }
    /// `https://127.0.0.1:PORT`.
    var url: String { "https://\(place)" }

    /// Refuses a phase from now on; nil takes every refusal of it back.
    func refuse(_ phase: Phase, with status: Int?) throws {
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: "\(folder)/refuse") where name.hasPrefix(phase.rawValue + ".")
        {
            try files.removeItem(atPath: "\(folder)/refuse/\(name)")
        }
        guard let status else { return }
        try Data().write(to: URL(filePath: "\(folder)/refuse/\(phase.rawValue).\(status)"))
    }

    /// The requests so far.
    var requests: [Request] {
        let log = FileManager.default.contents(atPath: "\(folder)/access.log") ?? Data()
        return String(decoding: log, as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            guard words.count == 4, let status = Int(words[0]) else { return nil }
            return Request(status: status, method: words[1], path: words[2], user: words[3] == "-" ? nil : words[3])
        }
    }
}

/// Runs a test while the forge's repositories are served.
func withGitServer(
    for sandbox: Sandbox, proxy: ProxyRule? = nil, _ body: (GitServer) async throws -> Void
) async throws {
    let folder =
        FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/outlast-git-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let words = [folder, "\(sandbox.gitRoot)/gitlab", String(sandbox.port)] + (proxy.map { [$0.rawValue] } ?? [])
    try await withTool("git-server.py", words) { told in
        // What was asked until it was ready is nobody's question.
        sandbox.clearLog()
        try await body(
            GitServer(folder: folder, port: told["port"] as? Int ?? 0, proxyPort: told["proxy"] as? Int ?? 0))
    }
}
