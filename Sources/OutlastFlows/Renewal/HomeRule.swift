// Whether a destructive renewal may begin, and how to let it begin where it may not: lines to paste that work as they stand.

import OutlastModel

/// Whether a destructive renewal may begin (contract, section 5; design, section 8).
enum HomeRule {
    struct Facts: Sendable {
        var isDestructive: Bool
        /// The call that asks for it.
        var call: RefusedCall
        /// Publish targets that answered.
        var provedTargets: Int
        /// Publish targets that were read and hold the token that is about to be renewed: nobody was faster.
        var agreeingTargets: Int
        var storeIsNamed: Bool
        var isInCI: Bool
        var isUnpublished: Bool
        var sharing: StoreSharing
        var isExclusive: Bool
    }

    /// Whether the new token has a home besides publish targets.
    static func hasOtherHome(_ facts: Facts) -> Bool {
        facts.storeIsNamed || !facts.isInCI || facts.isUnpublished
    }

    /// The refusal of a renewal whose token would be lost with the job.
    static func homeless(_ call: RefusedCall) -> Failure {
        Failure(
            .renewalFailed,
            "renewing \(call.credential) was refused: the new token would exist only in this job's own folder, and be lost with it",
            hint: """
                give it a home by one of these:
                # a store on a disk of the runner that outlives the job, outside of the checkout
                export OUTLAST_STATE=\(volume)/state.db
                # or a place that the next job reads, in the configuration of \(call.configured); then the call needs --exclusive
                publish: [{file: {path: \(volume)/token}}]
                \(call.publishing)
                # or the job itself, which carries the new token away
                \(call.carryingAway)
                # \(promise(call))
                """)
    }

    /// The refusal (20), or nil when it may begin.
    static func refusal(_ facts: Facts) -> Failure? {
        guard facts.isDestructive else { return nil }
        guard facts.provedTargets > 0 || hasOtherHome(facts) else { return homeless(facts.call) }
        if case .doubtful(let reason) = facts.sharing, !facts.isExclusive, facts.agreeingTargets == 0 {
            return Failure(
                .renewalFailed,
                "renewing \(facts.call.credential) was refused: \(reason), so another job may renew the same token at the same time",
                hint: """
                    prove that none does by one of these, or by a publish target that can be read and holds the token:
                    # a store on a disk of the runner that its jobs share, outside of the checkout
                    export OUTLAST_STATE=\(volume)/state.db
                    # or a promise
                    \(facts.call.exclusively)
                    # \(promise(facts.call))
                    """)
        }
        return nil
    }

    private static let volume = "/path/on/a/volume"

    private static func promise(_ call: RefusedCall) -> String {
        "--exclusive promises that the CI runs one such job at a time: `resource_group: \(call.credential)` or `concurrency: \(call.credential)` (within one project only)"
    }
}

/// A call that was refused, as it can be made again with more words.
struct RefusedCall: Sendable {
    /// The credential.
    let credential: String
    /// Whether it is one of the configuration; else the command line gave the token.
    private let isConfigured: Bool
    private let words: [String]

    init(_ request: RenewalRequest) {
        credential = SafeText.line(request.name, limit: 80)
        if case .configuration = request.origin { isConfigured = true } else { isConfigured = false }
        words = request.call ?? ["refresh"] + Self.naming(request) + (request.isForced ? ["--force"] : [])
    }

    /// Whose configuration a publish target goes to.
    var configured: String { isConfigured ? credential : "a credential" }
    /// The same call with the promise.
    var exclusively: String { line(words + missing(["--exclusive"])) }
    /// The same call of a credential that has a publish target.
    var publishing: String {
        isConfigured ? exclusively : "outlast refresh --config /path/to/outlast.yml --exclusive"
    }
    /// The same call by a job that carries the token away.
    var carryingAway: String {
        let more = words + missing(["--exclusive", "--unpublished"])
        if words.contains(where: { $0 == "--export" || $0.hasPrefix("--export=") }) { return line(more) }
        return "eval \"$(\(line(more + ["--export", "shell"])))\""
    }

    private func missing(_ options: [String]) -> [String] { options.filter { !words.contains($0) } }

    private static func naming(_ request: RenewalRequest) -> [String] {
        if case .configuration = request.origin { return ["--credential", request.name] }
        let place =
            switch request.source {
            case .env(let name)?: ["--token-env", name]
            case .file(let path)?: ["--token-file", path]
            default: ["--token-stdin"]
            }
        return place + (request.forge.map { ["--forge", $0] } ?? [])
            + (request.apiURL.map { ["--api-url", $0.text] } ?? [])
    }

    private func line(_ words: [String]) -> String {
        let isPlain = { (word: String) in
            word.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "-_./:=@%+,".utf8.contains(byte)
            } && !word.isEmpty
        }
        return SafeText.line(
            (["outlast"] + words).map { isPlain($0) ? $0 : ShellWord.quoted($0) }.joined(separator: " "))
    }
}
