// Rules on jobs and past attempts: told twice is told once, and who never says how it ended is given up.

internal import OutlastModel

extension HistoryStoreConformance {
    static let jobRules: [HistoryRule] = [
        HistoryRule("an empty store knows nothing and says so") { store in
            try expect(store.attempts(of: job().series, endedBefore: at(0), limit: 9), [], "attempts")
            try expect(store.attemptsOfOtherJobs(of: job().series, endedBefore: at(0), limit: 9), [], "other attempts")
            try expect(store.startOfJob(job()), nil, "start")
            try expect(store.remembered(token(), api: nil), nil, "remembered token")
            for list in HistoryList.allCases {
                try expect(store.rows(of: list, filter: .init()).rows, [], list.rawValue)
            }
        },
        HistoryRule("the salt has 32 bytes") { try expect($0.salt.count, 32, "length of the salt") },
        HistoryRule("starting twice is starting once, at the first moment told") { store in
            try store.write(started(job(), at: 10))
            try store.write(started(job(), at: 10))
            try store.write(started(job(), at: 20))
            try expect(store.startOfJob(job()), at(10), "start")
            try expect(store.rows(of: .jobs, filter: .init()).rows.count, 1, "jobs")
        },
        HistoryRule("finishing twice is finishing once, with the first end told") { store in
            try run(store, job(), from: 0, to: 60)
            try store.write(finished(job(), at: 90, .failed))
            let table = try store.rows(of: .jobs, filter: .init())
            try expect(cell(table, 0, "status"), "success", "status")
            try expect(cell(table, 0, "duration_s"), 60, "duration")
        },
        HistoryRule("what happens once is kept once, whenever it is told again") { store in
            for second in [0, 5, 9] {
                for outcome in ["running", "success"] {
                    let event = Event(at: at(Int64(second)), event: "start", outcome: outcome, isOnce: true)
                    try store.write(
                        RunRecord(job: JobUpdate(identity: job(), seenAt: at(Int64(second))), events: [event]))
                }
                let other = Event(at: at(Int64(second)), event: "note", outcome: "running")
                try store.write(
                    RunRecord(job: JobUpdate(identity: job(), seenAt: at(Int64(second))), events: [other]))
            }
            let table = try store.rows(of: .events, filter: .init())
            try expect(cells(table, "event").filter { $0 == "start" }.count, 2, "starts, one of each outcome")
            try expect(cells(table, "event").filter { $0 == "note" }.count, 3, "what may happen again")
        },
        HistoryRule("writing a whole record again changes no list") { store in
            var record = started(job(), at: 0, timeout: .seconds(600), slot: "1/0")
            record.sightings = [sighting(token(), lifetime: told(.at(at(900)), at: 0), standing: .alive)]
            record.events.append(
                Event(at: at(0), event: "preflight", outcome: "sufficient", fingerprint: token(), detail: "all well"))
            try store.write(record)
            let before = try HistoryList.allCases.map { try store.rows(of: $0, filter: .init()) }
            try store.write(record)
            try expect(HistoryList.allCases.map { try store.rows(of: $0, filter: .init()) }, before, "lists")
        },
        HistoryRule("a finish without a start stores what it knows") { store in
            try store.write(finished(job(), at: 60, .failed))
            let table = try store.rows(of: .jobs, filter: .init())
            try expect(cell(table, 0, "status"), "failed", "status")
            try expect(cell(table, 0, "started_at"), .null, "start")
            try expect(cell(table, 0, "duration_s"), .null, "duration")
            try expect(store.attempts(of: job().series, endedBefore: at(99), limit: 9), [], "attempts")
        },
        HistoryRule("a job that ended without saying how is abandoned") { store in
            try store.write(started(job(), at: 0))
            try store.write(RunRecord(job: JobUpdate(identity: job(), finishedAt: at(50), seenAt: at(50))))
            let attempts = try store.attempts(of: job().series, endedBefore: at(99), limit: 9)
            try expect(attempts.map(\.status), [.abandoned], "status")
            try expect(attempts.map(\.duration), [.seconds(50)], "duration")
        },
        HistoryRule("a job past its time-out is abandoned at the moment it was last seen") { store in
            try store.write(started(job(run: "1"), at: 0, timeout: .seconds(100)))
            try store.write(RunRecord(job: JobUpdate(identity: job(run: "1"), decision: .sufficient, seenAt: at(70))))
            try store.write(started(job("other"), at: 500))
            let table = try store.rows(of: .jobs, filter: HistoryFilter(job: "build"))
            try expect(cell(table, 0, "status"), "abandoned", "status")
            try expect(cell(table, 0, "duration_s"), 70, "duration")
            try expect(cell(table, 0, "finished_at"), .null, "end")
        },
        HistoryRule("a job whose slot has begun another is abandoned, on the same server only") { store in
            try store.write(started(job(run: "1"), at: 0, slot: "7/0"))
            try store.write(started(job(run: "1", server: "elsewhere"), at: 0, slot: "7/0"))
            try store.write(started(job(run: "2"), at: 50, slot: "7/0"))
            let table = try store.rows(of: .jobs, filter: HistoryFilter(status: "abandoned"))
            try expect(cells(table, "run"), ["1"], "abandoned runs")
            try expect(store.rows(of: .jobs, filter: HistoryFilter(status: "running")).rows.count, 2, "running jobs")
        },
        HistoryRule("a start told late does not end the job that followed it in the slot") { store in
            try store.write(started(job(run: "2"), at: 50, slot: "7/0"))
            try store.write(started(job(run: "1"), at: 0, slot: "7/0"))
            let table = try store.rows(of: .jobs, filter: HistoryFilter(status: "running"))
            try expect(cells(table, "run"), ["2"], "running runs")
        },
        HistoryRule("an end that is told replaces the guess that a job was abandoned") { store in
            try store.write(started(job(run: "1"), at: 0, slot: "7/0"))
            try store.write(started(job(run: "2"), at: 50, slot: "7/0"))
            try store.write(finished(job(run: "1"), at: 60))
            let table = try store.rows(of: .jobs, filter: HistoryFilter(status: "success"))
            try expect(cells(table, "duration_s"), [60], "duration")
        },
    ]

    static let attemptRules: [HistoryRule] = [
        HistoryRule("attempts come newest start first, ended before the moment, at most the limit") { store in
            for number in 1...5 {
                let start = Int64(number) * 100
                try run(store, job(run: "\(number)"), from: start, to: start + Int64(number))
            }
            try store.write(started(job(run: "6"), at: 600))
            let all = try store.attempts(of: job().series, endedBefore: at(405), limit: 9)
            try expect(all.map(\.duration), [4, 3, 2, 1].map { .seconds($0) }, "all that ended before")
            let some = try store.attempts(of: job().series, endedBefore: at(404), limit: 2)
            try expect(some.map(\.startedAt), [at(300), at(200)], "the limit, and an end at the very moment")
            try expect(store.attempts(of: job().series, endedBefore: at(999), limit: 0), [], "none")
        },
        HistoryRule("attempts say how they ended") { store in
            for (number, status) in [JobStatus.success, .failed, .canceled].enumerated() {
                let identity = job(run: "\(number)")
                try store.write(started(identity, at: Int64(number)))
                try store.write(finished(identity, at: 50, status))
            }
            let found = try store.attempts(of: job().series, endedBefore: at(99), limit: 9).map(\.status)
            try expect(found, [.canceled, .failed, .success], "status")
        },
        HistoryRule("a running job whose time is over counts as abandoned before anyone wrote it down") { store in
            try store.write(started(job(), at: 0, timeout: .seconds(100)))
            try store.write(RunRecord(job: JobUpdate(identity: job(), seenAt: at(30))))
            try expect(store.attempts(of: job().series, endedBefore: at(99), limit: 9), [], "before its time is over")
            let found = try store.attempts(of: job().series, endedBefore: at(100), limit: 9)
            try expect(
                found, [PastAttempt(startedAt: at(0), duration: .seconds(30), status: .abandoned)], "afterwards")
        },
        HistoryRule("series differ by server, project, job, and by the leg where that was asked for") { store in
            try run(store, job(), from: 0, to: 10)
            try run(store, job(server: "elsewhere"), from: 0, to: 20)
            try run(store, job(project: "group/other"), from: 0, to: 30)
            var leg = job(run: "2")
            leg.leg = "linux"
            try run(store, leg, from: 100, to: 140)
            leg.legIsSeries = true
            leg.run = "3"
            try run(store, leg, from: 200, to: 250)
            let found = try store.attempts(of: job().series, endedBefore: at(999), limit: 9).map(\.duration)
            try expect(found, [.seconds(40), .seconds(10)], "the plain series")
            let legs = try store.attempts(of: leg.series, endedBefore: at(999), limit: 9).map(\.duration)
            try expect(legs, [.seconds(50)], "the leg's own")
        },
        HistoryRule("attempts of other jobs are those of the same project on the same server") { store in
            try run(store, job("build"), from: 0, to: 10)
            try run(store, job("test"), from: 20, to: 40)
            try run(store, job("lint"), from: 10, to: 40)
            try run(store, job("test", project: "group/other"), from: 30, to: 70)
            try run(store, job("test", server: "elsewhere"), from: 30, to: 80)
            let found = try store.attemptsOfOtherJobs(of: job("build").series, endedBefore: at(99), limit: 9)
            try expect(found.map(\.duration), [.seconds(20), .seconds(30)], "others")
            let one = try store.attemptsOfOtherJobs(of: job("build").series, endedBefore: at(99), limit: 1)
            try expect(one.map(\.startedAt), [at(20)], "the newest other")
        },
    ]
}
