// Certificates made by the openssl program, good and bad ones.

import Subprocess
import SystemPackage

/// A certificate authority in a temporary folder.
struct TestAuthority {
    /// A certificate and its key.
    struct Pair {
        let certificate: String
        let key: String
        /// Holds the files.
        fileprivate let folder: TemporaryFolder
    }

    /// What openssl said when it failed.
    struct OpenSSLError: Error { let text: String }

    private static let settings = """
        [req]
        distinguished_name = name
        x509_extensions = authority
        [name]
        [authority]
        basicConstraints = critical, CA:TRUE
        [ca]
        default_ca = own
        [own]
        database = index.txt
        new_certs_dir = .
        rand_serial = yes
        default_md = sha256
        policy = any
        unique_subject = no
        [any]
        commonName = supplied
        """

    let folder: TemporaryFolder
    /// The authority's own certificate.
    var file: String { folder["authority.pem"] }

    /// Makes a key and a certificate for the authority.
    init() async throws {
        folder = try TemporaryFolder()
        try folder.write(Self.settings, to: "openssl.cnf")
        try folder.write("", to: "index.txt")
        try await openssl(
            [
                "req", "-x509", "-days", "2", "-subj", "/CN=Test Authority \(UInt64.random(in: 0...(.max)))", "-out",
                "authority.pem",
            ]
                + Self.newKey("authority.key"))
    }

    /// Issues a certificate for alternative names such as `DNS:localhost`; times as `20200101000000Z`.
    func issue(_ names: String, from start: String? = nil, to end: String = "20991231235959Z") async throws -> Pair {
        try folder.write("subjectAltName = \(names)\nbasicConstraints = CA:FALSE\n", to: "extensions.cnf")
        try await openssl(["req", "-new", "-subj", "/CN=leaf", "-out", "leaf.csr"] + Self.newKey("leaf.key"))
        var words = ["ca", "-batch", "-notext", "-cert", "authority.pem", "-keyfile", "authority.key"]
        words += ["-in", "leaf.csr", "-out", "leaf.pem", "-extfile", "extensions.cnf", "-enddate", end]
        if let start { words += ["-startdate", start] }
        try await openssl(words + ["-config", "openssl.cnf"])
        return Pair(certificate: folder["leaf.pem"], key: folder["leaf.key"], folder: folder)
    }

    /// A certificate that nobody but itself vouches for.
    func selfSigned(_ names: String) async throws -> Pair {
        try await openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=self", "-addext", "subjectAltName = \(names)"]
                + ["-out", "self.pem"] + Self.newKey("self.key"))
        return Pair(certificate: folder["self.pem"], key: folder["self.key"], folder: folder)
    }

    /// Puts the authority's certificate into a folder under the hashed name that TLS libraries look for.
    func rehash(into other: TemporaryFolder) async throws {
        try other.write(try folder.read("authority.pem"), to: "authority.pem")
        try await openssl(["rehash", other.path])
    }

    private static func newKey(_ name: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name, "-config", "openssl.cnf"]
    }

    private func openssl(_ words: [String]) async throws {
        let result = try await run(
            .name("openssl"), arguments: Arguments(words), workingDirectory: FilePath(folder.path), input: .none,
            output: .discarded, error: .string(limit: 65_536))
        guard result.terminationStatus.isSuccess else { throw OpenSSLError(text: result.standardError) }
    }
}

/// Runs `openssl s_server` on loopback while a closure runs; it answers every request with a page about itself.
func withTLSServer<Result: Sendable>(
    _ pair: TestAuthority.Pair, _ options: [String] = [], _ body: (Int) async throws -> Result
) async throws -> Result {
    let words = ["s_server", "-accept", "127.0.0.1:0", "-cert", pair.certificate, "-key", pair.key, "-www"] + options
    let outcome = try await run(
        .name("openssl"), arguments: Arguments(words), input: .none, output: .sequence, error: .discarded
    ) { server in
        var said = ""
        var port: Int?
        for try await line in server.standardOutput.strings() where port == nil {
            said += line
            if line.hasPrefix("ACCEPT 127.0.0.1:") {
                port = Int(line.dropFirst("ACCEPT 127.0.0.1:".count))
                break
            }
        }
        guard let port else { throw TestAuthority.OpenSSLError(text: said) }
        let result = try await body(port)
        try server.send(signal: .kill)
        return result
    }
    return outcome.closureResult
}
