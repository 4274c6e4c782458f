// `gitlab-rotate`: the token rotates itself, or a managing credential rotates it by its number. The old one dies at once.
import OutlastModel

/// Rotation of a GitLab access token.
struct GitLabRotate: RenewalMethod {
    let isDestructive = true

    var schema: SettingsSchema { RenewalSchemas.gitlabRotate }

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
        _ = try await GitLabRotation(of: try context.neededToken(current), context)
    }

    func renew(_ current: TokenBundle?, _ context: RenewalContext) async -> RenewalAnswer {
        let window = RequestWindow(context.timeout, from: context.clock)
        let rotation: GitLabRotation
        do throws(Failure) {
            rotation = try await GitLabRotation(of: try context.neededToken(current), context)
        } catch { return .refused(error) }
        return await rotation.send(within: window)
    }

    func probe(_ bundle: TokenBundle, _ context: RenewalContext) async -> ProbeAnswer {
        await GitLabRotate.probe(bundle.access, context)
    }

    /// The old token died with the rotation.
    func retire(_ old: TokenBundle, _ context: RenewalContext) async throws(Failure) {}

    func rescueAdvice(_ context: RenewalContext) -> String { GitLabRescue.advice(context) }

    /// Asks a token about itself.
    static func probe(_ token: Secret, _ context: RenewalContext) async -> ProbeAnswer {
        do throws(Failure) {
            let api = try context.neededAPI()
            return await GitLabSession(client: context.client(GitLab.dialect, at: api), token: token).probe()
        } catch { return .unknown(error) }
    }
}

/// What to do when GitLab has a new token that nobody holds (facts section 1.10).
enum GitLabRescue {
    static func advice(_ context: RenewalContext) -> String {
        let api = (context.managingAPI ?? context.api)?.text ?? "https://HOST/api/v4"
        let call = #"printf 'header = "PRIVATE-TOKEN: %s"\n' "$ADMIN_TOKEN" | curl -K -"#
        return "the new token exists at GitLab and nobody holds it; an owner's or administrator's token with scope api "
            + "(ADMIN_TOKEN) can make another of it: find its ID, the newest active one of the same name, by `\(call) "
            + "'\(api)/personal_access_tokens?state=active&sort=created_desc'` (for a project's or group's token "
            + "\(api)/projects/ID/access_tokens or /groups/ID/access_tokens in its place), rotate it by `\(call) -X POST "
            + "'\(api)/personal_access_tokens/ID/rotate?expires_at=YYYY-MM-DD'`, and give the `token` of that answer to "
            + "the job"
    }
}
