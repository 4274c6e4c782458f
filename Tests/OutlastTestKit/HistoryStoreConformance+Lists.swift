// Rules on tokens, on what a forge said of them, and on the public lists.

internal import OutlastModel

extension HistoryStoreConformance {
    static let tokenRules: [HistoryRule] = [
        HistoryRule("what a forge said of a token is remembered, whole") { store in
            try store.write(
                RunRecord(
                    job: JobUpdate(identity: job(), seenAt: at(5)),
                    sightings: [sighting(token(), lifetime: told(.at(at(900)), at: 5), standing: .alive)]))
            let found = try store.remembered(token(), api: "https://gitlab.example.com")
            try expect(found?.kindID, "gitlab-project", "kind")
            let reading = TokenReading(
                standing: .alive, kind: nil, tokenID: "12", name: "deploy", scopes: ["api", "write_repository"],
                expiry: .at(at(900)), readAt: at(5), clockSkew: .seconds(3))
            var plain = found?.reading
            plain?.kind = nil
            try expect(plain, reading, "reading")
        },
        HistoryRule("no end and no knowledge of an end stay two things") { store in
            let api = "https://gitlab.example.com"
            for (name, expiry) in [("glpat-n", Expiry.never), ("glpat-u", .unknown)] {
                let fingerprint = token(name + "aaaaaaaaaaaaaaaaaaaaaaaaa")
                try store.write(
                    RunRecord(
                        sightings: [sighting(fingerprint, lifetime: told(expiry, at: 1), standing: .alive)],
                        events: [Event(at: at(1), event: "preflight", outcome: "ok")]))
                try expect(store.remembered(fingerprint, api: api)?.reading.expiry, expiry, name)
            }
        },
        HistoryRule("one server's answer is never taken for another's") { store in
            try store.write(
                RunRecord(
                    sightings: [sighting(token(), lifetime: told(.at(at(900)), at: 5), standing: .alive)],
                    events: [Event(at: at(5), event: "preflight", outcome: "ok")]))
            try expect(store.remembered(token(), api: "https://gitlab.example.org"), nil, "another server")
            try expect(store.remembered(token(), api: nil), nil, "no server")
        },
        HistoryRule("what nobody asked a forge is no answer of it") { store in
            let flag = Lifetime(expiry: .at(at(900)), source: .flag, checkedAt: at(5))
            try store.write(
                RunRecord(
                    sightings: [sighting(token(), lifetime: flag)],
                    events: [Event(at: at(5), event: "preflight", outcome: "ok")]))
            try expect(store.remembered(token(), api: "https://gitlab.example.com"), nil, "answer")
        },
        HistoryRule("a later answer replaces an earlier one, and not the other way round") { store in
            for (second, standing) in [(20, TokenStanding.revoked), (10, .alive)] {
                try store.write(
                    RunRecord(
                        sightings: [sighting(token(), lifetime: told(.unknown, at: Int64(second)), standing: standing)],
                        events: [Event(at: at(Int64(second)), event: "preflight", outcome: "ok")]))
            }
            let found = try store.remembered(token(), api: "https://gitlab.example.com")
            try expect(found?.reading.standing, .revoked, "standing")
        },
        HistoryRule("an end that is known is not forgotten for one that is not") { store in
            for lifetime in [told(.at(at(900)), at: 1), .unknown] {
                try store.write(
                    RunRecord(
                        sightings: [sighting(token(), lifetime: lifetime)],
                        events: [Event(at: at(2), event: "preflight", outcome: "ok")]))
            }
            let table = try store.rows(of: .tokens, filter: .init())
            try expect(cells(table, "expires_at"), [.string(at(900).text)], "end")
        },
        HistoryRule("a doubt about a token stays until it is settled, and the newest counts") { store in
            try expect(store.doubt(about: token()), nil, "doubt")
            for second in [Int64(3), 9] {
                try store.write(
                    RunRecord(
                        events: [Event(at: at(second), event: "credential", outcome: "doubted", fingerprint: token())],
                        doubts: [TokenDoubt(fingerprint: token(), at: at(second), place: "host/\(second)")]))
            }
            let newest = TokenDoubt(fingerprint: token(), at: at(9), place: "host/9")
            try expect(store.doubt(about: token()), newest, "doubt")
            try expect(store.doubt(about: token("glpat-bbbbbbbbbbbbbbbbbbbbbbbb")), nil, "doubt about another")
            try store.write(RunRecord(settledDoubts: [token(), token("glpat-bbbbbbbbbbbbbbbbbbbbbbbb")]))
            try expect(store.doubt(about: token()), nil, "doubt")
        },
        HistoryRule("a token that only an event names is listed by its fingerprint") { store in
            try store.write(
                RunRecord(events: [Event(at: at(1), event: "refresh", outcome: "failed", fingerprint: token())]))
            let table = try store.rows(of: .tokens, filter: .init())
            try expect(cells(table, "fingerprint"), [.string(token().text)], "fingerprint")
            try expect(cells(table, "expires_at"), [.null], "end")
        },
    ]

    static let listRules: [HistoryRule] = [
        HistoryRule("lists begin with the contract's columns, in its order") { store in
            let expected: [HistoryList: String] = [
                .jobs: "job_id forge project job run attempt status started_at finished_at duration_s decision",
                .tokens: "fingerprint family generation credential kind forge token_id name scopes expires_at "
                    + "first_seen_at last_seen_at",
                .events: "at fingerprint job_id event outcome detail",
                .rotations: "at credential method state old_fingerprint new_fingerprint job_id",
            ]
            try store.write(started(job(), at: 0))
            for list in HistoryList.allCases {
                let columns = expected[list]?.split(separator: " ").map(String.init) ?? []
                let table = try store.rows(of: list, filter: .init())
                try expect(Array(table.columns.prefix(columns.count)), columns, list.rawValue)
                try expect(Set(table.rows.map(\.count)).subtracting([table.columns.count]), [], "\(list) widths")
            }
        },
        HistoryRule("a job's row says what was told of it") { store in
            try store.write(started(job(run: "77"), at: 0, timeout: .seconds(3600)))
            try store.write(
                RunRecord(job: JobUpdate(identity: job(run: "77"), decision: .insufficient, seenAt: at(1))))
            try store.write(finished(job(run: "77"), at: 61, .failed))
            let table = try store.rows(of: .jobs, filter: .init())
            let expected: [(String, JSONValue)] = [
                ("job_id", .string(job(run: "77").id)), ("forge", "gitlab"), ("project", "group/app"),
                ("job", "build"), ("run", "77"), ("attempt", 1), ("status", "failed"),
                ("started_at", "2026-11-20T00:00:00Z"), ("finished_at", "2026-11-20T00:01:01Z"), ("duration_s", 61),
                ("decision", "insufficient"),
            ]
            for (column, value) in expected { try expect(cell(table, 0, column), value, column) }
        },
        HistoryRule("events come newest first, with the job and the token where there are any") { store in
            var record = started(job(), at: 0)
            record.events.append(
                Event(
                    at: at(3), event: "preflight", outcome: "insufficient", fingerprint: token(),
                    detail: "10 min short",
                    code: .willExpire))
            try store.write(record)
            try store.write(RunRecord(events: [Event(at: at(1), event: "doctor", outcome: "ok")]))
            let table = try store.rows(of: .events, filter: .init())
            try expect(cells(table, "event"), ["preflight", "doctor", "start"], "events")
            try expect(cells(table, "fingerprint"), [.string(token().text), .null, .null], "tokens")
            try expect(cells(table, "job_id"), [.string(job().id), .null, .string(job().id)], "jobs")
            try expect(cell(table, 0, "detail"), "10 min short", "detail")
        },
        HistoryRule("events that differ in one part only are two events") { store in
            let base = Event(at: at(1), event: "preflight", outcome: "ok", fingerprint: token())
            var other = base
            other.outcome = "failed"
            var bare = base
            bare.fingerprint = nil
            try store.write(RunRecord(job: JobUpdate(identity: job(), seenAt: at(1)), events: [base, other, bare]))
            try store.write(RunRecord(events: [bare]))
            try store.write(RunRecord(events: [bare]))
            try expect(store.rows(of: .events, filter: .init()).rows.count, 4, "events")
        },
        HistoryRule("an event that happens once is told apart by its detail, in a job and without one") { store in
            for job in [JobUpdate(identity: job(), seenAt: at(1)), nil] {
                for (second, detail) in [(1, "a"), (2, "a"), (3, "b"), (4, "b")] {
                    let event = Event(
                        at: at(Int64(second)), event: "failure", outcome: "dns", detail: detail, isOnce: true)
                    try store.write(RunRecord(job: job, events: [event]))
                }
            }
            try expect(store.rows(of: .events, filter: .init()).rows.count, 4, "events")
        },
        HistoryRule("the last preflight's tokens come with what is known of them by now") { store in
            try expect(store.tokensOfLastPreflight(job()), [], "before any")
            func preflight(_ fingerprint: Fingerprint, at moment: Int64, standing: TokenStanding?) throws {
                var sighting = sighting(
                    fingerprint, lifetime: Lifetime(expiry: .at(at(900)), source: .forge, checkedAt: at(moment)))
                sighting.standing = standing
                try store.write(
                    RunRecord(
                        job: JobUpdate(identity: job(), seenAt: at(moment)), sightings: [sighting],
                        events: [
                            Event(at: at(moment), event: "preflight", outcome: "sufficient", fingerprint: fingerprint)
                        ]))
            }
            try preflight(first, at: 1, standing: .alive)
            try preflight(second, at: 2, standing: .alive)
            try preflight(second, at: 2, standing: .alive)
            try expect(store.tokensOfLastPreflight(job()).map(\.fingerprint), [second], "tokens")
            try expect(store.tokensOfLastPreflight(job(run: "9")), [], "another job's")
            let facts = TokenFacts(endsAt: at(900), standing: .alive, standingAt: at(2))
            try expect(store.tokensOfLastPreflight(job()).first?.facts, facts, "facts")
        },
        HistoryRule("each filter narrows each list, and all of them together") { store in
            try fill(store)
            for (list, filter, count) in filters {
                try expect(store.rows(of: list, filter: filter).rows.count, count, "\(list) by \(filter)")
            }
        },
        HistoryRule("a limit takes the newest") { store in
            try fill(store)
            let jobs = try store.rows(of: .jobs, filter: HistoryFilter(limit: 2))
            try expect(cells(jobs, "run"), ["3", "2"], "jobs")
            let events = try store.rows(of: .events, filter: HistoryFilter(project: "group/app", limit: 1))
            try expect(cells(events, "at"), [.string(at(301).text)], "events")
        },
    ]

    private static let first = token("glpat-firstfirstfirstfirst1")
    private static let second = token("glpat-secondsecondsecond22")

    /// Three jobs of two projects and two tokens: run 1 and 3 in `group/app`, run 2 in `group/other`.
    private static func fill(_ store: any HistoryStore) throws {
        let jobs = [
            ("1", "group/app", "build", first), ("2", "group/other", "build", first),
            ("3", "group/app", "test", second),
        ]
        for (run, project, name, fingerprint) in jobs {
            let start = (Int64(run) ?? 0) * 100
            let identity = job(name, run: run, project: project)
            var record = started(identity, at: start)
            record.sightings = [
                sighting(
                    fingerprint, credential: fingerprint == first ? "release" : "other",
                    lifetime: told(.never, at: start), standing: .alive)
            ]
            record.events.append(
                Event(at: at(start + 1), event: "preflight", outcome: "sufficient", fingerprint: fingerprint))
            try store.write(record)
        }
        try store.write(finished(job("build", run: "1", project: "group/app"), at: 150, .failed))
    }

    private static var filters: [(HistoryList, HistoryFilter, Int)] {
        [
            (.jobs, HistoryFilter(), 3), (.jobs, HistoryFilter(since: at(200)), 2),
            (.jobs, HistoryFilter(until: at(200)), 1), (.jobs, HistoryFilter(project: "group/app"), 2),
            (.jobs, HistoryFilter(job: "build"), 2), (.jobs, HistoryFilter(project: "group/app", job: "build"), 1),
            (.jobs, HistoryFilter(status: "failed"), 1),
            (.jobs, HistoryFilter(project: "group/app", status: "running"), 1),
            (.jobs, HistoryFilter(token: "release"), 2), (.jobs, HistoryFilter(token: second.text), 1),
            (.jobs, HistoryFilter(token: String(first.text.prefix(6))), 2),
            (.jobs, HistoryFilter(project: "group/other", token: "release"), 1),
            (
                .jobs,
                HistoryFilter(since: at(150), project: "group/app", job: "test", status: "running", token: "other"), 1
            ),
            (.jobs, HistoryFilter(project: "group"), 0), (.jobs, HistoryFilter(token: "nobody"), 0),
            (.tokens, HistoryFilter(), 2), (.tokens, HistoryFilter(since: at(300)), 1),
            (.tokens, HistoryFilter(project: "group/app"), 2), (.tokens, HistoryFilter(job: "test"), 1),
            (.tokens, HistoryFilter(status: "alive"), 2), (.tokens, HistoryFilter(status: "revoked"), 0),
            (.tokens, HistoryFilter(token: "release"), 1), (.tokens, HistoryFilter(job: "test", token: "release"), 0),
            (.tokens, HistoryFilter(project: "group/other", status: "alive"), 1),
            (.events, HistoryFilter(), 7), (.events, HistoryFilter(since: at(101), until: at(201)), 3),
            (.events, HistoryFilter(project: "group/app"), 5), (.events, HistoryFilter(job: "build"), 5),
            (.events, HistoryFilter(status: "sufficient"), 3), (.events, HistoryFilter(status: "failed"), 1),
            (.events, HistoryFilter(token: "release"), 2), (.events, HistoryFilter(token: second.text), 1),
            (.events, HistoryFilter(project: "group/app", status: "ok"), 2),
            (.events, HistoryFilter(project: "group/app", status: "sufficient", token: "release"), 1),
            (.rotations, HistoryFilter(), 0),
        ]
    }
}
