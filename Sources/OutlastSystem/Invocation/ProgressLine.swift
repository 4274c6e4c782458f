// One line on the terminal that is written over and over and leaves nothing behind.

public import OutlastModel
import Synchronization

/// A bar on stderr.
public final class ProgressLine: ProgressDisplay {
    private let streams: StandardStreams
    private let columns: Int
    private let shown = Mutex("")

    /// A bar for a terminal of so many columns.
    public init(columns: Int?, streams: StandardStreams = StandardStreams()) {
        self.columns = max(20, min(columns ?? 80, 200))
        self.streams = streams
    }

    /// Shows a share; writes only when the line changes.
    public func show(_ share: Double?, _ words: String) {
        let line = Self.line(share, words, columns: columns)
        shown.withLock { shown in
            guard line != shown else { return }
            streams.write("\r\(line)\u{1B}[K", to: .error)
            shown = line
        }
    }

    /// Takes the line away.
    public func clear() {
        shown.withLock { shown in
            guard !shown.isEmpty else { return }
            streams.write("\r\u{1B}[K", to: .error)
            shown = ""
        }
    }

    /// `[########............] 40 % words`, shorter than the terminal is wide.
    static func line(_ share: Double?, _ words: String, columns: Int) -> String {
        guard let share, share.isFinite else { return String(words.prefix(columns - 1)) }
        let full = 20
        let done = Int(max(0, min(1, share)) * Double(full))
        let bar = String(repeating: "#", count: done) + String(repeating: ".", count: full - done)
        return String("[\(bar)] \(Int(max(0, min(1, share)) * 100)) % \(words)".prefix(columns - 1))
    }
}
