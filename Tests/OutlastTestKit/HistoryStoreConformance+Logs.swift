// Rules on what logs of forges tell: a line is stored once, and belongs to the token that it names.

internal import OutlastModel

extension HistoryStoreConformance {
    static let logRules: [HistoryRule] = [
        HistoryRule("a line of a log is stored once, in whatever batch it comes again") { store in
            let lines = (0..<5).map { logged("line \($0)", at: Int64($0)) }
            try expect(store.write(lines, from: "log"), ImportCount(added: 5), "first")
            try expect(
                store.write(lines + [logged("new", at: 9)], from: "log"), ImportCount(added: 1, known: 5), "again")
            try expect(store.rows(of: .events, filter: .init()).rows.count, 6, "events")
        },
        HistoryRule("a line that stands in a batch twice is stored once") { store in
            let line = logged("line", at: 0)
            try expect(store.write([line, line], from: "log"), ImportCount(added: 1, known: 1), "count")
        },
        HistoryRule("refusals of the same moment are all kept") { store in
            let lines = (0..<200).map { logged("line \($0)", at: 0) }
            try expect(store.write(Array(lines.prefix(90)), from: "log").added, 90, "first batch")
            try expect(store.write(lines, from: "log"), ImportCount(added: 110, known: 90), "second batch")
            try expect(store.rows(of: .events, filter: HistoryFilter(limit: 1000)).rows.count, 200, "events")
        },
        HistoryRule("a refusal belongs to the token with its number, host and kind") { store in
            try store.write(
                RunRecord(sightings: [sighting(token(), lifetime: told(.never, at: 0))], events: [noted(at: 0)]))
            let lines = [
                logged("right", at: 1), logged("other number", at: 2, id: "13"),
                logged("other host", at: 3, host: "gitlab.example.org"), logged("no host", at: 4, host: nil),
                logged("no number", at: 5, id: nil), logged("other kind", at: 6, kinds: ["gitlab-oauth"]),
                logged("other forge", at: 7, forge: "other"),
            ]
            try expect(store.write(lines, from: "log"), ImportCount(added: 7, joined: 1), "count")
            let table = try store.rows(of: .events, filter: HistoryFilter(status: "auth_expired"))
            let expected: [JSONValue] = Array(repeating: .null, count: 6) + [.string(token().text)]
            try expect(cells(table, "fingerprint"), expected, "fingerprints, newest first")
            try expect(cell(table, 6, "detail"), "right", "what it says")
            let ofToken = try store.rows(of: .events, filter: HistoryFilter(token: "release"))
            try expect(cells(ofToken, "outcome"), ["auth_expired"], "events of the token")
        },
        HistoryRule("a refusal is joined to a token that becomes known later, when its line is told again") { store in
            let line = logged("line", at: 1)
            try expect(store.write([line], from: "log"), ImportCount(added: 1), "before")
            try store.write(
                RunRecord(sightings: [sighting(token(), lifetime: told(.never, at: 0))], events: [noted(at: 0)]))
            try expect(store.write([line], from: "log"), ImportCount(known: 1, joined: 1), "after")
            let table = try store.rows(of: .events, filter: HistoryFilter(status: "auth_expired"))
            try expect(cells(table, "fingerprint"), [.string(token().text)], "fingerprint")
        },
        HistoryRule("many attempts told at once are stored once, and what is known is counted as known") { store in
            let updates = (1...5).map { ended(job(run: "\($0)"), from: Int64($0), to: Int64($0) + 60) }
            try expect(store.write(updates), ImportCount(added: 5), "first")
            try expect(store.write(updates), ImportCount(known: 5), "again")
            let attempts = try store.attempts(of: job().series, endedBefore: at(999), limit: 9)
            try expect(attempts.map(\.duration), Array(repeating: .seconds(60), count: 5), "durations")
            try expect(store.rows(of: .events, filter: .init()).rows, [], "events")
        },
        HistoryRule("an attempt that recorded itself is the one that a list tells") { store in
            try run(store, job(), from: 0, to: 60)
            try store.write(started(job(run: "2"), at: 100))
            let told = [ended(job(), from: 1, to: 61, .failed), ended(job(run: "2"), from: 101, to: 161, .failed)]
            try expect(store.write(told), ImportCount(added: 1, known: 1), "count")
            let table = try store.rows(of: .jobs, filter: .init())
            try expect(cells(table, "status"), ["failed", "success"], "status, newest first")
            try expect(cells(table, "duration_s"), [61, 60], "durations")
        },
        HistoryRule("the names of a project's jobs are those of its server") { store in
            try expect(store.jobNames(inProjectOf: job().series), [], "empty")
            let identities = [job("b"), job("a"), job("a", run: "2"), job("c", server: "x"), job("d", project: "p")]
            for identity in identities { try store.write(started(identity, at: 0)) }
            try expect(store.jobNames(inProjectOf: job("other").series).sorted(), ["a", "b"], "names")
        },
        HistoryRule("an export has every row of every list, oldest first, until nobody wants more") { store in
            for number in 1...3 { try run(store, job(run: "\(number)"), from: Int64(number), to: Int64(number) + 60) }
            try store.write(
                RunRecord(sightings: [sighting(token(), lifetime: told(.never, at: 0))], events: [noted(at: 99)]))
            var found: [String: [[JSONValue.Member]]] = [:]
            try store.export { list, members throws(Failure) in
                found[list, default: []].append(members)
                return true
            }
            for list in [HistoryList.jobs, .tokens, .events] {
                let count = try store.rows(of: list, filter: .init()).rows.count
                try expect(found[list.rawValue]?.count, count, list.rawValue)
            }
            let runs = found["jobs"]?.map { members in members.first { $0.key == "run" }?.value }
            try expect(runs, ["1", "2", "3"], "jobs")
            var wanted = 0
            try store.export { _, _ throws(Failure) in
                wanted += 1
                return wanted < 2
            }
            try expect(wanted, 2, "rows handed out")
        },
        HistoryRule("pruning removes what was over before a moment, and no token that lives") { store in
            try run(store, job(run: "old"), from: 0, to: 60)
            try run(store, job(run: "across"), from: 50, to: 150)
            try store.write(started(job(run: "running"), at: 10, timeout: .seconds(5000)))
            for (name, expiry) in [
                ("dead", Expiry.at(at(70))), ("alive", .at(at(9000))), ("endless", .never), ("odd", .unknown),
            ] {
                let found = sighting(
                    token("glpat-aaaaaaaaaaaaaaaaaaaa-" + name), credential: name, lifetime: told(expiry, at: 5))
                try store.write(RunRecord(sightings: [found], events: [Event(at: at(5), event: "note", outcome: name)]))
            }
            _ = try store.write([logged("old", at: 5, id: nil), logged("new", at: 500, id: nil)], from: "log")
            let count = try store.prune(before: at(100), now: at(1000))
            try expect(count, HistoryCount(jobs: 1, tokens: 2, events: 9), "removed")
            let runs = try cells(store.rows(of: .jobs, filter: .init()), "run")
            try expect(runs, ["across", "running"], "jobs that stay")
            let names = try cells(store.rows(of: .tokens, filter: .init()), "credential").compactMap(\.text).sorted()
            try expect(names, ["alive", "endless"], "tokens that stay")
            try expect(store.prune(before: at(100), now: at(1000)), HistoryCount(), "again")
            try expect(store.write([logged("new", at: 500)], from: "log").known, 1, "a line that stays")
        },
        HistoryRule("pruning removes listed tokens that have ended, and those that a later list has left out") {
            store in
            func listed(_ id: String, _ expiry: Expiry, at second: Int64, api: String = "https://one.example.com")
                -> ListedToken
            {
                ListedToken(
                    forge: "gitlab", api: api, tokenID: id, kind: "gitlab-group", name: id, owner: "group",
                    scopes: ["api"], expiry: expiry, standing: .alive, listedAt: at(second))
            }
            let tokens = [
                listed("ended", .at(at(90)), at: 500), listed("gone", .at(at(9000)), at: 50),
                listed("gone too", .never, at: 50), listed("there", .at(at(900)), at: 500),
                // Nobody has looked at that server since.
                listed("unknown", .at(at(9000)), at: 50, api: "https://two.example.com"),
                listed("over", .at(at(99)), at: 50, api: "https://two.example.com"),
            ]
            for token in tokens { try store.write([token], wholeOf: nil) }
            let count = try store.prune(before: at(100), now: at(1000))
            try expect(count, HistoryCount(listedTokens: 4), "removed")
            let names = try cells(store.rows(of: .tokens, filter: .init()), "name").compactMap(\.text).sorted()
            try expect(names, ["there", "unknown"], "those that stay")
            try expect(store.prune(before: at(100), now: at(1000)), HistoryCount(), "again")
        },
    ]

    static func ended(_ identity: JobIdentity, from start: Int64, to end: Int64, _ status: JobStatus = .success)
        -> JobUpdate
    {
        JobUpdate(identity: identity, startedAt: at(start), finishedAt: at(end), status: status, seenAt: at(end))
    }

    static func noted(at second: Int64) -> Event { Event(at: at(second), event: "note", outcome: "ok") }

    static func logged(
        _ text: String, at second: Int64, id: String? = "12", host: String? = "gitlab.example.com",
        kinds: [String] = ["gitlab-project"], forge: String = "gitlab"
    ) -> LoggedFailure {
        LoggedFailure(
            key: LoggedFailure.key(of: Array(text.utf8)), at: at(second), class: .authExpired, confidence: .high,
            line: text, forge: forge, host: host, tokenID: id, kinds: kinds)
    }
}
