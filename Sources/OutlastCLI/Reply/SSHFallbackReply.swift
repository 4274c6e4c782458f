// How an SSH fallback is shown: contract keys, one line for each way out.

import OutlastFlows
import OutlastModel

struct SSHFallbackReply: Sendable {
    enum Verb: Sendable { case activate, off, status }

    private let outcome: SSHFallbackOutcome
    private let verb: Verb

    init(_ outcome: SSHFallbackOutcome, verb: Verb) {
        self.outcome = outcome
        self.verb = verb
    }

    static let empty: [JSONValue.Member] = [
        .init("active", false), .init("host", nil), .init("port", nil), .init("proved", []),
        .init("key_fingerprint", nil), .init("host_key_fingerprint", nil), .init("expires_at", nil),
        .init("environment", []), .init("agent", nil), .init("files", []), .init("ways", []), .init("variables", nil),
        .init("unset", []),
    ]

    func report(shellText: String? = nil) -> Report {
        Report(notes: outcome.notes, shellText: shellText, json: { json }, text: { text($0) })
    }

    private var json: [JSONValue.Member] {
        let first = outcome.ways.first
        let shown = outcome.environment.compactMap { variable in
            variable.text.map { JSONValue.Member(variable.name, .string($0)) }
        }
        return [
            .init("active", .bool(outcome.isActive)), .init("host", JSONValue(first?.server.host)),
            .init("port", JSONValue(first?.server.port)), .init("proved", .array(provedByAll.map(JSONValue.string))),
            .init("key_fingerprint", JSONValue(first?.keyFingerprint)),
            .init("host_key_fingerprint", JSONValue(first?.hostKeyFingerprint)),
            .init("expires_at", JSONValue(outcome.endsAt)),
            .init("environment", .array(outcome.names.map(JSONValue.string))),
            .init("agent", outcome.ways.isEmpty ? .null : .bool(outcome.hasAgent)),
            .init("files", .array(outcome.files.map { .string(SafeText.line($0)) })),
            .init("ways", .array(outcome.ways.map(Self.object))), .init("variables", .object(shown)),
            .init("unset", .array(outcome.unset.map(JSONValue.string))),
        ]
    }

    /// What every way has shown.
    private var provedByAll: [String] {
        guard let first = outcome.ways.first else { return [] }
        return first.proved.filter { proof in outcome.ways.allSatisfy { $0.proved.contains(proof) } }
    }

    private static func object(_ way: FallbackManifest.Way) -> JSONValue {
        [
            "credential": .string(SafeText.line(way.name)), "host": .string(way.server.host),
            "port": .integer(Int64(way.server.port)), "user": .string(way.user),
            "for": .array(way.patterns.map { .string(SafeText.line($0)) }),
            "proved": .array(way.proved.map(JSONValue.string)), "key_fingerprint": JSONValue(way.keyFingerprint),
            "host_key_fingerprint": JSONValue(way.hostKeyFingerprint),
        ]
    }

    private func text(_ style: TextStyle) -> String {
        guard outcome.isActive || verb == .activate else {
            guard verb == .off else { return "off: there is no SSH fallback for this job\n" }
            return outcome.wasThere
                ? "off: what was made for this job is taken back\n"
                : "off: there was no SSH fallback for this job, so there was nothing to take back\n"
        }
        var lines: [String] = []
        let word = outcome.isActive ? style.tone("active", .good) : style.tone("proved", .good)
        for way in outcome.ways {
            let what = way.patterns.map { SafeText.line($0) }.joined(separator: ", ")
            let proof = way.proved.joined(separator: " and ")
            lines.append("\(word): \(what) over ssh://\(way.user)@\(way.server.text), \(proof) proved")
            if let print = way.hostKeyFingerprint { lines.append("  host key \(print)") }
            if let print = way.keyFingerprint { lines.append("  key \(print)") }
        }
        if let end = outcome.endsAt {
            lines.append("  until \(end.text), the key in \(outcome.hasAgent ? "an agent" : "a file") of its own")
        }
        for file in outcome.files { lines.append("  written: \(SafeText.line(file))") }
        return lines.map { $0 + "\n" }.joined()
    }
}
