// The least that a command with a state store can do: read its arguments, open the store's file by GRDB, and commit one
// row that is on disk when it ends.

import ArgumentParser
import GRDB

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@main
struct Baseline: ParsableCommand {
    @Option(help: "The state store.")
    var state: String
    @Option(help: "What to note.")
    var detail: String
    @Flag(help: "Answer in JSON.")
    var json = false

    func run() throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        let queue = try DatabaseQueue(path: state, configuration: configuration)
        try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO events(at, kind_id, code, detail)
                    VALUES (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER), 1, 0, ?)
                    """,
                arguments: [detail])
        }
        print(json ? #"{"schema":1,"stored":true}"# : "stored: \(detail)")
        fflush(nil)
        // Without closing the file, which would fold its log in and cost as much again.
        withExtendedLifetime(queue) { _exit(0) }
    }
}
