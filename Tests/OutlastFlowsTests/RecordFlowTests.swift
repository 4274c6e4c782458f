// Recording as a flow: who the job is, when it began and ended, and that telling it again changes nothing.

import OutlastFlows
import OutlastModel
import OutlastTestKit
import Testing

@Suite("The record flow")
struct RecordFlowTests {
    private let clock = FixedClock("2026-11-20T22:10:00Z")
    private let history = RememberingHistory()
    private static let identity = JobIdentity(forge: "scripted", server: "ci", project: "a/b", job: "build", run: "7")

    private func world(_ job: JobContext? = JobContext(ci: "scripted", identity: identity)) -> World {
        .trapping(clock: clock, pipeline: job.map { ScriptedPipeline($0) }, store: .success(history))
    }

    private func row(_ column: String) throws -> JSONValue {
        let table = try history.rows(of: .jobs, filter: .init())
        #expect(table.rows.count == 1)
        let index = try #require(table.columns.firstIndex(of: column))
        return try #require(table.rows.first)[index]
    }

    private func eventNames() throws -> [String] {
        let table = try history.rows(of: .events, filter: .init())
        let index = try #require(table.columns.firstIndex(of: "event"))
        return table.rows.compactMap { $0[index].text }.sorted()
    }

    @Test("telling the same again, later, is telling it once")
    func idempotent() async throws {
        for step in [RecordRequest.Step.start, .start, .finish, .finish] {
            let outcome = try await RecordFlow(world()).run(RecordRequest(step: step))
            #expect(outcome.identity == Self.identity)
            clock.advance(by: .seconds(60))
        }
        #expect(try row("started_at") == "2026-11-20T22:10:00Z" && row("finished_at") == "2026-11-20T22:12:00Z")
        #expect(try row("duration_s") == 120 && row("status") == "success")
        #expect(try eventNames() == ["finish", "start"])
        #expect(history.settlements == 2)
    }

    @Test(
        "what is answered is what the store holds: the first end of an attempt stands, and another one is said to be late"
    )
    func firstEnd() async throws {
        let begun = clock.now()
        _ = try await RecordFlow(world()).run(RecordRequest(step: .start))
        clock.advance(by: .seconds(60))
        let end = try await RecordFlow(world()).run(RecordRequest(step: .finish, status: .success))
        #expect(end.startedAt == begun && end.finishedAt == clock.now() && end.warnings.isEmpty)
        clock.advance(by: .seconds(60))
        let late = RecordRequest(step: .finish, status: .failed)
        for request in [late, RecordRequest(step: .start), RecordRequest(step: .finish, finishedAt: clock.now())] {
            let outcome = try await RecordFlow(world()).run(request)
            #expect(outcome.status == .success && outcome.finishedAt == end.finishedAt && outcome.startedAt == begun)
            #expect(
                outcome.warnings.count == 1 && outcome.warnings.first?.contains("has ended before: success") == true)
        }
        #expect(try await RecordFlow(world()).run(RecordRequest(step: .finish, status: .success)).warnings.isEmpty)
        #expect(try row("status") == "success")
    }

    @Test("the parts that are given win over the CI's")
    func given() async throws {
        let request = RecordRequest(step: .start, project: "x/y", job: "other", attempt: 3, leg: "linux")
        let outcome = try await RecordFlow(world()).run(request)
        #expect(
            outcome.identity
                == JobIdentity(
                    forge: "scripted", server: "ci", project: "x/y", job: "other", run: "7", attempt: 3, leg: "linux",
                    legIsSeries: true))
    }

    @Test("outside a CI the job must be named, wholly")
    func named() async throws {
        for request in [
            RecordRequest(step: .start), RecordRequest(step: .start, project: "a", job: "b"),
            RecordRequest(step: .finish, project: "a", run: "1"),
            RecordRequest(step: .finish, project: "", job: "b", run: "1"),
            RecordRequest(step: .start, project: String(repeating: "a", count: 1025), job: "b", run: "1"),
        ] {
            let failure = await #expect(throws: Failure.self) { _ = try await RecordFlow(world(nil)).run(request) }
            #expect(failure?.code == .usage)
        }
        #expect(history.records.isEmpty)
        let whole = RecordRequest(step: .start, project: "a", job: "b", run: "1", forge: "gitea")
        #expect(try await RecordFlow(world(nil)).run(whole).identity.forge == "gitea")
    }

    @Test("the end by flag, by the CI's word, else success; what runs while it says that it ends has ended well")
    func ends() async throws {
        let cases: [(JobStatus?, JobStatus?, JobStatus)] = [
            (.failed, .success, .failed), (nil, .canceled, .canceled), (nil, nil, .success), (nil, .running, .success),
        ]
        for (flag, told, expected) in cases {
            let job = JobContext(ci: "scripted", identity: Self.identity, status: told)
            // The first end of an attempt stands: each is one of its own.
            let world = World.trapping(
                clock: clock, pipeline: ScriptedPipeline(job), store: .success(RememberingHistory()))
            let outcome = try await RecordFlow(world).run(RecordRequest(step: .finish, status: flag))
            #expect(outcome.status == expected)
        }
    }

    @Test("two machines' clocks may differ; two times of the same caller may not")
    func clocks() async throws {
        let ahead = clock.now().advanced(by: .seconds(90))
        let job = JobContext(ci: "scripted", identity: Self.identity, startedAt: ahead)
        let outcome = try await RecordFlow(world(job)).run(RecordRequest(step: .finish))
        #expect(outcome.finishedAt == ahead && outcome.startedAt == ahead)
        let wrong = RecordRequest(step: .finish, startedAt: ahead, finishedAt: clock.now())
        await #expect(throws: Failure.self) { _ = try await RecordFlow(world()).run(wrong) }
    }

    @Test("user info of an address never becomes a part of an identity")
    func userInfo() async throws {
        let url = "https://gitlab-ci-token:secret@gitlab.example.com/a/b.git"
        let request = RecordRequest(step: .start, project: url, job: url, run: url, leg: url)
        let identity = try await RecordFlow(world()).run(request).identity
        for part in [identity.project, identity.job, identity.run, identity.leg] {
            #expect(part == "https://gitlab.example.com/a/b.git")
        }
        #expect(JobContext(ci: "scripted", slot: url).slot == "https://gitlab.example.com/a/b.git")
    }

    @Test("a store that cannot be used is told, and is a failure only when strict")
    func broken() async throws {
        let gone = Failure.state("the store is gone")
        for store: Result<any HistoryStore, Failure> in [.failure(gone), .success(RememberingHistory(failure: gone))] {
            let world = World.trapping(
                clock: clock, pipeline: ScriptedPipeline(JobContext(ci: "scripted", identity: Self.identity)),
                store: store)
            #expect(try await RecordFlow(world).run(RecordRequest(step: .start)).stateFailure == gone)
            await #expect(throws: gone) {
                _ = try await RecordFlow(world).run(RecordRequest(step: .start, isStrict: true))
            }
        }
    }
}
