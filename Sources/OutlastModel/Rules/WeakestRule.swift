// Of several credentials the worst counts (contract, section 3).

extension ExitCode {
    /// Codes from worst to best, as far as preflight gives them.
    static let fromWorst: [ExitCode] = [
        .rejected, .expired, .insufficientScope, .willExpire, .configuration, .slowDown, .unreachable, .lifetimeUnknown,
        .done,
    ]
}

extension Array where Element == CredentialVerdict {
    /// The verdict that rules: by code first, then by decision (`unknown` before `sufficient`), then by the least
    /// remaining life. Nil for an empty list.
    public var weakest: CredentialVerdict? {
        self.min { left, right in left.weakness < right.weakness }
    }
}

extension CredentialVerdict {
    /// Sorts the weakest first.
    fileprivate var weakness: (Int, Int, Int64) {
        let byCode = ExitCode.fromWorst.firstIndex(of: code) ?? 0
        let byDecision = decision == .sufficient ? 1 : 0
        return (byCode, byDecision, remaining?.wholeSeconds ?? Int64.max)
    }
}
