// Signals that ask the process to end, in processes of their own.

import Testing

@testable import OutlastSystem

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite struct StopSignalsTests {
    /// Raises a signal in this very thread, so that it has arrived when the call returns. Threads of the pool block
    /// signals, which otherwise go to the main thread in their own time.
    private static func deliver(_ number: Int32) {
        var only = sigset_t()
        sigemptyset(&only)
        sigaddset(&only, number)
        pthread_sigmask(SIG_UNBLOCK, &only, nil)
        raise(number)
    }

    @Test func aSignalToTheProcessIsNotedWhereverItArrives() async {
        await #expect(processExitsWith: .success) {
            let signals = StopSignals()
            kill(getpid(), SIGTERM)
            // No count of looks is certain; one that is never reached otherwise only bounds a failure.
            for _ in 0..<10_000_000 where signals.first == nil { sched_yield() }
            guard signals.first == SIGTERM else { exit(1) }
        }
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func theFirstSignalIsNotedAndNoneEndsTheProcess(_ number: Int32) async {
        await #expect(processExitsWith: .success) { [number = number as Int32] in
            let signals = StopSignals()
            guard signals.first == nil else { exit(1) }
            for next in [number, SIGTERM, SIGINT, SIGHUP, number] { StopSignalsTests.deliver(next) }
            guard signals.first == number else { exit(2) }
        }
    }

    @Test func afterwardsTheyEndTheProcessAgain() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            let signals = StopSignals()
            StopSignalsTests.deliver(SIGTERM)
            guard signals.first == SIGTERM else { exit(1) }
            signals.restore()
            signals.restore()
            guard signals.first == SIGTERM else { exit(2) }
            StopSignalsTests.deliver(SIGTERM)
        }
        await #expect(processExitsWith: .signal(SIGINT)) {
            do { _ = StopSignals() }
            StopSignalsTests.deliver(SIGINT)
        }
    }

    @Test func anIgnoredSignalStaysIgnored() async {
        await #expect(processExitsWith: .success) {
            signal(SIGHUP, SIG_IGN)
            let signals = StopSignals()
            StopSignalsTests.deliver(SIGHUP)
            guard signals.first == nil else { exit(1) }
            signals.restore()
            StopSignalsTests.deliver(SIGHUP)
        }
    }

    @Test func aSecondOneReadsAndRestoresNothing() async {
        await #expect(processExitsWith: .success) {
            let signals = StopSignals()
            do {
                let second = StopSignals()
                StopSignalsTests.deliver(SIGTERM)
                guard second.first == SIGTERM else { exit(1) }
            }
            StopSignalsTests.deliver(SIGTERM)
            guard signals.first == SIGTERM else { exit(2) }
        }
    }

    @Test func aNewOneBeginsWithNone() async {
        await #expect(processExitsWith: .success) {
            do {
                let signals = StopSignals()
                StopSignalsTests.deliver(SIGTERM)
                guard signals.first == SIGTERM else { exit(1) }
            }
            guard StopSignals().first == nil else { exit(2) }
        }
    }
}
