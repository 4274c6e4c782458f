// What holds for every way to renew: one decisive request and never a second, doubt wherever a server may have done it, and
// no secret outside of the request. A method's tests call this with a scene in which all is well.
public import OutlastModel
import Testing

/// The properties of a renewal method.
public struct RenewalMethodConformance: Sendable {
    /// An answer to the decisive request, and what it may be taken for.
    private struct Row {
        let name: String
        let answer: Result<HTTPResponse, Failure>
        /// Nil where only "renewed" would be wrong.
        let expected: String?
    }

    private let method: any RenewalMethod
    private let scene: RenewalScene
    private let current: TokenBundle?
    private let happy: @Sendable (HTTPRequest) -> HTTPResponse
    private let isDecisive: @Sendable (HTTPRequest) -> Bool

    /// Checks a method. `happy` answers every request as a forge where all is well; secrets in the scene should contain
    /// `canary`, which nothing that is said may hold.
    public init(
        _ method: any RenewalMethod, scene: RenewalScene, current: TokenBundle?,
        isDecisive: @escaping @Sendable (HTTPRequest) -> Bool = { $0.method != "GET" },
        happy: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) {
        self.method = method
        self.scene = scene
        self.current = current
        self.happy = happy
        self.isDecisive = isDecisive
    }

    /// All properties.
    public func check() async {
        checkWords()
        await checkHappy()
        for row in rows { await check(row) }
        await checkHarmlessQuestions()
        await checkProbe()
        await checkChance()
    }

    private var rows: [Row] {
        let odd: [(String, HTTPResponse)] = [
            ("500", .json(#"{"message": "500 Internal Server Error"}"#, status: 500)),
            ("502 with a page", .html("<h1>Bad Gateway</h1>", status: 502)),
            ("504 with a token", .json(#"{"token": 1}"#, status: 504)),
            ("200 with a page", .html("<h1>Sign in</h1>")), ("200 and nothing", .json("")),
            ("200, cut", .json(#"{"id": 7, "na"#)), ("200, an empty object", .json("{}")),
            ("201, a list", .json("[]", status: 201)),
            ("200, wrong types", .json(#"{"token": 7, "access_token": []}"#)),
            ("204", HTTPResponse(status: 204, headers: [], body: [])),
        ]
        return odd.map { Row(name: $0.0, answer: .success($0.1), expected: "in doubt") } + [
            Row(name: "no answer", answer: .failure(.unreachable("forge.example.com hung up")), expected: "in doubt"),
            Row(name: "a page with 403", answer: .success(.html("<h1>Blocked</h1>", status: 403)), expected: nil),
            Row(name: "a page with 404", answer: .success(.html("<h1>Gone</h1>", status: 404)), expected: nil),
            // Where asking again harms nothing, the wait may be all that is said.
            Row(
                name: "503 with Retry-After",
                answer: .success(.text("busy", status: 503, headers: [("Retry-After", "5")])),
                expected: method.isDestructive ? "in doubt" : nil),
            Row(
                name: "a redirect elsewhere",
                answer: .success(HTTPResponse(status: 302, headers: [("Location", "https://x.invalid/")], body: [])),
                expected: "in doubt"),
            Row(
                name: "429", answer: .success(.text("Retry later", status: 429, headers: [("Retry-After", "30")])),
                expected: "refused 75"),
        ]
    }

    private func name(_ answer: RenewalAnswer) -> String {
        switch answer {
        case .renewed: "renewed"
        case .refused(let failure): "refused \(failure.code.rawValue)"
        case .inDoubt: "in doubt"
        }
    }

    private func failure(_ answer: RenewalAnswer) -> Failure? {
        switch answer {
        case .renewed: nil
        case .refused(let failure), .inDoubt(let failure): failure
        }
    }

    private func isSilent(_ text: String) -> Bool { !text.lowercased().contains("canary") }

    private func checkWords() {
        let context = scene.context(ScriptedTransport([]))
        let label: Comment = "\(method.schema.name)"
        do {
            let first = try method.identity(context)
            let second = try method.identity(context)
            #expect(first.map(\.name) == second.map(\.name) && first.map(\.value) == second.map(\.value), label)
            #expect(Set(first.map(\.name)).count == first.count, label)
            #expect(first.allSatisfy { isSilent($0.value) }, label)
            let roots = [try method.root(context), try method.root(context)].compactMap { $0?.secret }
            #expect(roots.allSatisfy { $0.matches(roots[0]) }, label)
        } catch { Issue.record("\(label): \(error)") }
        let advice = method.rescueAdvice(context)
        #expect(advice.utf8.count > 30 && isSilent(advice) && !advice.contains("\n"), label)
        #expect(method.warning.map { $0.utf8.count > 30 } ?? true, label)
        #expect(method.grace(context) >= .zero, label)
    }

    private func play(
        _ answer: @escaping @Sendable (HTTPRequest) -> Result<HTTPResponse, Failure>
    ) async -> (answer: RenewalAnswer, transport: ScriptedTransport) {
        let transport = ScriptedTransport(answering: answer)
        return (await method.renew(current, scene.context(transport)), transport)
    }

    private func checkHappy() async {
        let played = await play { [happy] in .success(happy($0)) }
        let label: Comment = "\(method.schema.name), where all is well: \(failure(played.answer)?.message ?? "")"
        guard case .renewed(let bundle) = played.answer else {
            Issue.record(label)
            return
        }
        #expect(!bundle.access.matches(current?.access ?? Secret("")), label)
        #expect(played.transport.requests.filter(isDecisive).count == 1, label)
        checkManners(played.transport, label)
    }

    private func check(_ row: Row) async {
        let played = await play { [happy, isDecisive] in isDecisive($0) ? row.answer : .success(happy($0)) }
        let label: Comment = "\(method.schema.name): \(row.name)"
        let name = name(played.answer)
        #expect(name != "renewed", label)
        if let expected = row.expected { #expect(name == expected, label) }
        #expect(played.transport.requests.filter(isDecisive).count == 1, "\(label): sent once")
        if let failure = failure(played.answer) { #expect(isSilent(failure.description), label) }
        checkManners(played.transport, label)
    }

    /// Where the questions before it have no sensible answer, a destructive request is not sent.
    private func checkHarmlessQuestions() async {
        let hasQuestions = await play { [happy] in .success(happy($0)) }.transport.requests.contains { !isDecisive($0) }
        guard hasQuestions else { return }
        for broken in BrokenAnswer.all {
            let played = await play { [happy, isDecisive] in isDecisive($0) ? .success(happy($0)) : broken.answer }
            let label: Comment = "\(method.schema.name), questions answered by \(broken.name)"
            #expect(played.transport.requests.allSatisfy { !isDecisive($0) }, label)
            #expect(name(played.answer).hasPrefix("refused"), label)
            let transport = ScriptedTransport { _ in broken.answer }
            let failed = await checkFailure(transport)
            #expect(failed != nil && isSilent(failed?.description ?? ""), label)
        }
    }

    private func checkFailure(_ transport: ScriptedTransport) async -> Failure? {
        do throws(Failure) {
            try await method.check(current, scene.context(transport))
            return nil
        } catch { return error }
    }

    private func checkProbe() async {
        let bundle = current ?? TokenBundle(access: Secret("canary-0123456789-abcdefghij"))
        for broken in BrokenAnswer.all {
            let transport = ScriptedTransport { _ in broken.answer }
            let answer = await method.probe(bundle, scene.context(transport))
            let label: Comment = "\(method.schema.name), probed: \(broken.name)"
            guard case .unknown(let failure) = answer else {
                Issue.record(label)
                continue
            }
            #expect(isSilent(failure.description), label)
            #expect(transport.requests.allSatisfy { !isDecisive($0) || $0.url.text.contains("introspect") }, label)
        }
    }

    private func checkChance() async {
        var random = SeededRandom(seed: 20_261_121)
        for round in 0..<200 {
            let answer = RandomAnswer.next(&random)
            let played = await play { [happy, isDecisive] in .success(isDecisive($0) ? answer : happy($0)) }
            let label: Comment = "\(method.schema.name), round \(round)"
            #expect(played.transport.requests.filter(isDecisive).count <= 1, label)
            if let failure = failure(played.answer) { #expect(isSilent(failure.description), label) }
        }
    }

    /// No secret in an address, and nothing to a server that was not configured.
    private func checkManners(_ transport: ScriptedTransport, _ label: Comment) {
        var origins = Set([scene.api, scene.managingAPI].compactMap { $0?.origin })
        for value in scene.settings.values.values { if case .url(let url) = value { origins.insert(url.origin) } }
        for request in transport.requests {
            #expect(isSilent(request.url.text), label)
            #expect(origins.contains(request.url.origin), "\(label): \(request.url.text)")
            #expect(request.timeout > .zero && request.timeout <= scene.timeout, label)
        }
    }
}
