// Telling a failure as a flow: which token it was about, what history makes of it, and what is stored.

import OutlastFlows
import OutlastModel
import OutlastTestKit
import Testing

@Suite("The failure flow")
struct FailureFlowTests {
    private let clock = FixedClock("2026-11-20T22:10:00Z")
    private let history = RememberingHistory()
    private static let identity = JobIdentity(forge: "scripted", server: "ci", project: "a/b", job: "build", run: "7")

    /// Says what it is told to.
    private struct Told: Diagnostician {
        let diagnosis: Diagnosis
        var window: Int { 10 }
        func diagnose(_ stderr: [UInt8]) -> Diagnosis { diagnosis }
    }

    private func run(
        _ class: FailureClass, host: String? = nil, named credential: String? = nil, inJob: Bool = true
    ) async throws -> FailureOutcome {
        let diagnosis = Diagnosis(class: `class`, confidence: .high, line: "a line", advice: "", host: host)
        let context = JobContext(ci: "scripted", identity: Self.identity)
        let world = World.trapping(
            clock: clock, pipeline: inJob ? ScriptedPipeline(context) : nil, store: .success(history), input: [1],
            diagnostician: Told(diagnosis: diagnosis))
        let job = RecordRequest(step: .finish)
        return try await FailureFlow(world).run(
            FailureRequest(report: .failure(.stdin), job: job, credential: credential, configured: ["configured"]))
    }

    private func preflight(_ tokens: [(name: String, api: String?)]) throws {
        let end = clock.now().advanced(by: .seconds(-60))
        var record = RunRecord(job: JobUpdate(identity: Self.identity, seenAt: clock.now()))
        for (name, api) in tokens {
            let fingerprint = Fingerprint(of: Secret(name + "-0123456789-0123456789"), salt: [])
            record.sightings.append(
                TokenSighting(
                    fingerprint: fingerprint, credential: name, kind: "opaque", forge: "generic", api: api,
                    tokenID: nil,
                    name: nil, scopes: nil,
                    lifetime: Lifetime(expiry: .at(end), source: .flag, checkedAt: nil), standing: nil, clockSkew: nil))
            record.events.append(
                Event(at: clock.now(), event: "preflight", outcome: "sufficient", fingerprint: fingerprint))
        }
        try history.write(record)
    }

    @Test("the only token of the last preflight is the one")
    func only() async throws {
        try preflight([("a", nil)])
        let outcome = try await run(.authRejected)
        #expect(outcome.diagnosis?.class == .authExpired && outcome.fingerprint != nil)
    }

    @Test("of several the host decides, or the name; else none is blamed")
    func several() async throws {
        try preflight([("a", "https://a.example.com"), ("b", "https://api.b.example.com")])
        for (host, name, isKnown) in [
            ("a.example.com", nil, true), ("b.example.com", nil, true), ("c.example.com", nil, false),
            ("example.com", nil, false), (nil, nil, false), (nil, "b", true), (nil, "configured", false),
        ] as [(String?, String?, Bool)] {
            let outcome = try await run(.authRejected, host: host, named: name)
            #expect(
                outcome.diagnosis?.class == (isKnown ? .authExpired : .authRejected), "\(host ?? "-") \(name ?? "-")")
            #expect((outcome.fingerprint != nil) == isKnown)
            #expect(outcome.warnings.contains { $0.contains("kept without its token") } == (name == "configured"))
        }
    }

    @Test("a name that is none is a mistake, and nothing is kept")
    func unknownName() async throws {
        try preflight([("a", nil)])
        let kept = try history.rows(of: .events, filter: .init()).rows.count
        do {
            _ = try await run(.authRejected, named: "x")
            Issue.record("it was kept")
        } catch { #expect((error as? Failure)?.code == .usage) }
        #expect(try history.rows(of: .events, filter: .init()).rows.count == kept)
    }

    @Test("a failure of the network has no token, whatever is known of one")
    func network() async throws {
        try preflight([("a", nil)])
        let outcome = try await run(.network)
        #expect(outcome.diagnosis?.class == .network && outcome.fingerprint == nil)
    }

    @Test("outside a job it is told and stored all the same, once")
    func outside() async throws {
        for _ in 1...2 {
            #expect(try await run(.authRejected, inJob: false).diagnosis?.class == .authRejected)
            clock.advance(by: .seconds(1))
        }
        #expect(try history.rows(of: .events, filter: .init()).rows.count == 1)
    }
}
