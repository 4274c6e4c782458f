// What holds for every forge, whoever it is. A forge's tests call this with its own name and nothing more.
public import OutlastModel
import Testing

/// The properties of a forge.
public struct ForgeConformance: Sendable {
    private let forge: any Forge
    private let api: ServerURL
    private let token = Secret("canary-0123456789-abcdefghijklmnopqrstuvwxyz")
    private let clock = FixedClock("2026-11-20T22:10:00Z")

    /// Checks a forge; `path` is what its API's base has behind the host.
    public init(_ forge: any Forge, path: String = "") throws {
        self.forge = forge
        api = try #require(ServerURL("https://forge.example.com" + path))
    }

    /// All properties.
    public func check() async {
        checkKinds()
        checkScopes()
        await checkSilence()
        for kind in forge.kinds + [.opaque] where forge.canInspect(kind) {
            for broken in BrokenAnswer.all { await check(broken, kind) }
            await checkThrottles(kind)
            await checkChance(kind)
        }
    }

    private func ask(_ kind: TokenKind, _ transport: ScriptedTransport) async -> Result<TokenReading, Failure> {
        let question = TokenQuestion(token: token, api: api, kind: kind, timeout: .seconds(10))
        do throws(Failure) {
            return .success(try await forge.inspect(question, over: transport, clock: clock))
        } catch {
            return .failure(error)
        }
    }

    private func checkKinds() {
        #expect(Set(forge.kinds.map(\.id)).count == forge.kinds.count, "\(forge.id): kinds with equal names")
        for kind in forge.kinds {
            #expect(kind.forge == forge.id || kind.forge == nil, "\(kind.id) belongs to \(forge.id)")
            #expect(kind.prefixes.allSatisfy { $0.utf8.count >= 3 }, "\(kind.id): a prefix that fits everything")
            #expect(!kind.renewal.reason.isEmpty, "\(kind.id): why it can or cannot be renewed")
            #expect(kind.source.contains("section"), "\(kind.id): where its row comes from")
        }
        if let text = forge.publicAPI { #expect(ServerURL(text)?.origin.scheme == "https") }
    }

    private func checkScopes() {
        #expect(forge.missing(of: [], in: []).isEmpty)
        #expect(forge.missing(of: ["a", "b"], in: ["b", "a"]).isEmpty)
        #expect(forge.missing(of: ["no-such", "a", "no-such"], in: ["a"]) == ["no-such"])
        #expect(forge.missing(of: ["api "], in: ["api", "repo"]) == ["api "])
    }

    /// A kind that cannot be asked about is not asked about.
    private func checkSilence() async {
        for kind in forge.kinds {
            guard let obstacle = forge.obstacle(toInspecting: kind) else { continue }
            let transport = ScriptedTransport([])
            let result = await ask(kind, transport)
            #expect(result == .failure(Failure(.lifetimeUnknown, obstacle)), "\(kind.id)")
            #expect(transport.requests.isEmpty, "\(kind.id)")
        }
    }

    private func check(_ broken: BrokenAnswer, _ kind: TokenKind) async {
        let transport = ScriptedTransport { _ in broken.answer }
        let label: Comment = "\(forge.id), \(kind.id): \(broken.name)"
        switch await ask(kind, transport) {
        case .success(let reading): Issue.record("\(label) was taken for \(reading.standing.name)")
        case .failure(let failure):
            #expect(failure.code == .unreachable, label)
            #expect(failure.message.contains("forge.example.com"), label)
            #expect(failure.message.contains(broken.cause), "\(label): \(failure.message)")
        }
        checkManners(transport, label)
    }

    /// Only GET, only to the configured server, the token in a header and nowhere else, and never without end.
    private func checkManners(_ transport: ScriptedTransport, _ label: Comment) {
        #expect(transport.requests.count <= 4, label)
        for request in transport.requests {
            #expect(request.method == "GET", label)
            #expect(request.url.origin == api.origin, label)
            #expect(request.credential != nil, label)
            #expect(request.body == nil, label)
            #expect(!request.url.text.contains("canary"), label)
        }
    }

    private func checkThrottles(_ kind: TokenKind) async {
        let answers: [(HTTPResponse, String)] = [
            (.text("Retry later\n", status: 429, headers: [("Retry-After", "90")]), "1m 30s"),
            (.json("{}", status: 429), "does not say"),
            (.html("<h1>Overload</h1>", status: 503, headers: [("Retry-After", "5")]), "5s"),
            (
                .json(
                    "{}", status: 503,
                    headers: [
                        ("Retry-After", "Fri, 20 Nov 2026 22:12:00 GMT"), ("Date", "Fri, 20 Nov 2026 22:11:00 GMT"),
                    ]), "1m"
            ),
        ]
        for (answer, wait) in answers {
            let transport = ScriptedTransport { _ in .success(answer) }
            let label: Comment = "\(forge.id), \(kind.id): \(answer.status)"
            guard case .failure(let failure) = await ask(kind, transport) else {
                Issue.record("\(label) was taken for an answer")
                continue
            }
            #expect(failure.code == .slowDown, label)
            #expect(failure.message.contains("forge.example.com") && failure.message.contains(wait), label)
            #expect(transport.requests.count == 1, "\(label): asked again at once")
        }
    }

    /// Whatever a server sends that is not its API: no trap, and never "alive".
    private func checkChance(_ kind: TokenKind) async {
        var random = SeededRandom(seed: 20_261_120 + UInt64(kind.id.utf8.count))
        for round in 0..<300 {
            let answer = RandomAnswer.next(&random)
            let transport = ScriptedTransport { _ in .success(answer) }
            if case .success(let reading) = await ask(kind, transport) {
                #expect(reading.standing != .alive, "\(forge.id), \(kind.id), round \(round)")
            }
            checkManners(transport, "\(forge.id), \(kind.id), round \(round)")
        }
    }
}
