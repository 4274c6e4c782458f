// What a person should do, one sentence for each class and for the causes within it that have a remedy of their own.

import OutlastModel

/// The sentences.
enum Advice {
    static func of(_ class: FailureClass) -> String {
        switch `class` {
        case .authExpired:
            "the token's time is over: renew it, and let `outlast preflight` check it before the next job"
        case .authRevoked: "the token was revoked: give the job a new one"
        case .authRejected:
            "the server did not accept the token and gave no reason: `outlast preflight` tells whether it is expired, "
                + "revoked or unknown"
        case .authMissing:
            "git had no credential to send: give the job a token (`outlast credential env`), and look for a helper that "
                + "answers nothing"
        case .scope: "the token works but lacks a scope or permission: make one that has it"
        case .forbidden: "the token's owner may not do this: ask for the role, or use another credential"
        case .rateLimited: "the server asks to slow down: wait, and run fewer jobs at once; the token is not the cause"
        case .ipBanned:
            "the server refuses this address after too many failed logins: stop what still uses a dead token, then wait"
        case .notFound:
            "the project is not there under this name, or is hidden from this token: check the URL and access"
        case .hostKey: "compare the host's key with the one that its operator publishes, and pin that one"
        case .publickey:
            "the server did not accept the SSH key: check that it is registered, not expired, and the right one"
        case .tls: "the server's certificate or its encryption was not accepted: check the CA file and the host name"
        case .proxy:
            "the proxy refused or was not reached, not the forge: check its address, its credentials and NO_PROXY"
        case .dns: "the host name could not be resolved: check the name and this machine's DNS"
        case .network: "the connection failed or broke: check firewall and address, then try again"
        case .server: "the server failed or answered something that is not git: look at its status, and try again later"
        case .size:
            "the server does not take so much at once: make the push smaller, use LFS, or ask for a higher limit"
        case .nonFastForward: "someone else has pushed in the meantime: fetch, rebase, and push again"
        case .hookDeclined: "a rule or hook of the server refused this push: its words above say why"
        case .local:
            "this machine or its configuration is the cause: look at the line, and at disk space and permissions"
        case .unknown: "nothing known stands in the output: read it whole"
        }
    }

    static let signIn =
        "something that is not git answered, such as a sign-in page or a captive portal: check the URL, and that the "
        + "token reaches the server itself"
    static let changedHostKey =
        "the host shows another key than the pinned one: stop, ask its operator, and change the pin only when they "
        + "confirm it"
    static let unknownHostKey =
        "the host's key is not pinned here: take it from its operator, never from the first connection"
    static let algorithms = "client and server have no algorithm in common: one of them is too old, or too strict"
    static let allowList = "the server takes requests from certain addresses only: ask for this runner's to be added"
    static let expiredKey = "the SSH key is registered with an end that has passed: register a new one"
    static let owner = "the token's owner must act: the account is blocked, or waits for a password or a signature"
    static let singleSignOn = "authorise the token for the organisation's single sign-on"
    static let jobToken = "add this project to the other project's job token allowlist"
    static let httpOff = "the server does not offer git over HTTPS here: use SSH"
    static let archived = "the project is archived and takes no pushes"
    static let readOnlyKey = "the deploy key may read only: register one with write access"
    static let missingRef = "the branch or tag is not there on the server: check its name"
    static let malformedKey =
        "the private key cannot be read: check that it is whole, with plain line ends and a newline at its end"
    static let passphrase = "the private key asks for a passphrase, which a job cannot give: use one without"
    static let openKey = "others may read the private key, so ssh ignores it: set its permissions to 0600"
    static let missingKey = "the private key is not where ssh looks for it: check the path"
    static let manyKeys = "ssh offered too many keys: set IdentitiesOnly=yes and name the one key"
    static let disk = "the disk of this machine is full, or a size limit is reached: make room"
    static let helper = "a credential helper told git to stop: look at why it has nothing to give"
    static let askpass = "the program in GIT_ASKPASS failed: check that it is there and may be run"
}
