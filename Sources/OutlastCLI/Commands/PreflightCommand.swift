// `outlast preflight`: arguments to `PreflightRequest`.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct PreflightCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "preflight",
        abstract: "Compare every credential's remaining life with how long this job will really take.",
        discussion: """
            Ends with 0 when every credential outlasts the job, 10 when a token will expire before the job ends, \
            11 when one has expired, 12 when its forge rejects it, 13 when its life is unknown (with --require-known), \
            14 when it lacks a scope.
            With --on-insufficient refresh or auto, what does not outlast the job is renewed first, or a token that was \
            renewed before is found, and 0 means that this one does; 21 when a token was lost on the way. The job was \
            started with the older one: `outlast refresh` exports the new one to it.
            With --on-insufficient ssh-fallback or auto, git goes over SSH where a credential has `ssh` and does not outlast \
            the job: it is written into the repository's own configuration, 0 means that it was proved, and `outlast \
            ssh-fallback` takes it back.
            """)

    @OptionGroup(title: "Token sources") var tokens: TokenOptions
    @Option(help: ArgumentHelp("How long the whole job takes; wins over history.", valueName: "duration"))
    var duration: String?
    @Option(help: ArgumentHelp("Quantile of the estimate from history, 0.5 to 0.999 (0.95).", valueName: "q"))
    var quantile: String?
    @Option(help: ArgumentHelp("Reserve on top of the estimate (5m).", valueName: "duration"))
    var margin: String?
    @Option(help: ArgumentHelp("Ask for this much remaining life instead of any estimate.", valueName: "duration"))
    var minRemaining: String?
    @Option(help: ArgumentHelp("A scope that the token must have. May be repeated.", valueName: "scope"))
    var needsScope: [String] = []
    @Option(help: ArgumentHelp("fail, warn, refresh, ssh-fallback or auto (fail).", valueName: "remedy"))
    var onInsufficient: String?
    @Flag(help: "Fail with 13 when a token's life is not known.")
    var requireKnown = false
    @Flag(help: "Ask the forge whatever is remembered.")
    var fresh = false
    @Option(help: ArgumentHelp("Bound on all requests together (30s).", valueName: "duration"))
    var deadline: String?
    @Option(help: ArgumentHelp("Also write the figures to this dotenv file.", valueName: "file"))
    var dotenv: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = PreflightReply.empty

    static func failedReply(_ failure: Failure) -> [JSONValue.Member] { PreflightReply.failed(failure) }

    func work(in session: Session) async throws(Failure) -> Report {
        let configuration = try session.configuration()
        let action: OnInsufficient? = try ArgumentText.choice(onInsufficient, "--on-insufficient")
        let wanted = session.renewsNothing ? .warn : action ?? configuration.onInsufficient
        let acts = [.refresh, .auto, .sshFallback].contains(wanted)
        var world = acts ? try session.renewingWorld() : try session.world()
        if [.auto, .sshFallback].contains(wanted) { world = world.reachingForges(of: configuration.credentials) }
        let request = try request(in: session, world, configuration, wanted)
        let outcome = try await PreflightFlow(world, git: session.wiring.git).run(request)
        let reply = PreflightReply(
            outcome, onInsufficient: wanted, hasSSH: configuration.credentials.contains { $0.ssh != nil })
        let told = announce(reply, world, session)
        // A report that was asked for and is not there is a failure, but never instead of the verdict.
        let code = reply.code == .done && told.isReportMissing ? ExitCode.unexpected : reply.code
        return Report(
            code: code, notes: reply.notes + told.notes, runnerLines: told.lines, json: { reply.json },
            text: { reply.text($0) })
    }

    private func request(
        in session: Session, _ world: World, _ configuration: Configuration, _ wanted: OnInsufficient
    ) throws(Failure) -> PreflightRequest {
        let minRemaining = try ArgumentText.duration(minRemaining, "--min-remaining")
        let duration = try ArgumentText.duration(duration, "--duration")
        if minRemaining != nil && duration != nil {
            throw .usage("--min-remaining replaces the estimate, so --duration has no meaning beside it")
        }
        if fresh && session.options.world.isOffline {
            throw .usage("--fresh asks the forge, --offline does not: give one")
        }
        let credentials = try tokens.given.credentials(
            configuration, world: world, insecure: session.options.world.allowsInsecureHTTP, takesMinted: true)
        let assembly = RenewalAssembly(session, configuration)
        var renewals: [RenewalRequest?] = []
        if [.refresh, .auto].contains(wanted) {
            for credential in credentials { renewals.append(try assembly.remedy(for: credential)) }
        }
        var mints: [RenewalRequest?] = []
        for credential in credentials {
            let isMinted = credential.source == nil
            mints.append(isMinted ? try assembly.request(for: try assembly.named(credential.name)) : nil)
        }
        var made = PreflightRequest(
            credentials: credentials,
            duration: duration, minRemaining: minRemaining,
            quantile: try ArgumentText.quantile(quantile, "--quantile") ?? configuration.quantile,
            margin: try ArgumentText.duration(margin, "--margin") ?? configuration.margin,
            defaultDuration: configuration.defaultDuration, neededScopes: needsScope,
            onInsufficient: wanted, requireKnown: requireKnown, isFresh: fresh,
            isOffline: session.options.world.isOffline, recheckAfter: configuration.recheckAfter,
            timeout: session.options.timeout ?? .seconds(10),
            deadline: try ArgumentText.duration(deadline, "--deadline", positive: true) ?? .seconds(30),
            isStrict: session.options.isStrict, renewals: renewals)
        made.mints = mints
        if [.sshFallback, .auto].contains(wanted), !session.options.world.isOffline {
            made.folder = session.invocation.workingFolder
            made.fallbacks = credentials.map { credential in
                configuration.credentials.first { $0.name == credential.name && $0.ssh != nil }
            }
        }
        return made
    }

    /// What came of telling the CI.
    private struct Told {
        /// Lines that the CI's runner reads from the log.
        var lines: [String] = []
        /// What could not be written.
        var notes: [String] = []
        /// Whether the file of `--dotenv` could not be written.
        var isReportMissing = false
    }

    /// Tells the CI. What cannot be written is told to the user instead: the verdict stands either way.
    private func announce(_ reply: PreflightReply, _ world: World, _ session: Session) -> Told {
        var told = Told()
        if let dotenv {
            do throws(Failure) {
                let text = try session.wiring.dotenv(reply.notice.outputs)
                try world.files.writeAtomically(dotenv, Array(text.utf8), permissions: 0o600)
            } catch {
                told.notes.append("the report for later jobs is missing: \(error.message)")
                told.isReportMissing = true
            }
        }
        guard let pipeline = world.pipeline else { return told }
        let delimiter = "outlast-" + SHA256Digest(hashing: world.random(32)).hex
        for announcement in pipeline.announce(reply.notice, in: world.variables, delimiter: delimiter) {
            switch announcement {
            case .append(let path, let text):
                do throws(Failure) { try world.files.append(path, Array(text.utf8)) } catch {
                    told.notes.append("the CI was not told: \(error.message)")
                }
            case .log(let line): told.lines.append(line)
            }
        }
        return told
    }
}
