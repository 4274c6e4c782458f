// Whom TLS trusts: the operator's file or folder where one is named, else the system's own authorities; and one more
// authority for one host only. Nothing is read before a request needs it.

import NIOSSL
import OutlastModel

/// The certificate authorities of the environment.
struct TrustedAuthorities: Sendable {
    /// The most bytes of a file of certificates; the whole web's authorities have about 250,000.
    private static let largestFile = 1 << 24

    /// `SSL_CERT_FILE`.
    let file: String?
    /// `SSL_CERT_DIR`: folders with the hashed names that `openssl rehash` makes, separated by colons; the first that
    /// is there counts.
    let folders: [String]
    /// A host with an authority of its own.
    let extra: NetworkTransport.ExtraAuthority?

    /// Reads the variables' names only.
    init(variables: Variables, extra: NetworkTransport.ExtraAuthority?) {
        file = variables["SSL_CERT_FILE"]
        folders = variables["SSL_CERT_DIR"]?.split(separator: ":").map(String.init) ?? []
        self.extra = extra
    }

    /// Whether a host's certificate may also come from the extra authority.
    func trustsExtra(for host: String) -> Bool { extra?.host.lowercased() == host }

    /// The TLS settings, with or without the extra authority.
    ///
    /// - Throws: `configuration` naming the variable and the file that can't be used.
    func configuration(withExtra: Bool) throws(Failure) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        var additional: [NIOSSLAdditionalTrustRoots] = []
        let certificates = try file.map { file throws(Failure) in
            try Self.certificates(file, from: "SSL_CERT_FILE")
        }
        if !folders.isEmpty {
            // Only the main place can be a folder.
            configuration.trustRoots = .file(try existingFolder())
            additional += certificates.map { [.certificates($0)] } ?? []
        } else if let certificates {
            configuration.trustRoots = .certificates(certificates)
        }
        if withExtra, let extra {
            additional.append(.certificates(try Self.certificates(extra.file, from: extra.source)))
        }
        configuration.additionalTrustRoots = additional
        return configuration
    }

    private func existingFolder() throws(Failure) -> String {
        for folder in folders {
            let status = try? SystemFileSystem().statusFollowingLinks(of: folder)
            if status?.sort == .folder { return folder }
        }
        throw Failure.configuration(
            "SSL_CERT_DIR names \(SafeText.line(folders.joined(separator: ":"))), where there is no folder",
            hint: "correct or unset SSL_CERT_DIR")
    }

    private static func certificates(_ path: String, from source: String) throws(Failure) -> [NIOSSLCertificate] {
        let bytes: [UInt8]
        do throws(Failure) {
            bytes = try SystemFileSystem().read(path, limit: largestFile)
        } catch {
            throw Failure.configuration("\(source): \(error.message)", hint: "correct or unset \(source)")
        }
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw Failure.configuration(
                "\(source): \(SafeText.line(path)) holds no certificate in PEM form",
                hint: "name a file with -----BEGIN CERTIFICATE----- lines")
        }
        return certificates
    }
}
