// The one table of exit codes (contract, section 3).

/// What `outlast` ends with. `exec` gives its child's own code instead.
public enum ExitCode: Int32, CaseIterable, Sendable {
    case done = 0
    case unexpected = 1
    case willExpire = 10
    case expired = 11
    case rejected = 12
    case lifetimeUnknown = 13
    case insufficientScope = 14
    case renewalFailed = 20
    case renewalInDoubt = 21
    case leaseHeld = 22
    case publishQueued = 23
    case sshUnproved = 30
    case stateUnusable = 40
    case cacheLocked = 41
    case usage = 64
    case malformedInput = 65
    case unreachable = 69
    case slowDown = 75
    case configuration = 78

    /// The sentence of the table that README and the man page print.
    public var meaning: String {
        switch self {
        case .done: "done; for preflight: every credential outlasts the job"
        case .unexpected: "unexpected failure"
        case .willExpire: "a token will expire before the job ends"
        case .expired: "a token has expired"
        case .rejected: "the forge rejects a token (revoked, unknown, blocked)"
        case .lifetimeUnknown: "lifetime unknown, with --require-known"
        case .insufficientScope: "a token lacks a scope or permission that was asked for"
        case .renewalFailed: "renewal failed or was refused before it began; the old token still works"
        case .renewalInDoubt: "renewal in doubt, token lost, or renewed but not saved anywhere: an operator must act"
        case .leaseHeld: "another process holds the renewal lease and did not finish in --wait"
        case .publishQueued: "renewed and stored, but a publish target failed: it stays queued"
        case .sshUnproved: "SSH fallback could not be proved"
        case .stateUnusable: "state store unusable (with --strict, or where the command needs it)"
        case .cacheLocked: "secret cache locked: no key, wrong key, or the record was tampered with"
        case .usage: "usage"
        case .malformedInput: "malformed input file"
        case .unreachable: "the forge cannot be reached"
        case .slowDown: "the forge asks us to slow down, or the failure budget is spent: try later"
        case .configuration: "configuration error"
        }
    }
}
