// Preflight as a flow: what is asked, what is not, how long it may take, and the one record that it leaves.

import OutlastFlows
import OutlastModel
import OutlastTestKit
import Synchronization
import Testing

@Suite("The preflight flow", .timeLimit(.minutes(1)))
struct PreflightFlowTests {
    private let clock = FixedClock("2026-11-20T22:10:00Z")
    private let history = RememberingHistory(kinds: { $0 == "scripted" ? ScriptedForge.kind : nil })
    private let token = "scr-0123456789-0123456789"

    private func credential(_ name: String, _ variable: String = "T") -> CredentialRequest {
        CredentialRequest(name: name, source: .env(variable), origin: .commandLine)
    }

    private func world(
        _ forge: ScriptedForge, variables: [String: String] = [:], pipeline: (any Pipeline)? = nil,
        clock: (any WallClock)? = nil, store: Result<any HistoryStore, Failure>? = nil
    ) -> World {
        .trapping(
            clock: clock ?? self.clock, variables: ["T": token].merging(variables) { $1 }, forges: [forge],
            pipeline: pipeline, store: store ?? .success(history))
    }

    private func alive(_ hours: Int) -> Result<TokenReading, Failure> {
        let end = clock.now().advanced(by: .seconds(hours * 3600))
        return .success(TokenReading(standing: .alive, expiry: .at(end), readAt: clock.now(), clockSkew: .zero))
    }

    @Test("all forges are asked at the same time")
    func parallel() async throws {
        let meeting = Meeting(of: 3)
        let forge = ScriptedForge { _ in
            // Nobody is answered before all have asked: asked in turn, this would never end.
            await meeting.arrive()
            return .success(TokenReading(standing: .alive, expiry: .never, readAt: Instant(seconds: 0)))
        }
        let variables = [
            "A": "scr-aaaaaaaaaaaaaaaaaaaa", "B": "scr-bbbbbbbbbbbbbbbbbbbb", "C": "scr-cccccccccccccccccccc",
        ]
        let request = PreflightRequest(credentials: ["A", "B", "C"].map { credential($0, $0) })
        let patient = PatientClock(clock)
        let outcome = try await PreflightFlow(world(forge, variables: variables, clock: patient)).run(request)
        #expect(outcome.verdicts.map(\.name) == ["A", "B", "C"] && outcome.code == .done)
        #expect(forge.questions == 3)
    }

    @Test("the deadline is kept on the clock that was handed in")
    func deadline() async throws {
        let forge = ScriptedForge { _ in
            // Never answers by itself.
            await withTaskCancellationHandler {
                await Silence().wait()
            } onCancel: {
            }
            return .failure(.unreachable("given up"))
        }
        // The clock stands still and moves when somebody sleeps: the deadline is over at once.
        let request = PreflightRequest(credentials: [credential("slow")], deadline: .seconds(30))
        let outcome = try await PreflightFlow(world(forge)).run(request)
        #expect(outcome.code == .unreachable && outcome.weakest.decision == .unknown)
        #expect(outcome.weakest.reason.contains("scripted.example.com did not answer within 30s"))
        #expect(clock.now().text == "2026-11-20T22:10:30Z")
    }

    @Test("offline nobody is asked, and a fresh answer serves without a question")
    func offline() async throws {
        let forge = ScriptedForge { _ in alive(5) }
        var request = PreflightRequest(credentials: [credential("token")], isOffline: true)
        let nothing = try await PreflightFlow(world(forge)).run(request)
        #expect(nothing.weakest.decision == .unknown && forge.questions == 0)
        request.isOffline = false
        let patient = PatientClock(clock)
        _ = try await PreflightFlow(world(forge, clock: patient)).run(request)
        #expect(forge.questions == 1)
        let again = try await PreflightFlow(world(forge, clock: patient)).run(request)
        #expect(forge.questions == 1 && again.weakest.lifetime.source == .cache)
        clock.advance(by: .seconds(601))
        _ = try await PreflightFlow(world(forge, clock: patient)).run(request)
        #expect(forge.questions == 2)
        request.isFresh = true
        _ = try await PreflightFlow(world(forge, clock: patient)).run(request)
        #expect(forge.questions == 3)
    }

    @Test("one run leaves one record, with the job, each token and one event for each")
    func record() async throws {
        let identity = JobIdentity(forge: "scripted", project: "a/b", job: "build", run: "7")
        let pipeline = ScriptedPipeline(
            JobContext(
                ci: "scripted", identity: identity, startedAt: clock.now(), timeout: .seconds(7200), forge: "scripted"))
        let forge = ScriptedForge { _ in alive(1) }
        let variables = ["A": "scr-aaaaaaaaaaaaaaaaaaaa", "B": "scr-bbbbbbbbbbbbbbbbbbbb"]
        let request = PreflightRequest(credentials: [credential("A", "A"), credential("B", "B")])
        let patient = PatientClock(clock)
        let outcome = try await PreflightFlow(
            world(forge, variables: variables, pipeline: pipeline, clock: patient)
        ).run(request)
        #expect(outcome.code == .willExpire && outcome.needed.source == .ciTimeout)
        let record = try #require(history.records.first)
        #expect(history.records.count == 1 && record.sightings.map(\.credential) == ["A", "B"])
        #expect(record.job?.decision == .insufficient && record.job?.identity == identity)
        #expect(record.events.map(\.event) == ["preflight", "preflight"])
        #expect(record.events.map(\.code) == [.willExpire, .willExpire])
        for event in record.events { #expect(event.detail?.contains("scr-") == false) }
    }

    @Test("a failed question leaves its event too")
    func failedQuestion() async throws {
        let forge = ScriptedForge { _ in .failure(.unreachable("scripted.example.com is away")) }
        let request = PreflightRequest(credentials: [credential("token")])
        let outcome = try await PreflightFlow(world(forge, clock: PatientClock(clock))).run(request)
        #expect(outcome.code == .unreachable && history.records.count == 1)
        #expect(history.records.first?.events.first?.code == .unreachable)
    }

    @Test("a store that is not there, or breaks on the way, changes no verdict unless strict")
    func broken() async throws {
        let gone = Failure.state("the store is gone")
        let stores: [Result<any HistoryStore, Failure>] = [
            .failure(gone), .success(RememberingHistory(failure: gone)),
        ]
        for store in stores {
            let forge = ScriptedForge { _ in alive(5) }
            var request = PreflightRequest(credentials: [credential("token")])
            let outcome = try await PreflightFlow(world(forge, clock: PatientClock(clock), store: store)).run(request)
            #expect(outcome.code == .done && outcome.stateFailure == gone)
            #expect(outcome.warnings == ["going on without the state store: the store is gone"])
            request.isStrict = true
            await #expect(throws: gone) {
                _ = try await PreflightFlow(world(forge, clock: PatientClock(clock), store: store)).run(request)
            }
        }
    }

    @Test("a token that cannot be read ends the run before anybody is asked")
    func unreadable() async throws {
        let forge = ScriptedForge { _ in alive(5) }
        let request = PreflightRequest(credentials: [credential("token"), credential("other", "UNSET")])
        let failure = await #expect(throws: Failure.self) {
            _ = try await PreflightFlow(world(forge, clock: PatientClock(clock))).run(request)
        }
        #expect(failure?.code == .usage && forge.questions == 0 && history.records.isEmpty)
    }
}

/// Lets all who arrive go on when the last one has come.
private actor Meeting {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(of count: Int) { missing = count }

    func arrive() async {
        missing -= 1
        if missing == 0 {
            for one in waiting { one.resume() }
            waiting = []
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }
}

/// A wait that ends with its task alone.
private struct Silence {
    func wait() async {
        let (stream, _) = AsyncStream.makeStream(of: Never.self)
        for await _ in stream {}
    }
}
