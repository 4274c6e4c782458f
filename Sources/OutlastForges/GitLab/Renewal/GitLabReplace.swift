// `gitlab-replace`: a managing credential makes the successor, and revokes the old token when no running job can need it.
import OutlastModel

/// Make-before-break of a GitLab access token.
struct GitLabReplace: RenewalMethod {
    /// A second request makes a second successor and harms nothing.
    let isDestructive = false

    /// Long enough for any job of a day.
    static let standardGrace = Duration.seconds(86_400)

    var schema: SettingsSchema { RenewalSchemas.gitlabReplace }

    /// These tokens end on dates.
    var standardLimit: Duration { GitLabLifetime.standardLimit }

    func longestLife(_ context: RenewalContext, at now: Instant) -> Duration? {
        GitLabLifetime.longestLife(context, at: now)
    }

    /// Side effect of creating tokens of projects and groups (facts section 1.11).
    var warning: String? {
        "each new token of a project or group acts as a new bot user: it is the author of what it pushes, counts as a new "
            + "member, and protected branches, approvals and merge rules that name the old bot no longer let it in"
    }

    func identity(_ context: RenewalContext) throws(Failure) -> [(name: String, value: String)] { [] }

    func root(_ context: RenewalContext) throws(Failure) -> (secret: Secret, purpose: SecretPurpose)? { nil }

    func firstBundle(presented: Secret?, _ context: RenewalContext) throws(Failure) -> TokenBundle? {
        presented.map { TokenBundle(access: $0) }
    }

    func grace(_ context: RenewalContext) -> Duration { context.settings.duration("grace") ?? Self.standardGrace }

    func check(_ current: TokenBundle?, _ context: RenewalContext) async throws(Failure) {
        _ = try await GitLabSuccession(of: try context.neededToken(current), context)
    }

    func renew(_ current: TokenBundle?, _ context: RenewalContext) async -> RenewalAnswer {
        let window = RequestWindow(context.timeout, from: context.clock)
        let succession: GitLabSuccession
        do throws(Failure) {
            succession = try await GitLabSuccession(of: try context.neededToken(current), context)
        } catch { return .refused(error) }
        return await succession.send(within: window)
    }

    func probe(_ bundle: TokenBundle, _ context: RenewalContext) async -> ProbeAnswer {
        await GitLabRotate.probe(bundle.access, context)
    }

    /// Revokes the old token once a successor of its name has lived for the grace. GitLab's own times decide, so that it
    /// does not matter when or how often this is called.
    ///
    /// - Throws: `renewalFailed` (20) while the grace lasts or no successor is to be seen.
    func retire(_ old: TokenBundle, _ context: RenewalContext) async throws(Failure) {
        guard let keeper = try GitLabKeeper(context) else { return }
        let found: (record: GitLabTokenRecord, place: GitLabPlace)
        do throws(Failure) { found = try await GitLabSuccession.find(old.access, keeper, context) } catch {
            if error.code == .expired || error.code == .rejected { return }
            throw error
        }
        let siblings = try await keeper.siblings(of: found.record, in: found.place)
        let newer = siblings.filter { $0.id > found.record.id }.compactMap(\.createdAt).max()
        guard let newer else {
            throw context.refused("no successor of the old token is to be seen, so it was not revoked")
        }
        let end = newer.advanced(by: grace(context))
        guard found.record.forgeNow >= end else {
            throw context.refused("the old token stays alive until \(end.text) for jobs that still use it")
        }
        try await keeper.revoke(found.record, in: found.place)
    }

    func rescueAdvice(_ context: RenewalContext) -> String {
        "the old token still works: run `outlast refresh` again; a token that was made and never seen ends on its own "
            + "date, or revoke the newest one of the same name in GitLab"
    }
}
