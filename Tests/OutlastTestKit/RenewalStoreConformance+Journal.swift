// Rules on the journal, the outbox, the history that goes with a step, and what hosts make us wait for.

internal import OutlastModel

extension RenewalStoreConformance {
    static let journalRules: [HistoryRule] = [
        rule("an entry gets a number, and keeps it through all its states") { store in
            var row = entry()
            row.entry.id = try store.apply(RenewalChange(journal: row), to: first)
            try expect(row.entry.id > 0, true, "a number")
            try expect(
                store.apply(RenewalChange(family: RenewalStoreConformance.row()), to: first), 0,
                "a step without an entry")
            row.entry.sentAt = at(4)
            row.entry.newFingerprint = Fingerprint(digest: digest("new"))
            row.entry.jobID = "0123456789abcdef"
            row.entry.detail = "a line"
            for state in RenewalState.allCases {
                row.entry.state = state
                row.entry.changedAt = row.entry.changedAt.advanced(by: .milliseconds(1500))
                row.seal = [UInt8(row.entry.changedAt.milliseconds & 0xFF)]
                try expect(store.apply(RenewalChange(journal: row), to: first), row.entry.id, "the number")
                try expect(store.openJournal(of: first), state.isOpen ? [row] : [], "open in \(state)")
            }
        },
        rule("open entries come oldest first, each family's its own") { store in
            var numbers: [Int64] = []
            for generation in 1...3 {
                numbers.append(try store.apply(RenewalChange(journal: entry(generation: generation)), to: first))
            }
            let other = try store.apply(RenewalChange(journal: entry(second)), to: second)
            try expect(store.openJournal(of: first).map(\.entry.id), numbers, "the first family's")
            try expect(store.openJournal(of: second).map(\.entry.id), [other], "the second family's")
        },
        rule("the renewals of a token are found by it, oldest first, open and closed, in its own family only") {
            store in
            let token = entry().entry.oldFingerprint
            try expect(store.renewals(of: token, in: first), [], "before the first")
            var rows: [JournalRow] = []
            for state in RenewalState.allCases {
                var row = entry(state: state)
                row.entry.detail = "the \(state) one"
                row.entry.id = try store.apply(RenewalChange(journal: row), to: first)
                rows.append(row)
            }
            var theirs = entry(second)
            theirs.entry.oldFingerprint = token
            _ = try store.apply(RenewalChange(journal: theirs), to: second)
            try expect(store.renewals(of: token, in: first), rows, "all states")
            try expect(store.renewals(of: token, in: second).count, 1, "in another family")
            let other = Fingerprint(digest: digest("another token"))
            try expect(store.renewals(of: other, in: first), [], "of another token")
            for _ in 0..<100 { rows.append(entry(state: .refused)) }
            for place in rows.indices.dropFirst(RenewalState.allCases.count) {
                rows[place].entry.id = try store.apply(RenewalChange(journal: rows[place]), to: first)
            }
            try expect(store.renewals(of: token, in: first), Array(rows.suffix(100)), "the newest hundred")
        },
        rule("an entry whose row is gone finds a new one, and never another family's") { store in
            let other = try store.apply(RenewalChange(journal: entry(second)), to: second)
            var row = entry(state: .received)
            row.entry.id = other
            let number = try store.apply(RenewalChange(journal: row), to: first)
            try expect(number != other, true, "another number")
            try expect(store.openJournal(of: first).map(\.entry.id), [number], "the first family's")
            try expect(store.openJournal(of: second).map(\.entry.state), [.intended], "the second family's")
        },
        rule("publications are queued by target, and drained") { store in
            _ = try store.apply(RenewalChange(queued: [queued("file"), queued("variable")]), to: first)
            _ = try store.apply(RenewalChange(queued: [queued("file", second)]), to: second)
            let again = queued("file", generation: 2, attempts: 2)
            _ = try store.apply(RenewalChange(queued: [again]), to: first)
            try expect(Set(store.outbox(of: first)), [again, queued("variable")], "queued")
            _ = try store.apply(RenewalChange(drained: [digest("file"), digest("unknown")]), to: first)
            try expect(store.outbox(of: first), [queued("variable")], "after draining")
            try expect(store.outbox(of: second), [queued("file", second)], "the other family's")
        },
        HistoryRule("a step's history goes with it") { history in
            let token = HistoryStoreConformance.token()
            var sighting = HistoryStoreConformance.sighting(
                token, lifetime: HistoryStoreConformance.told(.never, at: 5))
            (sighting.family, sighting.generation) = (first.text, 2)
            let record = RunRecord(
                job: JobUpdate(identity: HistoryStoreConformance.job(), seenAt: at(5)), sightings: [sighting],
                events: [Event(at: at(5), event: "renew", outcome: "renewed", fingerprint: token)])
            _ = try renewals(of: history).apply(RenewalChange(family: row(), history: record), to: first)
            let events = try history.rows(of: .events, filter: .init())
            try expect(HistoryStoreConformance.cells(events, "event"), ["renew"], "events")
            (sighting.family, sighting.generation) = (nil, nil)
            try history.write(RunRecord(sightings: [sighting]))
            let tokens = try history.rows(of: .tokens, filter: .init())
            try expect(HistoryStoreConformance.cells(tokens, "family"), [.string(first.text)], "family")
            try expect(HistoryStoreConformance.cells(tokens, "generation"), [2], "generation")
        },
    ]

    static let hostRules: [HistoryRule] = [
        rule("failed authentications are counted by host, and forgotten by a success") { store in
            for second in [1, 2, 2, 3] as [Int64] {
                try store.noteAuthentication(at: "gitlab.example.com", succeeded: false, now: at(second))
            }
            try store.noteAuthentication(at: "other.example.com", succeeded: false, now: at(2))
            try expect(store.failedAuthentications(at: "gitlab.example.com", since: at(2)), 3, "since a moment")
            try expect(store.failedAuthentications(at: "gitlab.example.com", since: at(4)), 0, "later")
            try store.noteAuthentication(at: "gitlab.example.com", succeeded: true, now: at(5))
            try expect(store.failedAuthentications(at: "gitlab.example.com", since: at(0)), 0, "after a success")
            try expect(store.failedAuthentications(at: "other.example.com", since: at(0)), 1, "the other host's")
        },
        rule("of two moments to wait for, the later counts") { store in
            try expect(store.waitUntil(for: "gitlab.example.com"), nil, "before")
            for (second, expected) in [(60, 60), (30, 60), (90, 90)] as [(Int64, Int64)] {
                try store.noteWait(for: "gitlab.example.com", until: at(second))
                try expect(store.waitUntil(for: "gitlab.example.com"), at(expected), "after \(second)")
            }
            try expect(store.waitUntil(for: "other.example.com"), nil, "another host")
        },
    ]

    static let rotationRules: [HistoryRule] = [
        HistoryRule("the list of rotations says what the journal says") { history in
            var row = entry(state: .received, changedAt: 65, job: "0123456789abcdef")
            row.entry.newFingerprint = Fingerprint(digest: digest("new"))
            let store = try renewals(of: history)
            _ = try store.apply(RenewalChange(journal: row), to: first)
            _ = try store.apply(RenewalChange(journal: entry(second, changedAt: 70)), to: second)
            let table = try history.rows(of: .rotations, filter: .init())
            let expected: [(String, JSONValue)] = [
                ("at", "2026-11-20T00:01:05Z"), ("credential", "release"), ("method", "gitlab-rotate"),
                ("state", "received"), ("old_fingerprint", .string(row.entry.oldFingerprint.text)),
                ("new_fingerprint", .string(Fingerprint(digest: digest("new")).text)), ("job_id", "0123456789abcdef"),
            ]
            for (column, value) in expected {
                try expect(HistoryStoreConformance.cell(table, 1, column), value, column)
            }
            try expect(HistoryStoreConformance.cell(table, 0, "new_fingerprint"), .null, "no new token yet")
            try expect(HistoryStoreConformance.cell(table, 0, "job_id"), .null, "no job")
        },
        HistoryRule("each filter narrows the list of rotations, and all of them together") { history in
            try fillRotations(history)
            let old = Fingerprint(digest: digest("\(first) 1")).text
            let new = Fingerprint(digest: digest("new 1")).text
            let filters: [(HistoryFilter, Int)] = [
                (HistoryFilter(), 3), (HistoryFilter(since: at(200)), 2), (HistoryFilter(until: at(200)), 1),
                (HistoryFilter(status: "retired"), 2), (HistoryFilter(status: "lost"), 0),
                (HistoryFilter(token: "release"), 2), (HistoryFilter(token: "nobody"), 0),
                (HistoryFilter(token: old), 1), (HistoryFilter(token: String(old.prefix(7))), 1),
                (HistoryFilter(token: new), 1), (HistoryFilter(project: "group/app"), 2),
                (HistoryFilter(job: "test"), 1), (HistoryFilter(project: "group/app", job: "build"), 1),
                (HistoryFilter(project: "group/other", job: "test"), 0),
                (HistoryFilter(since: at(150), project: "group/app", status: "retired", token: "release"), 1),
                (HistoryFilter(limit: 2), 2),
            ]
            for (filter, count) in filters {
                try expect(history.rows(of: .rotations, filter: filter).rows.count, count, "rotations by \(filter)")
            }
            let table = try history.rows(of: .rotations, filter: HistoryFilter(limit: 2))
            try expect(HistoryStoreConformance.cells(table, "credential"), ["release", "other"], "newest first")
        },
    ]

    /// Renewals 1 and 3 of `release` in two jobs of `group/app`, the second of `other` in `group/other`.
    private static func fillRotations(_ history: any HistoryStore) throws {
        let store = try renewals(of: history)
        let jobs = [
            (1, "group/app", "build", "release", RenewalState.retired), (2, "group/other", "build", "other", .proved),
            (3, "group/app", "test", "release", .retired),
        ]
        for (number, project, name, credential, state) in jobs {
            let start = Int64(number) * 100
            let identity = HistoryStoreConformance.job(name, run: "\(number)", project: project)
            try history.write(HistoryStoreConformance.started(identity, at: start))
            var row = entry(
                generation: number, state: state, changedAt: start, credential: credential, job: identity.id)
            row.entry.newFingerprint = Fingerprint(digest: digest("new \(number)"))
            _ = try store.apply(RenewalChange(journal: row), to: first)
        }
    }
}
