// A certificate for 127.0.0.1 that nobody but itself vouches for, made by the openssl program.

import NIOSSL
import Subprocess
import Testing

/// A self-signed certificate with its key.
struct TestCertificate: Sendable {
    /// Both in PEM.
    let pem: String

    static func make() async throws -> TestCertificate {
        let words = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=self", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "/dev/stdout", "-out", "/dev/stdout",
        ]
        let result = try await Subprocess.run(
            .name("openssl"), arguments: Arguments(words), output: .string(limit: 65_536), error: .discarded)
        try #require(result.terminationStatus.isSuccess)
        return TestCertificate(pem: result.standardOutput)
    }

    /// The certificate alone.
    var certificate: String {
        "-----BEGIN CERTIFICATE-----" + (pem.components("-----BEGIN CERTIFICATE-----").last ?? "")
    }

    func serverContext() throws -> NIOSSLContext {
        let key = "-----BEGIN PRIVATE KEY-----" + (pem.components("-----BEGIN PRIVATE KEY-----").last ?? "")
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8))
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))))
    }
}

extension String {
    /// The parts between a mark.
    fileprivate func components(_ mark: String) -> [String] { split(separator: mark).map(String.init) }
}
