// One repository's deploy keys: let in once, looked for whenever an answer was lost, removed for good.
import OutlastModel

/// The conversation about one repository's keys.
struct DeployKeyShelf: Sendable {
    /// The most pages of a list that are read.
    static let mostPages = 100
    /// The most times that one key is asked for.
    static let mostTries = 2

    private let speech: any DeployKeySpeech
    private let context: DeployKeyContext
    private let client: APIClient
    private let credential: (name: String, value: HeaderValue)
    /// Where the list ought to be. A repository that was renamed shows its keys elsewhere on the same server, and takes new
    /// ones there alone.
    private let shelf: ServerURL

    /// - Throws: `configuration` (78) for a text that is no repository's name.
    init(_ speech: any DeployKeySpeech, _ context: DeployKeyContext) throws(Failure) {
        self.speech = speech
        self.context = context
        client = APIClient(
            speech.dialect, api: context.api, over: context.transport, clock: context.clock, timeout: context.timeout)
        credential = speech.credential(context.token)
        shelf = context.api.appending(try speech.shelf(context))
    }

    // MARK: - Looking

    /// What a look at the repository's keys showed.
    struct View: Sendable {
        let keys: [DeployKey]
        /// The forge's clock.
        let now: Instant
        /// Where the list was in the end.
        let shelf: ServerURL
    }

    /// All keys.
    func list() async throws(Failure) -> View {
        var keys: [DeployKey] = []
        let first = shelf.appending("", query: "per_page=100")
        var page = try await client.ask(client.request("GET", first, credential: credential))
        let found = page.url.appending("")
        for _ in 0..<Self.mostPages {
            guard page.status == 200 else { throw speech.refusal(page, context) }
            guard let elements = page.json?.elements else { throw page.notTheAPI(page.nature) }
            for element in elements { keys.append(try speech.key(element, page)) }
            guard let next = try client.pageAfter(page) else {
                return View(keys: keys, now: page.forgeNow, shelf: found)
            }
            page = try await client.ask(client.request("GET", next, credential: credential))
        }
        throw page.notTheAPI("a list of keys that does not end after \(Self.mostPages) pages")
    }

    /// A key by its number; nil when it is not there.
    private func read(_ id: String, on shelf: ServerURL) async throws(Failure) -> DeployKey? {
        let answer = try await client.ask(client.request("GET", shelf.appending("/\(id)"), credential: credential))
        if answer.status == 404 { return nil }
        guard answer.status == 200 else { throw speech.refusal(answer, context) }
        return try speech.key(try answer.object(), answer)
    }

    // MARK: - Letting in

    /// Lets a key in. Asking first shows what is there, and that the token may ask, before anything is changed.
    func register(_ request: DeployKeyRequest) async -> DeployKeyAnswer {
        let known: [DeployKey]
        let place: ServerURL
        do throws(Failure) {
            guard !request.title.isEmpty else {
                throw .configuration("a deploy key of credential \(context.credential) has no title")
            }
            let view = try await list()
            if let end = request.expiresAt, end <= view.now {
                throw .usage(
                    "a deploy key that ends at \(end.text) would be over: \(speech.dialect.name) has \(view.now.text)",
                    hint: "ask for a longer life, and check the clock of this machine")
            }
            known = view.keys.filter { $0.key == request.key }
            place = view.shelf
        } catch { return .refused(error) }
        if let same = known.first(where: { isAsAsked($0, request) && hasEnd($0, of: request) }) {
            return .registered(same)
        }
        do throws(Failure) { for key in known { try await remove(key.id) } } catch { return .inDoubt(error) }
        return await send(request, to: place)
    }

    private func send(_ request: DeployKeyRequest, to place: ServerURL) async -> DeployKeyAnswer {
        var doubt = ""
        for _ in 0..<Self.mostTries {
            var refusal: Failure?
            switch await DecisiveRequest(client: client).send(
                client.request("POST", place, credential: credential, body: speech.body(request)))
            {
            case .verdict(.refused(let failure)): return .refused(failure)
            case .verdict(.inDoubt(let failure)): doubt = failure.message
            case .verdict(.renewed): doubt = "the answer was none of the API's"
            case .answer(let answer) where (200..<300).contains(answer.status):
                if let key = shown(answer, request) { return await confirmed(key, request, on: place) }
                doubt = "\(answer.host) answered \(answer.status) with \(answer.nature)\(answer.trace)"
            case .answer(let answer):
                refusal = speech.refusal(answer, context)
                if !speech.isTaken(answer), let refusal { return .refused(refusal) }
                doubt = "it knows the key already"
            }
            if let found = await lookAgain(request, doubt: doubt) { return found }
            if let refusal { return .refused(refusal) }
        }
        return .inDoubt(lost(request, doubt))
    }

    /// What became of a request whose answer does not tell; nil when the key is not there (yet).
    private func lookAgain(_ request: DeployKeyRequest, doubt: String) async -> DeployKeyAnswer? {
        do throws(Failure) {
            let found = try await list().keys.first { $0.key == request.key }
            return if let found { await judged(found, request) } else { nil }
        } catch { return .inDoubt(lost(request, "\(doubt); then: \(error.message)")) }
    }

    /// The key of an answer; nil when the answer shows another one, or none.
    private func shown(_ answer: APIAnswer, _ request: DeployKeyRequest) -> DeployKey? {
        do throws(Failure) {
            let key = try speech.key(try answer.object(), answer)
            return key.key == request.key ? key : nil
        } catch { return nil }
    }

    /// Reads a key back. Where that cannot be done, or not yet, the answer that showed it is believed: what the key is worth
    /// is proved by using it.
    private func confirmed(
        _ key: DeployKey, _ request: DeployKeyRequest, on place: ServerURL
    ) async -> DeployKeyAnswer {
        let back: DeployKey?
        do throws(Failure) { back = try await read(key.id, on: place) } catch { back = nil }
        guard let back else { return await judged(key, request) }
        guard back.key == request.key else {
            return .inDoubt(
                lost(request, "\(speech.dialect.name) took it as number \(key.id) and shows another key there"))
        }
        return await judged(back, request)
    }

    // MARK: - Judging

    private func isAsAsked(_ key: DeployKey, _ request: DeployKeyRequest) -> Bool {
        key.canPush == request.canPush && key.isEnabled
    }

    /// Whether a key that was there before ends when the new one is to end, to the second.
    private func hasEnd(_ key: DeployKey, of request: DeployKeyRequest) -> Bool {
        guard let end = request.expiresAt else { return key.expiry.instant == nil }
        guard let kept = key.expiry.instant else { return !speech.keepsEnds }
        return kept.seconds == end.seconds
    }

    /// A key that is there and not as asked is of no use, and would be left behind.
    private func judged(_ key: DeployKey, _ request: DeployKeyRequest) async -> DeployKeyAnswer {
        if isAsAsked(key, request) { return .registered(key) }
        let why =
            key.isEnabled
            ? "\(speech.dialect.name) took the key \(key.canPush ? "with" : "without") the right to push, "
                + "which is not what was asked"
            : "\(speech.dialect.name) took the key and keeps it switched off: a policy of its organization or "
                + "enterprise forbids deploy keys"
        let failure = context.unwanted(
            why, hint: key.isEnabled ? nil : "ask an owner to allow deploy keys, or give `ssh: {key: …}` another key")
        do throws(Failure) { try await remove(key.id) } catch {
            return .inDoubt(
                Failure(
                    failure.code, "\(failure.message); it could not be removed again: \(error.message)",
                    hint: failure.hint))
        }
        return .refused(failure)
    }

    private func lost(_ request: DeployKeyRequest, _ doubt: String) -> Failure {
        .unreachable(
            context.unmanaged(
                "nobody can tell whether the key `\(request.title)` (\(request.key.fingerprint)) was registered: "
                    + doubt
            ),
            hint: "look for it among the repository's deploy keys, and remove it there")
    }

    // MARK: - Removing

    /// Removes a key. Whatever the answer, what counts is that it is not listed any more.
    func remove(_ id: String) async throws(Failure) {
        guard !id.isEmpty, id.utf8.count <= 20, id.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw .configuration("`\(SafeText.line(id, limit: 60))` is no deploy key's number")
        }
        var doubt = ""
        var place = shelf
        for _ in 0..<Self.mostTries {
            var refusal: Failure?
            switch await DecisiveRequest(client: client).send(
                client.request("DELETE", place.appending("/\(id)"), credential: credential))
            {
            case .verdict(.refused(let failure)): throw failure
            case .verdict(.inDoubt(let failure)): doubt = failure.message
            case .verdict(.renewed): doubt = "the answer was none of the API's"
            case .answer(let answer):
                if answer.status == 204 { return }
                let isSuccess = (200..<300).contains(answer.status)
                guard isSuccess || answer.status == 404 else { throw speech.refusal(answer, context) }
                refusal = isSuccess ? nil : speech.refusal(answer, context)
                doubt = "\(answer.host) answered \(answer.status) with \(answer.nature)\(answer.trace)"
            }
            let view = try await list()
            guard view.keys.contains(where: { $0.id == id }) else { return }
            place = view.shelf
            if let refusal { throw refusal }
        }
        throw .unreachable(
            context.unmanaged("deploy key \(id) was not removed: \(doubt)"),
            hint: "remove it among the repository's deploy keys, or try again later")
    }
}
