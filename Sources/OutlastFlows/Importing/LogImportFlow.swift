// `history import`: what a forge wrote down itself about tokens that it refused. A log is read once, line by line, and
// only lines that can matter are parsed; rows go in by the thousand.

public import OutlastModel

/// Which log, from where.
public struct LogImportRequest: Sendable {
    /// The log's name.
    public var log: String
    /// The files, in order.
    public var origins: [ByteOrigin]
    /// The forge's host, where the lines do not tell it rightly; in lower case.
    public var host: String?

    /// Makes a request.
    public init(log: String, origins: [ByteOrigin], host: String? = nil) {
        self.log = log
        self.origins = origins
        self.host = host
    }
}

/// What came of it.
public struct LogImportOutcome: Hashable, Sendable {
    /// Lines in all files.
    public var lines: Int64 = 0
    /// Lines that tell of a refused token.
    public var matched: Int64 = 0
    /// What became of these.
    public var count = ImportCount()
    /// Lines that are not as the log's lines are.
    public var malformed: Int64 = 0
    /// Bytes of the log, unpacked.
    public var bytes: Int64 = 0
    /// The first malformed lines as they may be shown.
    public var shown: [String] = []
    /// Files without a good line.
    public var foreign: [String] = []
    /// What to say about those.
    public var hint = ""
    /// What to tell about the store.
    public var warnings: [String] = []
}

/// Imports a log.
public struct LogImportFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Reads all files into the store.
    ///
    /// - Throws: `usage` for a file that cannot be read, `malformedInput` for one that is damaged (what came before is
    ///   stored), `state` without a store.
    public func run(_ request: LogImportRequest) throws(Failure) -> LogImportOutcome {
        guard let sources = world.sources, let log = world.logs.first(where: { $0.id == request.log }) else {
            throw Failure(.unexpected, "there is no reader for this log")
        }
        // A name that is mistyped must not leave the work half done.
        for case .file(let path) in request.origins { try requireFile(path) }
        let store: any HistoryStore
        switch world.openStore(.readWrite) {
        case .failure(let failure): throw failure
        case .success(let opened): store = opened
        }
        var outcome = LogImportOutcome(hint: log.hint, warnings: store.warnings)
        defer { world.progress?.clear() }
        for origin in request.origins {
            var file = LogFileImport(log: log, store: store, host: request.host, mask: TokenWordMask(world.forges))
            do throws(Failure) {
                try file.run(try sources.open(origin), progress: world.progress)
            } catch {
                outcome.add(file, of: origin)
                throw Failure(error.code, error.message + outcome.soFar, hint: error.hint)
            }
            outcome.add(file, of: origin)
        }
        try store.settle()
        // An empty file among others is one that was rotated just now.
        if outcome.malformed == outcome.lines { outcome.foreign = request.origins.map(\.shown) }
        return outcome
    }

    private func requireFile(_ path: String) throws(Failure) {
        let status: FileStatus?
        do throws(Failure) { status = try world.files.statusFollowingLinks(of: path) } catch {
            throw .usage(error.message, hint: error.hint)
        }
        guard let status else { throw .usage("there is no file \(SafeText.line(path))", hint: "check the path") }
        if status.sort == .folder {
            throw .usage("\(SafeText.line(path)) is a folder", hint: "name the files in it")
        }
    }
}

extension LogImportOutcome {
    fileprivate mutating func add(_ file: LogFileImport, of origin: ByteOrigin) {
        lines += file.scan.lines
        matched += file.matched
        count += file.count
        malformed += file.malformed
        bytes += file.scan.bytes
        if file.scan.lines > 0, file.malformed == file.scan.lines { foreign.append(origin.shown) }
        let room = max(0, LineScan.mostBroken - shown.count)
        shown += file.shown.prefix(room).map { "\(origin.shown):\($0)" }
    }

    /// What a run that stops in the middle has stored.
    fileprivate var soFar: String { " (\(lines) lines, \(count.added) new failures stored)" }
}

/// The reading of one file.
private struct LogFileImport {
    let log: any ForgeLog
    let store: any HistoryStore
    let host: String?
    let mask: TokenWordMask
    var scan: LineScan
    var matched: Int64 = 0
    var count = ImportCount()
    var unparsed: Int64 = 0
    var shown: [String] = []
    private var waiting: [LoggedFailure] = []

    /// Rows that one transaction takes.
    private static let batch = 4000

    init(log: any ForgeLog, store: any HistoryStore, host: String?, mask: TokenWordMask) {
        self.log = log
        self.store = store
        self.host = host
        self.mask = mask
        scan = LineScan(marker: log.marker)
    }

    var malformed: Int64 { scan.broken + unparsed }

    mutating func run(_ source: any ByteSource, progress: (any ProgressDisplay)?) throws(Failure) {
        var flaw: Failure?
        while flaw == nil {
            do throws(Failure) {
                guard let piece = try source.next() else { break }
                try take(scan.feed(piece))
                progress?.show(source.share, "\(scan.lines) lines, \(matched) failures")
            } catch { flaw = error }
        }
        // Of a file that breaks off, the last line is no whole one.
        if flaw == nil { try take(scan.finish()) }
        try store(waiting)
        if let flaw { throw flaw }
    }

    private mutating func take(_ found: LineScan.Found) throws(Failure) {
        for line in found.broken { show(line.number, line.beginning) }
        for line in found.marked {
            switch log.read(line.bytes) {
            case .other: break
            case .malformed:
                unparsed += 1
                show(line.number, line.bytes)
            case .failure(var failure):
                matched += 1
                failure.host = host ?? failure.host
                waiting.append(failure)
            }
        }
        if waiting.count >= Self.batch {
            try store(waiting)
            waiting.removeAll(keepingCapacity: true)
        }
    }

    private mutating func store(_ failures: [LoggedFailure]) throws(Failure) {
        guard !failures.isEmpty else { return }
        count += try store.write(failures, from: log.id)
    }

    private mutating func show(_ number: Int64, _ line: [UInt8]) {
        guard shown.count < LineScan.mostBroken else { return }
        shown.append("\(number): \(mask.shown(line))")
    }
}

extension ByteSource {
    /// The share that was read; nil where the end is not known.
    var share: Double? { size.map { $0 > 0 ? Double(position) / Double($0) : 1 } }
}
