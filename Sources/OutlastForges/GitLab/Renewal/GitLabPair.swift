// `gitlab-pair`: two tokens take turns. Only the idle one is rotated, so jobs that run keep theirs until the turn after.
import OutlastModel

/// A pair of GitLab access tokens behind one name.
struct GitLabPair: RenewalMethod {
    let isDestructive = true

    var schema: SettingsSchema { RenewalSchemas.gitlabPair }

    /// These tokens end on dates.
    var standardLimit: Duration { GitLabLifetime.standardLimit }

    func longestLife(_ context: RenewalContext, at now: Instant) -> Duration? {
        GitLabLifetime.longestLife(context, at: now)
    }

    func identity(_ context: RenewalContext) throws(Failure) -> [(name: String, value: String)] { [] }

    func root(_ context: RenewalContext) throws(Failure) -> (secret: Secret, purpose: SecretPurpose)? { nil }

    func firstBundle(presented: Secret?, _ context: RenewalContext) throws(Failure) -> TokenBundle? {
        presented.map { TokenBundle(access: $0) }
    }

    func check(_ current: TokenBundle?, _ context: RenewalContext) async throws(Failure) {
        _ = try await turn(current, context)
    }

    func renew(_ current: TokenBundle?, _ context: RenewalContext) async -> RenewalAnswer {
        let window = RequestWindow(context.timeout, from: context.clock)
        let turn: Turn
        do throws(Failure) { turn = try await self.turn(current, context) } catch { return .refused(error) }
        let answer =
            switch turn {
            case .rotate(let rotation): await rotation.send(within: window)
            case .make(let succession): await succession.send(within: window)
            }
        guard case .renewed(var bundle) = answer else { return answer }
        bundle.partner = current?.access
        return .renewed(bundle)
    }

    /// The token that jobs use; the idle one is asked about whenever it is to be rotated.
    func probe(_ bundle: TokenBundle, _ context: RenewalContext) async -> ProbeAnswer {
        await GitLabRotate.probe(bundle.access, context)
    }

    /// The old one stays as the idle one.
    func retire(_ old: TokenBundle, _ context: RenewalContext) async throws(Failure) {}

    func rescueAdvice(_ context: RenewalContext) -> String {
        "jobs go on with the other token of the pair, so nothing is broken before it ends; with a managing credential "
            + "(`renew: {with: NAME}`) `outlast refresh` makes a new partner"
    }

    private enum Turn: Sendable {
        case rotate(GitLabRotation)
        case make(GitLabSuccession)
    }

    /// Whose turn it is: the idle token's, or, where there is none any more, that of a new one.
    private func turn(_ current: TokenBundle?, _ context: RenewalContext) async throws(Failure) -> Turn {
        let access = try context.neededToken(current)
        guard let idle = current?.partner else { return .make(try await GitLabSuccession(of: access, context)) }
        do throws(Failure) {
            return .rotate(try await GitLabRotation(of: idle, context))
        } catch {
            let isGone = [.expired, .rejected, .renewalFailed].contains(error.code)
            guard isGone, context.word("with") != nil else { throw explained(error, context) }
            return .make(try await GitLabSuccession(of: access, context))
        }
    }

    private func explained(_ failure: Failure, _ context: RenewalContext) -> Failure {
        guard failure.code == .expired || failure.code == .rejected else { return failure }
        // The token that jobs use is fine: the codes for a dead one would be a lie.
        return context.refused(
            "the idle token of the pair is dead (\(failure.message))",
            hint:
                "name a managing credential (`renew: {with: NAME}`), which makes a new one; or choose `min_remaining` "
                + "above half of `lifetime`, so that the idle token is still alive when its turn comes")
    }
}
