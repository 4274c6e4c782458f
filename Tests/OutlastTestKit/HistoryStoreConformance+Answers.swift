// Rules on the questions around a job and around ends of tokens.

internal import OutlastModel

extension HistoryStoreConformance {
    private static func failure(
        _ kind: FailureClass, at second: Int64, of fingerprint: Fingerprint? = nil, in job: JobIdentity? = job()
    ) -> RunRecord {
        let diagnosis = Diagnosis(class: kind, confidence: .high, line: "fatal: no", advice: "", operation: .push)
        return RunRecord(
            job: job.map { JobUpdate(identity: $0, seenAt: at(second)) },
            events: [
                Event(
                    at: at(second), event: "failure", outcome: kind.rawValue, fingerprint: fingerprint,
                    detail: "\(second)", diagnosis: diagnosis, source: .exec)
            ])
    }

    private static func seen(_ text: String, _ name: String, ends: Expiry, in job: JobIdentity? = job()) -> RunRecord {
        var sighting = sighting(
            token(text), credential: name, lifetime: told(ends, at: 5), standing: .alive)
        sighting.tokenID = name
        return RunRecord(
            job: job.map { JobUpdate(identity: $0, startedAt: at(0), seenAt: at(5)) }, sightings: [sighting])
    }

    private static func listed(_ id: String, ends: Expiry, at second: Int64 = 50, kind: String = "gitlab-group")
        -> ListedToken
    {
        ListedToken(
            forge: "gitlab", api: "https://gitlab.example.com", tokenID: id, kind: kind, name: "listed \(id)",
            owner: "group", scopes: ["api"], expiry: ends, standing: .alive, listedAt: at(second))
    }

    static let caseRules: [HistoryRule] = [
        HistoryRule("an empty store answers all questions with nothing") { store in
            for choice in [JobChoice.last, .lastFailed, .id("x")] { try expect(store.job(choice), nil, "job") }
            try expect(store.events(ofJob: "x", limit: 9), [], "events")
            try expect(store.tokens(ofJob: "x", limit: 9), [], "tokens")
            try expect(store.renewals(ofJob: "x", tokens: [token()], limit: 9), [], "renewals")
            try expect(store.counts(from: at(0), to: at(9)), HistoryCounts(), "counts")
        },
        HistoryRule("a job is found by its id, as the last one, and as the last one that failed") { store in
            try run(store, job(run: "1"), from: 0, to: 60)
            try store.write(started(job(run: "2"), at: 100))
            try store.write(finished(job(run: "2"), at: 160, .failed))
            try run(store, job(run: "3"), from: 200, to: 260)
            try expect(store.job(.id(job(run: "1").id))?.run, "1", "by id")
            try expect(store.job(.last)?.run, "3", "the last")
            let failed = try store.job(.lastFailed)
            try expect(failed?.run, "2", "the last that failed")
            try expect(failed?.duration, .seconds(60), "its duration")
            try expect(failed?.series, job().series, "its series")
        },
        HistoryRule("a job in which something failed counts as failed until it ends well") { store in
            try store.write(finished(job(run: "1"), at: 10, .failed))
            try store.write(started(job(run: "2"), at: 100))
            try store.write(failure(.dns, at: 150, in: job(run: "2")))
            try expect(store.job(.lastFailed)?.run, "2", "one that still runs")
            try store.write(finished(job(run: "2"), at: 160))
            try expect(store.job(.lastFailed)?.run, "1", "one that ended well")
        },
        HistoryRule("events of a job come oldest first with their diagnoses; of many the newest") { store in
            try store.write(started(job(), at: 0))
            try store.write(failure(.authRejected, at: 20, of: token()))
            try store.write(failure(.dns, at: 10))
            try store.write(failure(.dns, at: 5, in: job(run: "other")))
            let events = try store.events(ofJob: job().id, limit: 9)
            try expect(events.map(\.at), [at(0), at(10), at(20)], "moments")
            try expect(events.last?.diagnosis?.class, .authRejected, "class")
            try expect(events.last?.diagnosis?.source, "exec", "source")
            try expect(events.last?.diagnosis?.credentialAtFault, true, "fault")
            try expect(events.last?.token, token().text, "token")
            try expect(events.first?.diagnosis, nil, "an event without a diagnosis")
            try expect(store.events(ofJob: job().id, limit: 1).map(\.at), [at(20)], "the newest")
        },
        HistoryRule("the tokens of a job come with what is known of them, and with all who use them") { store in
            try store.write(seen("glpat-aaaaaaaaaaaaaaaaaaaaaaaa", "release", ends: .at(at(900))))
            try store.write(seen("glpat-aaaaaaaaaaaaaaaaaaaaaaaa", "release", ends: .at(at(900)), in: job("nightly")))
            try store.write(seen("glpat-bbbbbbbbbbbbbbbbbbbbbbbb", "other", ends: .never, in: job("nightly")))
            let tokens = try store.tokens(ofJob: job().id, limit: 9)
            try expect(tokens.map(\.credential), ["release"], "tokens")
            try expect(tokens.first?.mark, token().text, "mark")
            try expect(tokens.first?.lifetime, told(.at(at(900)), at: 5), "end")
            try expect(tokens.first?.standing, .alive, "standing")
            try expect(tokens.first?.standingAt, at(5), "moment of the answer")
            try expect(Set(tokens.first?.usedBy.map(\.job) ?? []), ["build", "nightly"], "users")
        },
        HistoryRule("failures like one are those of its class, in its series or of its credential, before it") {
            store in
            try store.write(seen("glpat-aaaaaaaaaaaaaaaaaaaaaaaa", "release", ends: .never, in: nil))
            try store.write(failure(.authExpired, at: 10))
            try store.write(failure(.authExpired, at: 20, of: token(), in: job("other")))
            try store.write(failure(.authExpired, at: 25, in: job("third")))
            try store.write(failure(.dns, at: 30))
            try store.write(failure(.authExpired, at: 40))
            func found(_ limit: Int) throws -> [Instant] {
                try store.failures(
                    of: .authExpired, before: at(40), series: job().series, credential: "release", limit: limit
                ).map(\.at)
            }
            try expect(found(9), [at(20), at(10)], "failures")
            try expect(found(1), [at(20)], "the newest")
            let none = try store.failures(of: .dns, before: at(99), series: nil, credential: nil, limit: 9)
            try expect(none, [], "without series and credential")
        },
        HistoryRule("what is told of a token outside of any job is found by the token and the time") { store in
            try store.write(failure(.authRevoked, at: 10, of: token(), in: nil))
            try store.write(failure(.authRevoked, at: 20, of: token(), in: nil))
            try store.write(failure(.authRevoked, at: 15, of: token()))
            let found = try store.failuresOutsideJobs(of: [token()], from: at(5), to: at(20), limit: 9)
            try expect(found.map(\.at), [at(10)], "failures")
            try expect(store.failuresOutsideJobs(of: [], from: at(5), to: at(99), limit: 9), [], "of no token")
        },
        HistoryRule("figures count what happened within a span of time") { store in
            try run(store, job(run: "1"), from: 0, to: 60)
            try store.write(finished(job(run: "2"), at: 100, .failed))
            try store.write(failure(.dns, at: 110, of: token(), in: job(run: "2")))
            let all = try store.counts(from: at(0), to: at(200))
            try expect(all.jobs, [.init("failed", 1), .init("success", 1)], "jobs")
            try expect(all.failures, [.init("dns", 1)], "failures")
            try expect(all.events, 4, "events")
            try expect(all.tokens, [.init("opaque", 1)], "tokens")
            try expect(store.counts(from: at(0), to: at(60)).jobs, [.init("success", 1)], "those of the beginning")
            let totals = try store.totals()
            try expect([totals.jobs, totals.failures], [all.jobs, all.failures], "totals")
            try expect(totals.events, 4, "all events")
            try expect(totals.decisions + totals.tokens, [], "what totals leave out")
        },
    ]

    static let endRules: [HistoryRule] = [
        HistoryRule("tokens that end within a span come first end first; dead ones and left-out kinds never") { store in
            let texts = ["a", "b", "c", "d"].map { "glpat-" + String(repeating: $0, count: 24) }
            try store.write(seen(texts[0], "late", ends: .at(at(900))))
            try store.write(seen(texts[1], "soon", ends: .at(at(300))))
            try store.write(seen(texts[2], "never", ends: .never))
            var dead = seen(texts[3], "dead", ends: .at(at(400)))
            dead.sightings[0].standing = .revoked
            try store.write(dead)
            func found(_ scope: TokenScope = TokenScope(), to end: Int64 = 999) throws -> [String?] {
                try store.tokens(endingFrom: at(0), to: at(end), scope).map(\.credential)
            }
            try expect(found(), ["soon", "late"], "all")
            try expect(found(to: 900), ["soon"], "an end at the very moment")
            try expect(found(TokenScope(limit: 1)), ["soon"], "the first")
            try expect(found(TokenScope(withoutKinds: ["gitlab-project"])), [], "without their kind")
            try expect(store.tokensWithoutEnd(TokenScope()).map(\.credential), ["never"], "without an end")
        },
        HistoryRule("days count their ends by kind") { store in
            let texts = ["a", "b", "c"].map { "glpat-" + String(repeating: $0, count: 24) }
            try store.write(seen(texts[0], "x", ends: .at(at(300))))
            try store.write(seen(texts[1], "y", ends: .at(at(400))))
            try store.write(seen(texts[2], "z", ends: .at(at(90_000))))
            try store.write([listed("77", ends: .at(at(500)))], wholeOf: nil)
            let days = try store.daysOfEnds(from: at(0), to: at(100_000), TokenScope())
            try expect(days.map(\.count), [3, 1], "counts")
            try expect(days.first?.kinds.map(\.kind), ["gitlab-group", "gitlab-project"], "kinds")
            try expect(days.map(\.day), [midnight.day, midnight.day.adding(days: 1)], "days")
        },
        HistoryRule("a token that only a list told of has a mark instead of a fingerprint") { store in
            try store.write([listed("77", ends: .at(at(500))), listed("78", ends: .never)], wholeOf: nil)
            let found = try store.tokens(endingFrom: at(0), to: at(999), TokenScope())
            try expect(found.map(\.mark), ["id:gitlab.example.com/77"], "mark")
            try expect(found.first?.fingerprint, nil, "fingerprint")
            try expect(found.first?.name, "listed 77", "name")
            try expect(store.tokensWithoutEnd(TokenScope()).map(\.tokenID), ["78"], "without an end")
            let table = try store.rows(of: .tokens, filter: HistoryFilter(token: "id:gitlab.example.com/77"))
            try expect(cells(table, "name"), ["listed 77"], "the list of tokens")
            try expect(store.rows(of: .tokens, filter: HistoryFilter(job: "build")).rows, [], "used by no job")
        },
        HistoryRule("a token that jobs have presented is one token, and learns its end from a list") { store in
            try store.write(seen("glpat-aaaaaaaaaaaaaaaaaaaaaaaa", "release", ends: .at(at(900))))
            try store.write([listed("release", ends: .at(at(300)))], wholeOf: nil)
            let found = try store.tokens(endingFrom: at(0), to: at(999), TokenScope())
            try expect(found.map(\.mark), [token().text], "mark")
            try expect(found.first?.lifetime.expiry, .at(at(300)), "end")
            try expect(found.first?.credential, "release", "credential")
            try expect(store.rows(of: .tokens, filter: HistoryFilter()).rows.count, 1, "rows")
        },
        HistoryRule("what a whole list no longer has is forgotten, of its own API alone") { store in
            var elsewhere = listed("1", ends: .never)
            elsewhere.api = "https://other.example.com"
            try store.write([listed("77", ends: .never), listed("78", ends: .never), elsewhere], wholeOf: nil)
            try store.write([listed("78", ends: .never, at: 60)], wholeOf: "https://gitlab.example.com")
            let left = try store.tokensWithoutEnd(TokenScope()).map(\.mark)
            try expect(Set(left), ["id:gitlab.example.com/78", "id:other.example.com/1"], "what is left")
            try store.write([listed("78", ends: .never, at: 60)], wholeOf: "https://gitlab.example.com")
            try expect(store.tokensWithoutEnd(TokenScope()).count, 2, "written again")
        },
    ]
}
