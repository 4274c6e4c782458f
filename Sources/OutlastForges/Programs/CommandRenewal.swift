// `command`: a program of the operator's mints the token. Started without a shell, bounded in time, believed by its exit
// code.
import OutlastModel

/// Minting by a program.
struct CommandRenewal: RenewalMethod {
    let isDestructive = false

    var schema: SettingsSchema { RenewalSchemas.command }

    /// What a source hands out to one job is not meant for all (contract, section 11).
    let isSharedByToken = false

    func identity(_ context: RenewalContext) throws(Failure) -> [(name: String, value: String)] {
        // Each word with its length: no two commands read alike.
        let words = try command(context).map { "\($0.utf8.count):\($0)" }
        return [("command", words.joined())]
    }

    func root(_ context: RenewalContext) throws(Failure) -> (secret: Secret, purpose: SecretPurpose)? {
        try ProgramToken.root(context)
    }

    func firstBundle(presented: Secret?, _ context: RenewalContext) throws(Failure) -> TokenBundle? {
        presented.map { token in
            TokenBundle(access: token, expiry: JWTReader.expiry(of: token).map(Expiry.at) ?? .unknown)
        }
    }

    /// There is no harmless question to a program.
    func check(_ current: TokenBundle?, _ context: RenewalContext) async throws(Failure) { _ = try command(context) }

    func renew(_ current: TokenBundle?, _ context: RenewalContext) async -> RenewalAnswer {
        do throws(Failure) {
            let words = try command(context)
            let program = SafeText.line(words[0], limit: 120)
            let answer: ProcessAnswer
            do throws(Failure) {
                answer = try await context.processes.ask(
                    ProcessQuestion(words, environment: context.variables.all, timeout: context.timeout))
            } catch { throw context.refused("\(program) failed: \(error.message)", hint: error.hint) }
            guard answer.code == 0 else {
                let said = answer.errors.split(separator: "\n").last.map { ": \(SafeText.line(String($0)))" } ?? ""
                throw context.refused("\(program) ended with \(answer.code)\(said)")
            }
            guard let bundle = ProgramToken.read(answer.output, at: context.clock.now()) else {
                throw context.refused(
                    "what \(program) wrote on stdout is no token",
                    hint: #"it has to be the bare token, or {"token": "…", "expires_at": "2027-01-31T00:00:00Z"}"#)
            }
            return .renewed(bundle)
        } catch { return .refused(error) }
    }

    func probe(_ bundle: TokenBundle, _ context: RenewalContext) async -> ProbeAnswer {
        await ProgramToken.probe(bundle, context)
    }

    /// Whether old tokens end is the program's business.
    func retire(_ old: TokenBundle, _ context: RenewalContext) async throws(Failure) {}

    func rescueAdvice(_ context: RenewalContext) -> String {
        "the program can be asked again: run `outlast refresh`; if it hands out each token once, look into its own records"
    }

    private func command(_ context: RenewalContext) throws(Failure) -> [String] {
        guard let words = context.settings.texts("command"), words.first?.isEmpty == false else {
            throw .configuration(
                "credential \(context.credential) has no command to run", hint: "write `command: [program, argument]`")
        }
        return words
    }
}
