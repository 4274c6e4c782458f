// A renewal that failed, with what is known of its token nevertheless: replies say that too.

public import OutlastModel

/// Why a renewal failed, and what is known of its token.
public struct FailedRenewal: Error, Sendable {
    /// Why it failed.
    public let failure: Failure
    /// The token as it stands now: what the state holds, else the fingerprint of what was presented. Its verdict says
    /// nothing.
    public let known: RenewalResult
    /// How long another process was waited for in vain; nil where that is not why it failed.
    public let waited: Duration?
}

/// How far a renewal has come.
struct RenewalTrace: Sendable {
    /// The fingerprint of what was presented; nil before that was read.
    var presented: Fingerprint?
    /// Nil before the state was opened for it.
    var setup: RenewalSetup?

    func known(_ credential: String) -> RenewalResult {
        if let setup, let seen = try? FamilyRenewal(setup).look() { return seen.result }
        return RenewalResult(verdict: .failed, credential: credential, fingerprint: presented)
    }
}
