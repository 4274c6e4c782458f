// How `keep` answers when it goes on in the background, or has ended in the foreground.

import OutlastFlows
import OutlastModel

enum KeepReply {
    static let empty: [JSONValue.Member] = [
        .init("file", nil), .init("pid", nil), .init("fingerprint", nil), .init("expires_at", nil),
        .init("state", nil), .init("state_reason", nil),
    ]

    /// - Parameter stateFailure: why there is no state store; the token's own reason counts where there is one.
    static func report(
        _ token: KeptToken, stateFailure: Failure?, file: String?, process: Int32?, notes: [String]
    ) -> Report {
        let unusable = stateFailure ?? token.unusable
        return Report(
            notes: notes,
            json: {
                [
                    .init("file", JSONValue(file.map { SafeText.line($0) })),
                    .init("pid", process.map { .integer(Int64($0)) } ?? .null),
                    .init("fingerprint", JSONValue(token.fingerprint?.text)),
                    .init("expires_at", JSONValue(token.endsAt?.text)),
                    .init("state", .string(unusable == nil ? "ok" : "unavailable")),
                    .init("state_reason", JSONValue(unusable?.message)),
                ]
            },
            text: { _ in
                guard let process else { return "ended: the token in \(SafeText.line(file ?? "")) is as it was left\n" }
                let end = token.endsAt.map { "; the token in it ends at \($0.text)" } ?? ""
                return "keeping \(SafeText.line(file ?? "")) current by process \(process)\(end)\n"
            })
    }
}
