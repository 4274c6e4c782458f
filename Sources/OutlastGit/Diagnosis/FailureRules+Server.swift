// What forges say in words, over HTTPS and over SSH; and what ssh says about keys.

import OutlastModel

extension FailureRules {
    static let serverWords: [FailureRule] = [
        // Before everything else: who is banned or told to wait is told so whatever the token is worth.
        FailureRule(.server, "too many failed authentication attempts from this ip", is: .ipBanned),
        FailureRule(.server, "ip allow list", is: .ipBanned, advice: Advice.allowList),
        FailureRule(.server, "your ip address is not permitted", is: .ipBanned, advice: Advice.allowList),
        FailureRule(.server, "rate limit", is: .rateLimited),
        FailureRule(.server, "too many requests", is: .rateLimited),
        FailureRule(.server, "abuse detection", is: .rateLimited),
        FailureRule(.server, "retry later", is: .rateLimited),
        FailureRule(.server, "maximum number of login attempts exceeded", is: .rateLimited),

        // `HTTP Basic: Access denied` goes on with every cause there may be, and names none.
        FailureRule(.server, "http basic: access denied", is: .authRejected),
        FailureRule(.server, "invalid username or token", is: .authRejected),
        FailureRule(.server, "invalid username or password", is: .authRejected),
        FailureRule(.server, "support for password authentication was removed", is: .authRejected),
        FailureRule(.server, "bad credentials", is: .authRejected),
        FailureRule(.server, "tf400813", is: .authRejected),
        FailureRule(.server, "ssh key has expired", is: .authExpired, advice: Advice.expiredKey),
        FailureRule(.server, "token is expired", is: .authExpired),
        FailureRule(.server, "token has expired", is: .authExpired),
        FailureRule(.server, "token was revoked", is: .authRevoked),
        FailureRule(.server, "token has been revoked", is: .authRevoked),

        FailureRule(.server, "account has been blocked", is: .forbidden, advice: Advice.owner),
        FailureRule(.server, "password expired", is: .forbidden, advice: Advice.owner),
        FailureRule(.server, "must accept the terms", is: .forbidden, advice: Advice.owner),
        FailureRule(.server, "saml sso", is: .forbidden, advice: Advice.singleSignOn),
        FailureRule(.server, "by ci/cd job token not allowed", is: .forbidden, advice: Advice.jobToken),
        FailureRule(.server, "insufficient permissions to pull", is: .forbidden, advice: Advice.jobToken),
        FailureRule(.server, "access over http is not allowed", is: .forbidden, advice: Advice.httpOff),
        FailureRule(.server, "pulling over http is not allowed", is: .forbidden, advice: Advice.httpOff),
        FailureRule(.server, "pushing over http is not allowed", is: .forbidden, advice: Advice.httpOff),
        FailureRule(.server, "archived", is: .forbidden, advice: Advice.archived),
        FailureRule(.server, "temporarily read-only", is: .server),
        FailureRule(.server, "read-only", "instance", is: .server),
        FailureRule(.server, "gitaly", "not available", is: .server),
        FailureRule(.server, "unable to handle this request due to load", is: .server),
        FailureRule(.server, "internal server error", is: .server),
        FailureRule(.server, "marked as read only", is: .forbidden, advice: Advice.readOnlyKey),
        FailureRule(.server, "does not have write access", is: .forbidden, advice: Advice.readOnlyKey),
        FailureRule(.server, "denied to deploy key", is: .forbidden, advice: Advice.readOnlyKey),
        FailureRule(.server, "not allowed to download code from this project", is: .forbidden),
        FailureRule(.server, "not allowed to upload code for this project", is: .forbidden),
        FailureRule(.server, "not allowed to push code", is: .forbidden),
        FailureRule(.server, "permission to", "denied to", is: .forbidden),
        FailureRule(.server, "not allowed to download code", is: .scope),
        FailureRule(.server, "not allowed to upload code", is: .scope),
        FailureRule(.server, "write access to repository not granted", is: .scope),
        FailureRule(.server, "resource not accessible by", is: .scope),
        FailureRule(.server, "insufficient_scope", is: .scope),

        FailureRule(.server, "the project you were looking for could not be found", is: .notFound),
        FailureRule(.server, "repository not found", is: .notFound),
        FailureRule(.server, "tf401019", is: .notFound),
        FailureRule(.server, "you may not have access to this repository", is: .notFound),
        FailureRule(.server, "no such project", is: .notFound),
        FailureRule(.fatal, "'/", "' does not appear to be a git repository", is: .notFound),
        // A bare word is the name of a remote that this machine does not know; a path is one that the other side lacks.
        FailureRule(.fatal, "/", "' does not appear to be a git repository", is: .notFound, .medium),
        FailureRule(.fatal, ".git' does not appear to be a git repository", is: .notFound, .medium),
        FailureRule(.fatal, "couldn't find remote ref", is: .notFound, .high, .whole, advice: Advice.missingRef),
        FailureRule(
            .fatal, "remote branch", "not found in upstream", is: .notFound, .high, .whole, advice: Advice.missingRef),
    ]

    /// Keys that ssh could not use, and keys that the server did not take.
    static let keys: [FailureRule] = [
        FailureRule(.start, "load key", "error in libcrypto", is: .publickey, advice: Advice.malformedKey),
        FailureRule(.start, "load key", "invalid format", is: .publickey, advice: Advice.malformedKey),
        FailureRule(.start, "load key", "incorrect passphrase", is: .publickey, advice: Advice.passphrase),
        FailureRule(.start, "load key", "bad permissions", is: .publickey, advice: Advice.openKey),
        FailureRule(.start, "load key", is: .publickey, advice: Advice.malformedKey),
        FailureRule(.start, "@", "unprotected private key file", is: .publickey, advice: Advice.openKey),
        FailureRule(.start, "warning: identity file", "not accessible", is: .publickey, advice: Advice.missingKey),
        FailureRule(.start, "no such identity:", is: .publickey, advice: Advice.missingKey),
        FailureRule(
            .start, "received disconnect from", "too many authentication failures", is: .publickey,
            advice: Advice.manyKeys),
        FailureRule(
            .start, "disconnected from", "too many authentication failures", is: .publickey,
            advice: Advice.manyKeys),
        FailureRule(.start, "sign_and_send_pubkey:", is: .publickey, .medium),
        FailureRule(.host, "permission denied (", "publickey", is: .publickey),
        FailureRule(.host, "permission denied (", is: .publickey, .medium),
        FailureRule(.start, "permission denied (publickey", is: .publickey),
        FailureRule(.server, "public key authentication failed", is: .publickey),
        FailureRule(.start, "public key authentication failed", is: .publickey),
    ]
}
