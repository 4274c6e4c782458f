// What holds for every place to publish to: asked before it is written, read back where that is possible, silent about
// secrets, and honest when nothing sensible comes back.
public import OutlastModel
import Testing

/// The properties of a publish target.
public struct PublishTargetConformance: Sendable {
    private let target: any PublishTarget
    private let scene: PublishScene
    private let token: Secret
    private let happy: (@Sendable (HTTPRequest) -> HTTPResponse)?

    /// Checks a target. `happy` plays a forge that keeps what is written (nil for targets without one); secrets should
    /// contain `canary`.
    public init(
        _ target: any PublishTarget, scene: PublishScene, token: Secret,
        happy: (@Sendable (HTTPRequest) -> HTTPResponse)? = nil
    ) {
        self.target = target
        self.scene = scene
        self.token = token
        self.happy = happy
    }

    /// All properties.
    public func check() async {
        let label = target.label(scene.settings)
        #expect(label.hasPrefix(target.schema.name) && label.utf8.count > target.schema.name.utf8.count)
        #expect(isSilent(label))
        await checkHappy()
        if happy != nil {
            for broken in BrokenAnswer.all { await check(broken) }
            await checkThrottle()
            await checkChance()
        }
        await checkMissingSettings()
    }

    private func isSilent(_ text: String) -> Bool { !text.lowercased().contains("canary") }

    private enum Step: CaseIterable { case check, publish }

    private func failure(
        _ step: Step, _ transport: any HTTPTransport, _ scene: PublishScene? = nil
    ) async -> Failure? {
        let context = (scene ?? self.scene).context(transport)
        do throws(Failure) {
            switch step {
            case .check: try await target.check(context)
            case .publish: try await target.publish(token, context)
            }
            return nil
        } catch { return error }
    }

    private func checkHappy() async {
        let label: Comment = "\(target.schema.name)"
        let asking = transport()
        let refused = await failure(.check, asking)
        #expect(refused == nil, "\(label): \(refused?.description ?? "")")
        #expect(asking.requests.allSatisfy { $0.method == "GET" }, "\(label): only questions before writing")
        let writing = transport()
        let failed = await failure(.publish, writing)
        #expect(failed == nil, "\(label): \(failed?.description ?? "")")
        for request in asking.requests + writing.requests { #expect(isSilent(request.url.text), label) }
        let back = try? await target.read(scene.context(transport()))
        #expect((back?.matches(token) ?? false) == target.canBeRead, label)
    }

    private func transport() -> ScriptedTransport {
        guard let happy else { return ScriptedTransport([]) }
        return ScriptedTransport { .success(happy($0)) }
    }

    private func check(_ broken: BrokenAnswer) async {
        let label: Comment = "\(target.schema.name): \(broken.name)"
        for step in Step.allCases {
            let failed = await failure(step, ScriptedTransport { _ in broken.answer })
            #expect(failed != nil, label)
            #expect(failed.map { isSilent($0.description) } ?? true, label)
        }
        // Answered well until something is written.
        let half = ScriptedTransport { [happy] request in
            request.method == "GET" ? .success(happy?(request) ?? .json("{}")) : broken.answer
        }
        let failed = await failure(.publish, half)
        #expect(failed.map { isSilent($0.description) } ?? true, label)
        #expect(half.requests.filter { $0.method != "GET" }.count <= 1, "\(label): written once")
    }

    private func checkThrottle() async {
        let transport = ScriptedTransport { _ in
            .success(.text("Retry later", status: 429, headers: [("Retry-After", "30")]))
        }
        let failed = await failure(.publish, transport)
        #expect(failed?.code == .slowDown && transport.requests.count == 1, "\(target.schema.name)")
    }

    private func checkChance() async {
        var random = SeededRandom(seed: 20_261_122)
        for round in 0..<200 {
            let answer = RandomAnswer.next(&random)
            let failed = await failure(.publish, ScriptedTransport { _ in .success(answer) })
            #expect(failed != nil && isSilent(failed?.description ?? ""), "\(target.schema.name), round \(round)")
        }
    }

    /// Each required setting is missed by name, before any request.
    private func checkMissingSettings() async {
        for field in target.schema.fields where field.isRequired {
            var bare = scene
            bare.settings.values[field.name] = nil
            let failed = await failure(.check, ScriptedTransport([]), bare)
            #expect(failed?.code == .configuration, "\(target.schema.name) without \(field.name)")
        }
    }
}
