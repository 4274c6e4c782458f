// What holds for every forge that lets in deploy keys: looked for before it is asked, asked once as long as that can be
// told, silent about the token, and never a yes where nothing sensible came back.
public import OutlastModel
import Synchronization
import Testing

/// The properties of a forge's deploy keys.
public struct DeployKeyForgeConformance: Sendable {
    private let forge: any DeployKeyForge
    private let api: ServerURL
    private let repository: String
    private let shown: @Sendable (_ id: Int, DeployKeyRequest) -> String
    private let request: DeployKeyRequest
    private static let canary = "canary-token-0123456789"

    /// Checks a forge. `shown` is how it shows a key, as a JSON object.
    public init(
        _ forge: any DeployKeyForge, api: ServerURL, repository: String, request: DeployKeyRequest,
        shown: @escaping @Sendable (_ id: Int, DeployKeyRequest) -> String
    ) {
        self.forge = forge
        self.api = api
        self.repository = repository
        self.request = request
        self.shown = shown
    }

    /// All properties.
    public func check() async {
        await checkHappy()
        for broken in BrokenAnswer.all {
            await checkAllBroken(broken)
            await checkLostAnswer(broken)
            await checkRemoval(broken)
        }
        await checkThrottle()
        await checkChance()
    }

    private func context(_ transport: any HTTPTransport) -> DeployKeyContext {
        DeployKeyContext(
            credential: "release", token: Secret(Self.canary), api: api, repository: repository,
            timeout: .seconds(10), transport: transport, clock: FixedClock("2026-11-20T22:10:00Z"))
    }

    private func isSilent(_ text: String) -> Bool { !text.contains("canary") }

    private func expectSilence(_ transport: ScriptedTransport, _ label: Comment) {
        for sent in transport.requests {
            #expect(isSilent(sent.url.text) && sent.url.origin == api.origin, label)
            let body = sent.body?.content.withBytes { String(decoding: $0, as: UTF8.self) } ?? ""
            #expect(isSilent(body), label)
        }
    }

    private func posts(_ transport: ScriptedTransport) -> Int {
        transport.requests.filter { $0.method == "POST" }.count
    }

    // MARK: - A forge in memory

    /// Keeps one key. The answer to a POST is `spoilt` after it took effect, where that is given.
    private func memory(
        takes: Bool = true, spoilt: Result<HTTPResponse, Failure>? = nil
    ) -> ScriptedTransport {
        let isThere = Mutex(false)
        return ScriptedTransport { [shown, request] sent in
            switch sent.method {
            case "GET" where sent.url.path.hasSuffix("/7"):
                return .success(isThere.withLock { $0 } ? .json(shown(7, request)) : .json("{}", status: 404))
            case "GET": return .success(.json(isThere.withLock { $0 } ? "[\(shown(7, request))]" : "[]"))
            case "POST":
                if takes { isThere.withLock { $0 = true } }
                return spoilt ?? .success(.json(shown(7, request), status: 201))
            default:
                isThere.withLock { $0 = false }
                return .success(HTTPResponse(status: 204, headers: [], body: []))
            }
        }
    }

    private func checkHappy() async {
        let transport = memory()
        let context = context(transport)
        for round in 1...2 {
            guard case .registered(let key) = await forge.register(request, context) else {
                Issue.record("\(forge.id): a key that the forge takes is not registered, round \(round)")
                return
            }
            #expect(key.id == "7" && key.key == request.key && key.canPush == request.canPush && key.isEnabled)
        }
        #expect(posts(transport) == 1, "a key that is there is not asked for again")
        #expect((try? await forge.find(request.key, context).map(\.id)) == ["7"])
        #expect((try? await forge.find(title: request.title, context).map(\.id)) == ["7"])
        for _ in 1...2 {
            do throws(Failure) { try await forge.remove(request.key, context) } catch {
                Issue.record("\(forge.id): \(error)")
            }
        }
        #expect((try? await forge.list(context)) == [])
        expectSilence(transport, "\(forge.id)")
    }

    // MARK: - Answers that are none

    private func checkAllBroken(_ broken: BrokenAnswer) async {
        // An empty list is an answer.
        if broken.name == "a list" { return }
        let label: Comment = "\(forge.id), always: \(broken.name)"
        let transport = ScriptedTransport { _ in broken.answer }
        guard case .refused(let failure) = await forge.register(request, context(transport)) else {
            Issue.record(label)
            return
        }
        #expect(posts(transport) == 0 && isSilent(failure.description), label)
        #expect(failure.code != .unexpected && failure.code != .done, label)
        await #expect(throws: Failure.self, label) { try await forge.list(context(transport)) }
        expectSilence(transport, label)
    }

    /// A POST whose answer is broken: nothing is there, or the key is.
    private func checkLostAnswer(_ broken: BrokenAnswer) async {
        let label: Comment = "\(forge.id), to a POST: \(broken.name)"
        let nothing = memory(takes: false, spoilt: broken.answer)
        switch await forge.register(request, context(nothing)) {
        case .registered: Issue.record("\(label): believed")
        case .refused(let failure), .inDoubt(let failure): #expect(isSilent(failure.description), label)
        }
        #expect((1...2).contains(posts(nothing)), label)
        expectSilence(nothing, label)
        let taken = memory(spoilt: broken.answer)
        if case .registered(let key) = await forge.register(request, context(taken)) { #expect(key.id == "7", label) }
        #expect(posts(taken) == 1, "\(label): asked for once")
    }

    private func checkRemoval(_ broken: BrokenAnswer) async {
        let label: Comment = "\(forge.id), to a DELETE: \(broken.name)"
        // Gone all the same: that is what counts. A refusal is believed.
        let gone = ScriptedTransport { sent in sent.method == "DELETE" ? broken.answer : .success(.json("[]")) }
        do throws(Failure) { try await forge.remove("7", context(gone)) } catch {
            #expect(isSilent(error.description), label)
        }
        // Still there: nothing but a 204 is a yes.
        let still = ScriptedTransport { [shown, request] sent in
            sent.method == "DELETE" ? broken.answer : .success(.json("[\(shown(7, request))]"))
        }
        var isRemoved = true
        do throws(Failure) { try await forge.remove("7", context(still)) } catch { isRemoved = false }
        #expect(isRemoved == (broken.name == "nothing with 204"), label)
        #expect(still.requests.filter { $0.method == "DELETE" }.count <= 2, label)
    }

    private func checkThrottle() async {
        let transport = ScriptedTransport { _ in
            .success(.text("Retry later", status: 429, headers: [("Retry-After", "30")]))
        }
        guard case .refused(let failure) = await forge.register(request, context(transport)) else {
            Issue.record("\(forge.id): a limit is no answer")
            return
        }
        #expect(failure.code == .slowDown && transport.requests.count == 1, "\(forge.id)")
    }

    private func checkChance() async {
        var random = SeededRandom(seed: 20_261_123)
        for round in 0..<300 {
            let answer = RandomAnswer.next(&random)
            let label: Comment = "\(forge.id), round \(round)"
            switch await forge.register(request, context(ScriptedTransport { _ in .success(answer) })) {
            case .registered: Issue.record("\(label): believed")
            case .refused(let failure), .inDoubt(let failure): #expect(isSilent(failure.description), label)
            }
            let keys = try? await forge.hostKeys(
                HostKeyQuestion(
                    host: api.origin.host, port: 22, api: api, token: Secret(Self.canary), timeout: .seconds(10)),
                over: ScriptedTransport { _ in .success(answer) }, clock: FixedClock("2026-11-20T22:10:00Z"))
            #expect(keys == nil || keys == .some(nil), label)
        }
    }
}
