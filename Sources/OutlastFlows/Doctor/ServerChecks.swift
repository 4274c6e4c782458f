// Whether the forges' servers answer at all, and what time it is there: one request without a token for each server.

import OutlastModel

struct ServerChecks: Sendable {
    private let world: World
    private let request: DoctorRequest

    init(_ world: World, _ request: DoctorRequest) {
        self.world = world
        self.request = request
    }

    func run() async -> [HealthCheck] {
        if request.isOffline {
            return [HealthCheck("network", .warn, "not looked at: --offline", remedy: "run it again without --offline")]
        }
        var checks = [proxy].compactMap { $0 }
        for server in servers { checks += await look(at: server) }
        return checks
    }

    /// The base of each API that a credential, or the CI itself, is asked at, one for each server.
    private var servers: [ServerURL] {
        var found: [ServerURL] = []
        for patient in request.patients {
            let forge = patient.credential.forge ?? world.job?.forge
            let api = try? patient.credential.apiURL ?? forge.flatMap { try APIRule.api(of: $0, nil, world) }
            if let api { found.append(api) }
        }
        if let own = world.job?.apiURL.flatMap({ ServerURL($0) }) { found.append(own) }
        var seen: Set<Origin> = []
        return found.filter { seen.insert($0.origin).inserted }
    }

    private var proxy: HealthCheck? {
        let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        guard let name = names.first(where: { world.variables[$0] != nil }), let value = world.variables[name] else {
            return nil
        }
        let others = world.variables["NO_PROXY"] ?? world.variables["no_proxy"]
        let direct = others == nil ? "" : "; not for the servers of NO_PROXY"
        return HealthCheck("proxy", .pass, "\(name) is \(SafeText.withoutUserInfo(value))\(direct)")
    }

    private func look(at server: ServerURL) async -> [HealthCheck] {
        let name = server.origin.hostAndPort
        let answer: HTTPResponse
        do throws(Failure) {
            answer = try await world.transport.send(HTTPRequest("GET", server, timeout: request.timeout))
        } catch {
            return [
                HealthCheck(
                    "network \(name)", error,
                    remedy: "see that this machine may reach it: name server, firewall, HTTPS_PROXY, SSL_CERT_FILE")
            ]
        }
        if answer.status == 407 {
            return [
                HealthCheck(
                    "network \(name)", .fail, "a proxy before it answered 407: it wants a login of its own",
                    remedy: "put user and password into HTTPS_PROXY, or the server into NO_PROXY")
            ]
        }
        let reached = HealthCheck("network \(name)", .pass, "answers (\(answer.status))")
        return [reached] + [clock(name, answer)].compactMap { $0 }
    }

    private func clock(_ name: String, _ answer: HTTPResponse) -> HealthCheck? {
        guard let date = answer.header("Date"), let theirs = HTTPDate.instant(date, now: world.clock.now()) else {
            return nil
        }
        let skew = world.clock.now().duration(to: theirs)
        let size = skew < .zero ? .zero - skew : skew
        guard size > CredentialVerdict.toleratedSkew else {
            return HealthCheck("clock \(name)", .pass, "agrees with ours")
        }
        return HealthCheck(
            "clock \(name)", .warn, "is \(size.readable) \(skew > .zero ? "ahead of" : "behind") this machine's",
            remedy:
                "set this machine's clock by NTP: ends of tokens are reckoned by the server's, times in history by ours"
        )
    }
}
