// Signals that ask the process to end, in processes of their own. Raised in the thread that looks, so that they have
// arrived when it does.

import Testing

@testable import OutlastSystem

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite struct StopSignalsTests {
    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func theFirstSignalIsNotedAndNoneEndsTheProcess(_ number: Int32) async {
        await #expect(processExitsWith: .success) { [number = number as Int32] in
            let signals = StopSignals()
            guard signals.first == nil else { exit(1) }
            for next in [number, SIGTERM, SIGINT, SIGHUP, number] { raise(next) }
            guard signals.first == number else { exit(2) }
        }
    }

    @Test func afterwardsTheyEndTheProcessAgain() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            let signals = StopSignals()
            raise(SIGTERM)
            guard signals.first == SIGTERM else { exit(1) }
            signals.restore()
            signals.restore()
            guard signals.first == SIGTERM else { exit(2) }
            raise(SIGTERM)
        }
        await #expect(processExitsWith: .signal(SIGINT)) {
            do { _ = StopSignals() }
            raise(SIGINT)
        }
    }

    @Test func anIgnoredSignalStaysIgnored() async {
        await #expect(processExitsWith: .success) {
            signal(SIGHUP, SIG_IGN)
            let signals = StopSignals()
            raise(SIGHUP)
            guard signals.first == nil else { exit(1) }
            signals.restore()
            raise(SIGHUP)
        }
    }

    @Test func aSecondOneReadsAndRestoresNothing() async {
        await #expect(processExitsWith: .success) {
            let signals = StopSignals()
            do {
                let second = StopSignals()
                raise(SIGTERM)
                guard second.first == SIGTERM else { exit(1) }
            }
            raise(SIGTERM)
            guard signals.first == SIGTERM else { exit(2) }
        }
    }

    @Test func aNewOneBeginsWithNone() async {
        await #expect(processExitsWith: .success) {
            do {
                let signals = StopSignals()
                raise(SIGTERM)
                guard signals.first == SIGTERM else { exit(1) }
            }
            guard StopSignals().first == nil else { exit(2) }
        }
    }
}
