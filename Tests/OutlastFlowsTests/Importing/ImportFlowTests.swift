// Imports over sources that hand out bytes as a test likes: the rows are the same however they were cut.

import OutlastFlows
import OutlastForges
import OutlastModel
import OutlastPipelines
import OutlastTestKit
import Testing

@Suite("Importing, however the bytes come")
struct ImportFlowTests {
    /// Bytes in pieces of random sizes; with a failure, that ends them.
    private final class Pieces: ByteSource {
        let size: Int64?
        private(set) var position: Int64 = 0
        private var rest: ArraySlice<UInt8>
        private var random: SeededRandom
        private let failure: Failure?

        init(_ bytes: [UInt8], seed: UInt64, failure: Failure?) {
            rest = bytes[...]
            size = Int64(bytes.count)
            random = SeededRandom(seed: seed)
            self.failure = failure
        }

        func next() throws(Failure) -> [UInt8]? {
            let piece = Array(rest.prefix(Int.random(in: 1...700, using: &random)))
            rest = rest.dropFirst(piece.count)
            position += Int64(piece.count)
            if piece.isEmpty, let failure { throw failure }
            return piece.isEmpty ? nil : piece
        }
    }

    private struct Source: ByteSources {
        let bytes: [UInt8]
        let seed: UInt64
        var failure: Failure?

        func open(_ origin: ByteOrigin) throws(Failure) -> any ByteSource {
            Pieces(bytes, seed: seed, failure: failure)
        }
    }

    private func world(_ history: RememberingHistory, _ source: Source) -> World {
        var world = World.trapping(
            clock: FixedClock("2026-11-20T22:10:00Z"), forges: Forges.all, store: .success(history))
        world.sources = source
        world.logs = ForgeLogs.all
        world.jobLists = JobLists.all
        return world
    }

    private static func line(_ number: Int) -> String {
        let reason = ["token_expired", "token_revoked", "insufficient_scope"][number % 3]
        let rest =
            number % 4 == 0
            ? #","meta.auth_fail_reason":"\#(reason)","meta.auth_fail_token_id":"PersonalAccessToken/\#(number)""# : ""
        return #"{"time":"2026-11-20T22:10:00.\#(100 + number)Z","status":401,"host":"gitlab.example.com"\#(rest)}"#
    }

    private static let log: [UInt8] = {
        var lines = (0..<200).map(line)
        lines[20] = "no line"
        lines[60] = "{" + line(60)
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }()

    @Test("the rows of a log do not depend on where its bytes were cut", arguments: 0..<12)
    func log(_ seed: UInt64) throws {
        let history = RememberingHistory()
        let flow = LogImportFlow(world(history, Source(bytes: Self.log, seed: seed)))
        let request = LogImportRequest(log: "gitlab-log", origins: [.standardInput])
        let outcome = try flow.run(request)
        #expect(outcome.lines == 200 && outcome.matched == 48 && outcome.count == ImportCount(added: 48))
        #expect(outcome.malformed == 2 && outcome.bytes == Int64(Self.log.count))
        #expect(outcome.shown.map { $0.prefix(9) } == ["stdin:21:", "stdin:61:"])
        let rows = try history.rows(of: .events, filter: HistoryFilter(limit: 1000)).rows
        let details = rows.compactMap { $0.last?.text }
        let expected = (0..<200).filter { $0 % 4 == 0 && $0 != 20 && $0 != 60 }.reversed().map { number in
            let reason = ["token_expired", "token_revoked", "insufficient_scope"][number % 3]
            return "\(reason): PersonalAccessToken/\(number), 401"
        }
        #expect(details == expected)
        #expect(try flow.run(request).count == ImportCount(known: 48))
        #expect(history.settlements == 2)
    }

    @Test("a log that breaks off keeps what came before, and not the line in which it does", arguments: 0..<10)
    func broken(_ seed: UInt64) throws {
        let history = RememberingHistory()
        let whole = Array(Self.line(0).utf8) + [10] + Array(Self.line(4).utf8)
        let flaw = Failure(.malformedInput, "stdin: its compressed data ends early")
        let flow = LogImportFlow(world(history, Source(bytes: whole, seed: seed, failure: flaw)))
        let request = LogImportRequest(log: "gitlab-log", origins: [.standardInput])
        #expect(throws: Failure(.malformedInput, "\(flaw.message) (1 lines, 1 new failures stored)")) {
            try flow.run(request)
        }
        #expect(try history.rows(of: .events, filter: .init()).rows.count == 1)
    }

    private static func job(_ id: Int) -> String {
        #"{"id":\#(id),"name":"build","status":"success","started_at":"2026-11-01T10:00:00Z","#
            + #""finished_at":"2026-11-01T10:\#(10 + id % 40):00Z","web_url":"https://gitlab.example.com/a/b/-/jobs/\#(id)"}"#
    }

    @Test("jobs of a list do not depend on where its bytes were cut", arguments: 0..<8)
    func jobs(_ seed: UInt64) throws {
        let history = RememberingHistory()
        let pages = [1...30, 31...60].map { "[" + $0.map(Self.job).joined(separator: ",") + "]" }
        let flow = JobImportFlow(world(history, Source(bytes: Array(pages.joined(separator: "\n").utf8), seed: seed)))
        let request = JobImportRequest(ci: "gitlab", origins: [.standardInput])
        #expect(try flow.run(request).count == ImportCount(added: 60))
        #expect(try flow.run(request).count == ImportCount(known: 60))
        #expect(try history.rows(of: .jobs, filter: HistoryFilter(limit: 1000)).rows.count == 60)
    }

    @Test("a store that breaks in the middle is told of, and the rest is still read")
    func storeless() throws {
        let history = RememberingHistory(failure: .state("the disk is gone"))
        let flow = JobImportFlow(world(history, Source(bytes: Array(Self.job(1).utf8), seed: 1)))
        let outcome = try flow.run(JobImportRequest(ci: "gitlab", origins: [.standardInput]))
        #expect(
            outcome.jobs == 1 && outcome.count == ImportCount() && outcome.stateFailure?.message == "the disk is gone")
        let strict = JobImportRequest(ci: "gitlab", origins: [.standardInput], isStrict: true)
        #expect(throws: Failure.state("the disk is gone")) { try flow.run(strict) }
        let log = LogImportFlow(world(history, Source(bytes: Self.log, seed: 1)))
        #expect(throws: Failure.self) { try log.run(LogImportRequest(log: "gitlab-log", origins: [.standardInput])) }
    }

    @Test("what is shown of a broken line hides what may be a token, also where the line is cut")
    func hidden() throws {
        let lines = [
            "glpat-short", "x=ghp_abc;y", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            String(repeating: "b ", count: 46) + "gl" + "pat-cut-in-the-middle",
        ]
        for line in lines {
            let history = RememberingHistory()
            let flow = LogImportFlow(world(history, Source(bytes: Array("\(line)\n{}".utf8), seed: 3)))
            let shown = try flow.run(LogImportRequest(log: "gitlab-log", origins: [.standardInput])).shown.joined()
            #expect(shown.contains("***"), "\(shown)")
            for part in ["glpat", "ghp", "aaa", "cut"] { #expect(!shown.contains(part), "\(shown)") }
        }
    }
}
