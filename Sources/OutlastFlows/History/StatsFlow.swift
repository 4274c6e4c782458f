// `history stats` and `history metrics`: figures for people and for a node exporter.

public import OutlastModel

/// Counts.
public struct StatsFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Figures on what happened from a moment up to another; without the one for the last 30 days, without the other up to
    /// now.
    ///
    /// - Throws: `state` when there is no store that can be read.
    public func run(
        since: Instant?, until: Instant?
    ) throws(Failure) -> (since: Instant, until: Instant, counts: HistoryCounts, warnings: [String]) {
        let store = try world.openStore(.readOnly).get()
        // What happens at this very moment counts.
        let end = until ?? world.clock.now().advanced(by: .seconds(1))
        let start = since ?? end.advanced(by: .seconds(-30 * 86_400))
        guard start < end else { throw .usage("--since must lie before --until") }
        return (start, end, try store.counts(from: start, to: end), store.warnings)
    }
}

/// One figure for a node exporter.
public struct Metric: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its labels in order, raw.
    public var labels: [(name: String, value: String)]
    /// Its value.
    public var value: Int64

    /// Makes a figure.
    public init(_ name: String, _ labels: [(name: String, value: String)] = [], _ value: Int64) {
        self.name = name
        self.labels = labels
        self.value = value
    }

    /// Equal names, labels and values.
    public static func == (left: Metric, right: Metric) -> Bool {
        left.name == right.name && left.value == right.value && left.labels.elementsEqual(right.labels) { $0 == $1 }
    }

    /// Hashes name and value.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(value)
    }
}

/// Metrics.
public struct MetricsFlow: Sendable {
    private let world: World
    /// How far ahead ends are told, and of how many tokens: each is a series of its own in the monitoring.
    private static let (horizon, tokens): (Duration, Int) = (.seconds(400 * 86_400), 1000)

    /// A family of figures: its name, what it is, and what it says.
    public struct Family: Sendable {
        /// Its name.
        public let name: String
        /// What it is to a monitoring: `gauge` or `counter`.
        public let type: String
        /// What it says.
        public let help: String
    }

    /// The families, in order.
    public static let families = [
        Family(name: "outlast_token_expiry_timestamp_seconds", type: "gauge", help: "When a token ends."),
        Family(name: "outlast_tokens_without_expiry", type: "gauge", help: "Tokens that have no end."),
        Family(name: "outlast_jobs", type: "gauge", help: "Jobs in the history by status."),
        Family(name: "outlast_failures_total", type: "counter", help: "Failures told, by class."),
        Family(name: "outlast_renewals", type: "gauge", help: "Renewals in the journal by state."),
        Family(name: "outlast_events_total", type: "counter", help: "Events in the history."),
        Family(name: "outlast_metrics_timestamp_seconds", type: "gauge", help: "When these figures were made."),
    ]

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// All figures, with what to tell about the store.
    ///
    /// - Throws: `state` when there is no store that can be read.
    public func run() throws(Failure) -> ([Metric], [String]) {
        let store = try world.openStore(.readOnly).get()
        let now = world.clock.now()
        var metrics: [Metric] = []
        let kinds = world.forges.flatMap(\.kinds)
        let scope = TokenScope(
            withoutKinds: kinds.filter { if case .job = $0.expiry { true } else { false } }.map(\.id),
            limit: Self.tokens)
        // What has ended lately is still to be seen, or an alert on it would end with the token.
        let from = now.advanced(by: .seconds(-7 * 86_400))
        for token in try store.tokens(endingFrom: from, to: now.advanced(by: Self.horizon), scope) {
            guard let end = token.lifetime.expiry.instant else { continue }
            metrics.append(Metric("outlast_token_expiry_timestamp_seconds", Self.labels(token), end.seconds))
        }
        let endless = try store.tokensWithoutEnd(TokenScope(limit: 10_000)).count
        metrics.append(Metric("outlast_tokens_without_expiry", Int64(endless)))
        let counts = try store.totals()
        metrics += counts.jobs.map { Metric("outlast_jobs", [("status", $0.word)], Int64($0.count)) }
        metrics += counts.failures.map { Metric("outlast_failures_total", [("class", $0.word)], Int64($0.count)) }
        metrics += counts.renewals.map { Metric("outlast_renewals", [("state", $0.word)], Int64($0.count)) }
        metrics.append(Metric("outlast_events_total", Int64(counts.events)))
        metrics.append(Metric("outlast_metrics_timestamp_seconds", now.seconds))
        return (metrics, store.warnings)
    }

    private static func labels(_ token: KnownToken) -> [(name: String, value: String)] {
        [
            ("fingerprint", token.mark), ("credential", token.credential ?? ""), ("kind", token.kind),
            ("forge", token.forge), ("token_id", token.tokenID ?? ""), ("name", token.name ?? ""),
        ]
    }

    /// The text form that Prometheus reads.
    public static func text(_ metrics: [Metric]) -> String {
        var lines: [String] = []
        for family in families {
            let own = metrics.filter { $0.name == family.name }
            if own.isEmpty { continue }
            lines.append("# HELP \(family.name) \(family.help)")
            lines.append("# TYPE \(family.name) \(family.type)")
            for metric in own {
                let labels = metric.labels.map { "\($0.name)=\"\(SafeText.metricLabel($0.value))\"" }
                let braces = labels.isEmpty ? "" : "{\(labels.text(joinedBy: ","))}"
                lines.append("\(metric.name)\(braces) \(metric.value)")
            }
        }
        return lines.map { $0 + "\n" }.text(joinedBy: "")
    }

    /// Writes the text where a node exporter reads it: whole or not at all, readable by others.
    ///
    /// - Throws: `usage` for a place that cannot be written.
    public func write(_ metrics: [Metric], to path: String) throws(Failure) {
        do throws(Failure) {
            try world.files.writeAtomically(path, Array(Self.text(metrics).utf8), permissions: 0o644)
        } catch { throw .usage("--file: \(error.message)", hint: "name a file in a folder that can be written") }
    }
}

extension Metric {
    fileprivate init(_ name: String, _ value: Int64) { self.init(name, [], value) }
}
