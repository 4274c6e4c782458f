// Why a renewal of a dead token is not tried.

import OutlastModel

/// A token that was found dead before any renewal was tried.
struct DeadToken {
    let failure: Failure

    init(_ credential: String, _ reading: TokenReading) {
        let token = CredentialName.token(of: credential)
        let detail = reading.detail.map { ": \($0)" } ?? ""
        switch reading.standing {
        case .expired:
            failure = Failure(
                .expired, "\(token) has expired\(detail)",
                hint: "an expired token cannot renew itself: give the job a new one")
        case .insufficientScope:
            failure = Failure(.insufficientScope, "\(token) lacks a permission\(detail)")
        default:
            failure = Failure(
                .rejected, "\(token) is not accepted\(detail)",
                hint: "it was revoked, rotated elsewhere or never right: give the job the current one")
        }
    }
}
