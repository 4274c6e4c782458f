// Waiting that ends when somebody asks the process to end.

import OutlastModel

extension World {
    /// Lets time pass.
    ///
    /// - Throws: `unexpected` (1) as soon as a signal has asked this process to end.
    func pause(_ duration: Duration) async throws(Failure) {
        var left = duration
        while left > .zero {
            try stopIfAsked()
            let slice = min(left, .milliseconds(200))
            do { try await clock.sleep(for: slice) } catch { break }
            left -= slice
        }
        try stopIfAsked()
    }

    /// Says on stderr, now, what a long wait is for.
    func tell(_ text: String) { children?.tell(Secret("outlast: \(SafeText.line(text))")) }

    /// - Throws: `unexpected` (1) when a signal has asked this process to end.
    func stopIfAsked() throws(Failure) {
        if let signal = stopSignal() { throw .stopped(by: signal) }
    }
}
