// A renewal whose token is handed to the job that called. A token that was renewed and does not arrive there is told with
// what is left of it: the old one is dead, so it matters where the new one lies.

public import OutlastModel

/// Hands the token of a renewal on.
public struct HandedRenewal: Sendable {
    private let world: World
    private let handover: Handover
    private let name: String
    private let username: String?

    /// Prepares to hand on one token.
    ///
    /// - Parameters:
    ///   - name: The variable that is to hold it.
    ///   - username: The user name that is sent with it, where one is configured.
    public init(_ world: World, by handover: Handover, name: String, username: String?) {
        self.world = world
        self.handover = handover
        self.name = name
        self.username = username
    }

    /// Proves that the token could be handed on, before anything is renewed for it.
    ///
    /// - Throws: what `Handover.check` throws.
    public func check() throws(Failure) { try handover.check(names: [name]) }

    /// Hands on what came of a renewal.
    ///
    /// - Returns: what is left to be said; or why the token did not arrive, with the code that the program is to end with.
    public func hand(_ result: RenewalResult, of request: RenewalRequest) -> Result<HandedOver, Failure> {
        guard let token = result.token else {
            return .failure(
                Failure(
                    .renewalFailed, "there is no token of \(request.name) to hand on yet",
                    hint: "run it without --publish-only, which makes none"))
        }
        do throws(Failure) {
            return .success(try handover.hand([.secret(name, token, username: username)]))
        } catch {
            let method = request.renew.flatMap { renew in world.methods.first { $0.schema.name == renew.method } }
            return .failure(
                UndeliveredRule.failure(
                    UndeliveredRule.Facts(
                        credential: request.name, isRenewed: result.verdict == .renewed, generation: result.generation,
                        isDestructive: method?.isDestructive ?? true,
                        isPublished: result.published.contains { $0.status == .ok },
                        isInState: result.code != .stateUnusable,
                        stateOutlivesJob: request.storeIsNamed || world.pipeline == nil), because: error))
        }
    }
}

/// What a token that was not handed on means.
enum UndeliveredRule {
    struct Facts: Sendable {
        var credential: String
        /// Whether this very run has renewed it.
        var isRenewed: Bool
        /// The token's generation; nil for one that jobs do not share.
        var generation: Int?
        /// Whether the renewal has ended the old token.
        var isDestructive: Bool
        /// Whether a publish target has it.
        var isPublished: Bool
        /// Whether the state has it.
        var isInState: Bool
        /// Whether that state is still there when the job is over.
        var stateOutlivesJob: Bool
    }

    /// 21 for a token that is nowhere, or gone with the job; 40 where the state broke and a target saved the token; else 1,
    /// for the next run hands it on.
    static func failure(_ facts: Facts, because failure: Failure) -> Failure {
        let name = facts.credential
        guard facts.isRenewed else {
            return Failure(
                .unexpected, "\(CredentialName.token(of: name)) was not handed on: \(failure.message)",
                hint: failure.hint)
        }
        let what = "\(name) was renewed, but the new token was not handed on: \(failure.message)"
        if !facts.isDestructive {
            return Failure(.unexpected, what, hint: "mend that and run it again: the next run hands on a token as good")
        }
        switch (facts.isInState, facts.isPublished) {
        case (false, false):
            return Failure(
                .renewalInDoubt, what + "; the state broke, too, so the new token is lost and the old one is dead",
                hint: "make a new token and give it to the jobs")
        case (false, true): return Failure(.stateUnusable, what + "; the state broke, a publish target has it")
        case (true, false) where !facts.stateOutlivesJob:
            return Failure(
                .renewalInDoubt, what + "; it exists only in this job's own folder, and is lost with it",
                hint:
                    "in this very job, run `outlast refresh` again with an --export that works; after it, make a new token"
            )
        default:
            let generation = facts.generation.map { ", generation \($0)" } ?? ""
            return Failure(
                .unexpected, what,
                hint:
                    "the token is safe: mend that, and the next `outlast refresh` hands on the current one\(generation)"
            )
        }
    }
}
