// What stops a command before it reaches a forge: proxies, encryption, names, connections; and other hosts' keys.

import OutlastModel

extension FailureRules {
    static let hostKeys: [FailureRule] = [
        FailureRule(
            .start, "host key for", "has changed and you have requested strict checking", is: .hostKey,
            advice: Advice.changedHostKey),
        FailureRule(.start, "@", "remote host identification has changed", is: .hostKey, advice: Advice.changedHostKey),
        FailureRule(.start, "@", "revoked host key detected", is: .hostKey, advice: Advice.changedHostKey),
        FailureRule(
            .start, "no ", "host key is known for", is: .hostKey, advice: Advice.unknownHostKey),
        FailureRule(.start, "host key verification failed", is: .hostKey, advice: Advice.unknownHostKey),
        FailureRule(.start, "unable to negotiate with", "no matching host key type", is: .hostKey),
    ]

    static let transport: [FailureRule] = proxies + certificates + names + lines

    // The words of a proxy come before the status that it answers: a 407 or 403 of its own is not the forge's.
    private static let proxies: [FailureRule] =
        whole(
            .proxy,
            ["connect tunnel failed"], ["from proxy after connect"], ["proxy connect aborted"],
            ["could not resolve proxy"], ["couldn't resolve proxy"], ["returned error: 407"], ["socks"],
            ["failed to connect to", "via proxy"], ["proxy authentication required"],
            ["unable to access '", "': ", "proxy"])
        + [
            FailureRule(.start, "batch response:", "proxyconnect", is: .proxy),
            FailureRule(.start, "batch response:", "proxy authentication required", is: .proxy),
        ]

    private static let certificates: [FailureRule] =
        whole(
            .tls,
            ["ssl certificate problem"], ["certificate verification failed"], ["gnutls_handshake() failed"],
            ["gnutls, handshake failed"], ["gnutls recv error"], ["ssl: "], ["ssl_connect"], ["ssl_error"],
            ["ssl connection"], ["tls connect error"], ["tls handshake"], ["certificate verify locations"],
            ["error adding trust anchors"], ["schannel: "], ["http.pinnedpubkey"], ["ssl peer certificate"],
            ["certificate subject name"], ["ssl ca cert"], ["ssl client"], ["local ssl certificate"],
            ["wrong version number"], ["error setting certificate"],
            ["unable to get local issuer certificate"], ["ssl routines"], ["gnutls"])
        + [
            FailureRule(.start, "batch response:", "x509: ", is: .tls),
            FailureRule(.start, "batch response:", "tls: ", is: .tls),
        ]

    private static let names: [FailureRule] =
        whole(
            .dns, ["could not resolve host"], ["couldn't resolve host"], ["unable to look up"])
        + [
            FailureRule(.start, "ssh: could not resolve hostname", is: .dns),
            FailureRule(.start, "batch response:", "no such host", is: .dns),
            FailureRule(.start, "batch response:", "dial tcp: lookup ", is: .dns),
            FailureRule(.start, "batch response:", "server misbehaving", is: .dns, .medium),
        ]

    private static let lines: [FailureRule] =
        whole(
            .network,
            ["failed to connect to"], ["couldn't connect to server"], ["could not connect to server"],
            ["connection timed out"], ["operation timed out"], ["operation too slow"], ["timeout was reached"],
            ["recv failure"], ["send failure"], ["empty reply from server"], ["connection reset by peer"],
            ["http/2 stream"], ["connection died"], ["network is unreachable"], ["no route to host"],
            ["transfer closed with"], ["failed sending data to the peer"],
            ["failure when receiving data from the peer"], ["unable to connect to", "connection refused"])
        + [
            FailureRule(.start, "ssh: connect to host", is: .network),
            FailureRule(.start, "batch response:", "dial tcp", is: .network),
            FailureRule(.start, "batch response:", "i/o timeout", is: .network),
            FailureRule(.start, "batch response:", "connection reset", is: .network),
        ]

    private static func whole(_ class: FailureClass, _ rules: [String]...) -> [FailureRule] {
        rules.map { FailureRule(.fatal, parts: $0, is: `class`, .high, .whole) }
    }

    /// What a connection that broke leaves behind; last of all, since many other causes end in the same words.
    static let connections: [FailureRule] = [
        FailureRule(.start, "unable to negotiate with", is: .network, .medium, advice: Advice.algorithms),
        FailureRule(.start, "connection to", "timed out", is: .network),
        FailureRule(.start, "kex_exchange_identification:", is: .network),
        FailureRule(.start, "ssh_exchange_identification:", is: .network),
        FailureRule(.start, "banner exchange:", is: .network),
        FailureRule(.start, "ssh_dispatch_run_fatal:", is: .network),
        FailureRule(.start, "client_loop: send disconnect", is: .network),
        FailureRule(.start, "timeout, server", "not responding", is: .network),
        FailureRule(.start, "connection closed by", is: .network),
        FailureRule(.start, "connection reset by", is: .network),
        FailureRule(.start, "connection to", "closed by remote host", is: .network),
        FailureRule(.start, "read from remote host", is: .network),
        FailureRule(.error, "rpc ", "curl ", is: .network),
        FailureRule(.error, "curl 18", is: .network),
        FailureRule(.error, "curl 28", is: .network),
        FailureRule(.error, "curl 52", is: .network),
        FailureRule(.error, "curl 55", is: .network),
        FailureRule(.error, "curl 56", is: .network),
        FailureRule(.error, "curl 92", is: .network),
        FailureRule(.error, "unexpected disconnect", is: .network, .medium),
        FailureRule(.fatal, "the remote end hung up", is: .network, .medium),
        FailureRule(.fatal, "early eof", is: .network, .medium),
        FailureRule(.fatal, "unable to write request to remote", is: .network, .medium),
        FailureRule(.fatal, "expected flush after ref listing", is: .network, .low),
    ]
}
