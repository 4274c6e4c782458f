// `outlast refresh`: arguments to `RenewalRequest`.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct RefreshCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Renew one credential where too little of it is left, and hand every process the same new token.",
        discussion: """
            Renews once for all processes that share the state store: whoever presents a token that was renewed meanwhile \
            gets the current one, and the forge is not asked because of the old one. Needs the key of the secret cache \
            (OUTLAST_KEY, OUTLAST_KEY_FILE, OUTLAST_KEY_COMMAND or OUTLAST_PASSPHRASE).
            Ends with 0 when the token was renewed, reused or had enough left, 20 when renewal failed and the old token \
            still works, 21 when an operator must act, 22 when another process did not finish in --wait, 23 when a publish \
            target is still waiting for the new token.
            --export hands the current token to the job, whatever came of the renewal, as the variable that the \
            credential's `token: {env: NAME}` or --token-env names, else OUTLAST_TOKEN. In shells:
            eval "$(outlast refresh --export shell)".
            """)

    @OptionGroup(title: "Token sources") var tokens: TokenPlaces
    @Option(help: ArgumentHelp("Renew when less than this is left (1h; 2d for ends by date).", valueName: "duration"))
    var ifRemainingBelow: String?
    @Flag(help: "Renew whatever is left, once for the token that was presented.")
    var force = false
    @Option(help: ArgumentHelp("Bound on waiting for another process's renewal (120s).", valueName: "duration"))
    var wait: String?
    @Flag(help: "Only publish: what is still queued, and to targets that do not have the current token yet.")
    var publishOnly = false
    @Flag(help: "Say what would happen, asking harmless questions alone.")
    var dryRun = false
    @Flag(help: "The CI runs this job one at a time: a copy of the store is proof enough.")
    var exclusive = false
    @OptionGroup(title: "Handing on") var exporting: ExportOptions
    @Flag(help: "With --export: the caller carries the new token away, no other home is needed.")
    var unpublished = false
    // Taken to be refused with the reason; not listed.
    @OptionGroup(visibility: .hidden) var end: TokenEnd
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = RefreshReply.empty

    static func failedReply(_ failure: Failure) -> [JSONValue.Member] { RefreshReply.failed(failure, credential: nil) }

    func work(in session: Session) async throws(Failure) -> Report {
        try checkContradictions(session)
        let world = try session.renewingWorld()
        let subject = try subject(in: session, world)
        let handing = try handing(of: subject, in: session, world)
        let request = try request(for: subject, in: session, isCarriedAway: handing != nil)
        do throws(Failure) {
            try handing?.check()
            let history = try State.forRenewal(in: world)
            guard let store = history.store else { throw history.failure ?? .state("there is no state store") }
            return await report(request, store, handing, notes: history.warnings + modeNotes(session), world)
        } catch {
            return RefreshReply.report(error, credential: request.name)
        }
    }

    private func report(
        _ request: RenewalRequest, _ store: any HistoryStore, _ handing: HandedRenewal?, notes: [String], _ world: World
    ) async -> Report {
        do throws(FailedRenewal) {
            let result = try await RenewalFlow(world).attempt(request, history: store)
            let reply = RefreshReply(
                result, isDryRun: request.isDryRun, handed: dryRun ? nil : handing?.hand(result, of: request))
            return reply.report(notes: notes)
        } catch { return RefreshReply.report(error) }
    }

    private func checkContradictions(_ session: Session) throws(Failure) {
        if force && publishOnly { throw .usage("--force renews, --publish-only does not: give one") }
        if ifRemainingBelow != nil && publishOnly {
            throw .usage("--publish-only renews nothing, so --if-remaining-below has no meaning beside it")
        }
        if force && ifRemainingBelow != nil {
            throw .usage("--force renews whatever is left, so --if-remaining-below has no meaning beside it")
        }
        if session.options.world.isOffline && (force || publishOnly) {
            throw .usage(
                "\(force ? "--force" : "--publish-only") needs the network, --offline leaves it alone: give one",
                hint: "with --offline only a token that was renewed before can be handed on")
        }
        if unpublished && exporting.export.isEmpty {
            throw .usage("--unpublished says that the caller carries the token away: give --export with it")
        }
        if end.expiresAt != nil {
            throw .usage("--expires-at is for judging a token; a renewal asks the forge")
        }
    }

    private func request(
        for subject: Subject, in session: Session, isCarriedAway: Bool
    ) throws(Failure) -> RenewalRequest {
        var request = subject.request
        if let limit = try ArgumentText.duration(ifRemainingBelow, "--if-remaining-below") { request.limit = limit }
        if let wait = try ArgumentText.duration(wait, "--wait") { request.wait = wait }
        request.isForced = force
        request.publishOnly = publishOnly
        // `OUTLAST_MODE=warn` reports, and that is what a dry run does.
        request.isDryRun = dryRun || session.renewsNothing
        request.isExclusive = exclusive
        request.isUnpublished = unpublished
        request.isCarriedAway = isCarriedAway
        request.call = call(session.invocation.arguments)
        return request
    }

    /// The call without what only says how it answers: another `--export` than the one given would not go with it.
    private func call(_ arguments: [String]) -> [String] {
        var words: [String] = []
        var isValue = false
        for word in arguments {
            defer { isValue = word == "--format" }
            let isForm = ["--json", "--format", "--dry-run"].contains(word) || word.hasPrefix("--format=")
            if !isForm && !isValue { words.append(word) }
        }
        return words
    }

    /// What is renewed.
    private struct Subject {
        var request: RenewalRequest
        /// The user name that goes with the token, where one is configured.
        var username: String?
    }

    private func subject(in session: Session, _ world: World) throws(Failure) -> Subject {
        let assembly = RenewalAssembly(session, try session.configuration())
        let insecure = session.options.world.allowsInsecureHTTP
        let given = try tokens.given.requests(world: world, insecure: insecure)
        guard given.count + tokens.credential.count <= 1 else {
            throw .usage("one credential is renewed at a time, but \(given.count + tokens.credential.count) were named")
        }
        if let token = given.first { return Subject(request: assembly.request(for: token)) }
        let named = if let name = tokens.credential.first { try assembly.named(name) } else { try assembly.only() }
        var request = try assembly.request(for: named)
        if let api = try ArgumentText.url(tokens.apiUrl, "--api-url", insecure: insecure) { request.apiURL = api }
        if let forge = tokens.forge { request.forge = forge }
        return Subject(request: request, username: named.username)
    }

    private func handing(of subject: Subject, in session: Session, _ world: World) throws(Failure) -> HandedRenewal? {
        guard let handover = try exporting.handover(in: session, world) else { return nil }
        var name = ExportOptions.usualName
        if case .env(let variable) = subject.request.source { name = variable }
        return HandedRenewal(world, by: handover, name: name, username: subject.username)
    }

    private func modeNotes(_ session: Session) -> [String] {
        session.renewsNothing ? ["OUTLAST_MODE=warn: nothing was renewed, this is what would happen"] : []
    }
}
