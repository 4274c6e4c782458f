// A cause as a sentence that names host and port, and what to do. Where the library says too little (which certificate,
// which answer of the proxy), a second connection without any request looks for itself.

import NIOSSL
import OutlastModel

/// Says why a server could not be asked.
struct Diagnosis {
    let origin: Origin
    let proxy: ProxyServer?
    let timeout: Duration
    let clock: any WallClock

    /// `host:port` of the server, the port always written.
    private var place: String {
        origin.host.contains(":") ? "[\(origin.host)]:\(origin.port)" : "\(origin.host):\(origin.port)"
    }

    /// The failure of a cause.
    func failure(_ cause: TransportCause) async -> Failure {
        switch cause {
        case .nameUnknown, .connection, .connectTimeout: connecting(cause)
        case .proxyTimeout, .proxyRefused, .proxyWantsAuthentication: await tunnel(cause)
        case .wrongName, .handshake, .handshakeTimeout, .authorities: await encryption(cause)
        default: answer(cause)
        }
    }

    private func connecting(_ cause: TransportCause) -> Failure {
        let target = proxy.map { "the proxy \($0.place) (\($0.variable)) for \(place)" } ?? place
        let check = proxy.map { "check \($0.variable), or add \(origin.host) to NO_PROXY" }
        switch cause {
        case .nameUnknown:
            return .unreachable(
                "cannot reach \(target): the host name cannot be resolved",
                hint: check ?? "check the name in the address, and this machine's DNS")
        case .connection(let words):
            return .unreachable(
                "cannot reach \(target): \(words)", hint: check ?? "check the address, and that the server runs")
        default:
            return .unreachable(
                "cannot reach \(target): no connection within \(min(timeout, .seconds(8)).shown)",
                hint: check ?? "check the address, firewalls, and whether a proxy (HTTPS_PROXY) is needed")
        }
    }

    private func tunnel(_ cause: TransportCause) async -> Failure {
        guard let proxy else { return .unreachable("cannot reach \(place): a proxy refused, though none is set") }
        let name = "the proxy \(proxy.place) (\(proxy.variable))"
        switch cause {
        case .proxyWantsAuthentication:
            let advice =
                proxy.user == nil
                ? "write user and password into \(proxy.variable): http://user:password@\(proxy.place)"
                : "check user and password in \(proxy.variable)"
            return .unreachable("\(name) wants a user and password (407) before it connects to \(place)", hint: advice)
        case .proxyTimeout:
            return .unreachable(
                "\(name) did not connect to \(place) in time", hint: "check \(proxy.variable) and the proxy")
        default:
            let status = await ServerProbe(origin: origin, proxy: proxy).tunnelStatus()
            let answered = status.map { " (it answered \($0))" } ?? ""
            // Some proxies say 401 where they mean 407.
            let advice =
                status == 401
                ? "check user and password in \(proxy.variable)"
                : "allow \(place) in the proxy, or add \(origin.host) to NO_PROXY"
            return .unreachable("\(name) refuses to connect to \(place)\(answered)", hint: advice)
        }
    }

    private func encryption(_ cause: TransportCause) async -> Failure {
        switch cause {
        case .wrongName:
            return .unreachable(
                "the certificate of \(place) is made out for another name than \(origin.host)",
                hint: "check the host name in the address, or the server's certificate")
        case .authorities:
            return .configuration(
                "the certificate authorities that \(place) would be checked by cannot be loaded",
                hint: "install the package ca-certificates, or check SSL_CERT_FILE and SSL_CERT_DIR")
        case .handshakeTimeout:
            return .unreachable("\(place) did not finish the TLS handshake in time")
        case .handshake(let reasons) where reasons.contains("CERTIFICATE_VERIFY_FAILED"):
            let chain = await ServerProbe(origin: origin, proxy: proxy).certificates()
            return certificate(chain)
        case .handshake(let reasons) where reasons.contains("WRONG_VERSION_NUMBER"):
            return .unreachable(
                "\(place) does not speak TLS", hint: "check the port; is the address meant to begin with http://?")
        case .handshake(let reasons):
            let words = reasons.sorted().map { $0.lowercased().replacing("_", with: " ") }.joined(separator: ", ")
            return .unreachable(
                "the TLS handshake with \(place) failed" + (words.isEmpty ? ": it was broken off" : ": \(words)"),
                hint: "check the address, and that the server speaks TLS 1.2 or newer")
        default: return .unreachable("cannot speak TLS with \(place)")
        }
    }

    /// Why a chain was not accepted; the server's own certificate comes first in it.
    private func certificate(_ chain: [NIOSSLCertificate]) -> Failure {
        let now = clock.now()
        for certificate in chain {
            let begins = Instant(seconds: Int64(certificate.notValidBefore))
            let ends = Instant(seconds: Int64(certificate.notValidAfter))
            if now < begins {
                return .unreachable(
                    "the certificate of \(place) is not valid before \(begins.text), and this machine's clock says "
                        + now.text,
                    hint: "check this machine's clock")
            }
            if now > ends {
                return .unreachable(
                    "the certificate of \(place) expired at \(ends.text)",
                    hint: "renew it on the server; this machine's clock says \(now.text)")
            }
        }
        let isSelfSigned = chain.first.map { CertificateNames.isSelfIssued($0) } ?? false
        return .unreachable(
            isSelfSigned
                ? "the certificate of \(place) is self-signed, and this machine does not trust it"
                : "the certificate of \(place) comes from an authority that this machine does not trust",
            hint: "name a file with the authority's certificate in SSL_CERT_FILE")
    }

    private func answer(_ cause: TransportCause) -> Failure {
        switch cause {
        case .closedEarly(let progress) where !progress.hasHead:
            if let proxy {
                // Who hung up can't be told from here.
                return .unreachable(
                    "the connection to \(place) through the proxy \(proxy.place) (\(proxy.variable)) "
                        + "was closed without an answer",
                    hint: "check \(proxy.variable), or add \(origin.host) to NO_PROXY")
            }
            return .unreachable("\(place) closed the connection without an answer")
        case .closedEarly(let progress):
            return .unreachable("the answer of \(place) ended early, after \(progress.bytes) bytes of its body")
        case .malformed:
            return .unreachable(
                "\(place) answered with something that is not HTTP", hint: "check the port in the address")
        case .headerTooLarge: return .unreachable("the headers of the answer of \(place) are too large")
        case .bodyTooLarge(let limit):
            return .unreachable(
                "the answer of \(place) is larger than \(limit) bytes", hint: "check that the address is an API's")
        case .encoded(let name):
            return .unreachable(
                "\(place) answered in the encoding \(SafeText.line(name, limit: 40)), which was not asked for")
        case .tookTooLong(let progress) where !progress.hasHead:
            return .unreachable("\(place) did not answer within \(timeout.shown)", hint: "try a longer --timeout")
        case .tookTooLong(let progress):
            return .unreachable(
                "the answer of \(place) did not end within \(timeout.shown) (\(progress.bytes) bytes came)",
                hint: "try a longer --timeout")
        case .cancelled: return .unreachable("the request to \(place) was given up, because this run was stopped")
        case .other(let name):
            return .unreachable("the exchange with \(place) failed: \(SafeText.line(name, limit: 80))")
        default: return .unreachable("the exchange with \(place) failed")
        }
    }
}
