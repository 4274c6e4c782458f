// The page as a whole: what it promises a browser, and what it makes of texts that somebody chose to do harm.

import Foundation
import FoundationXML
import OutlastModel
import Testing

@testable import OutlastPage

@Suite("The page about the history")
struct PageTests {
    static let now = Instant(text: "2026-11-21T20:15:00Z") ?? Instant(seconds: 0)
    static let hostile = [
        "<script>alert(1)</script>", "\"' onload=alert(1) x='", "x\"\u{301} onfocus=alert(1) y=\"",
        "<\u{301}b>&\u{301}lt;",
        "</style></svg></title><img src=x onerror=alert(1)>", "a\u{202E}b\u{2066}c", "\u{0}\u{1B}[31m\r\n\t\u{2028}",
        "🌙🚀👩‍👩‍👧",
        "{{name}}{{{style}}}{{% CONTENT_TYPE:TEXT}}", "]]><!-- &lt;", "::error::x", String(repeating: "w", count: 9000),
        "",
    ]

    static func ago(_ days: Double) -> Instant { now.advanced(by: .seconds(Int64(-days * 86_400))) }

    static func series(_ name: String) -> JobSeries {
        JobSeries(forge: name, server: name, project: name, job: name, leg: name)
    }

    static func job(_ name: String, at: Instant, _ status: JobStatus = .success) -> KnownJob {
        KnownJob(
            id: "\(name) \(at.milliseconds)", series: series(name), run: name, status: status, begunAt: at,
            startedAt: at,
            finishedAt: status == .running ? nil : at.advanced(by: .seconds(600)), lastSeenAt: at)
    }

    static func empty() -> HistoryReport {
        HistoryReport(madeAt: now, since: ago(90), horizon: ago(-366))
    }

    /// A report in which every text is this one.
    static func full(_ name: String) -> HistoryReport {
        var report = empty()
        (report.project, report.job) = (nil, nil)
        report.jobs = [.init(name, 3)]
        report.renewals = [.init(name, 1)]
        report.care = CareItem.Reason.allCases.map { reason in
            CareItem(
                reason: reason, name: name, mark: name, kind: name, at: now, remaining: .seconds(9),
                usedBy: [series(name)],
                failing: series(name), failingAt: now, detail: name)
        }
        let token = KnownToken(
            mark: name, fingerprint: nil, credential: name, kind: name, forge: name,
            lifetime: Lifetime(expiry: .at(ago(-9)), source: .forge, checkedAt: nil), firstSeenAt: ago(50),
            lastSeenAt: now)
        let uses = JobStatus.allCases.enumerated().map {
            TokenUse(job: job(name, at: ago(Double($0.offset)), $0.element), mark: name)
        }
        report.lanes = TokenTimeline.lanes(tokens: [token], uses: uses, now: now).lanes
        report.durations = [
            DurationTrack(
                of: series(name),
                attempts: (1...9).map {
                    PastAttempt(startedAt: ago(Double($0)), duration: .seconds(60 * $0), status: .success)
                },
                since: ago(90), limit: 99, now: now, quantile: 0.95)
        ]
        report.failures = FailureTrend([FailureDay(day: now.day, class: name, count: 2)], since: ago(90), now: now)
        report.calendar = [DayOfEnds(day: ago(-3).day, kinds: [(name, 2)])]
        report.remarks = [.care: [name]]
        return report
    }

    static func text(_ report: HistoryReport) throws -> String {
        String(decoding: try HistoryPage(version: "1").page(of: report), as: UTF8.self)
    }

    /// The drawings must be well-formed by themselves.
    static func expectDrawings(in text: String, _ count: Int?) throws {
        let drawings = text.components(separatedBy: "<svg ").dropFirst().map {
            "<svg " + ($0.components(separatedBy: "</svg>").first ?? "") + "</svg>"
        }
        if let count { #expect(drawings.filter { $0.contains("role=\"img\"") }.count == count) }
        for drawing in drawings {
            let parser = XMLParser(data: Data(drawing.utf8))
            #expect(parser.parse(), "\(String(describing: parser.parserError)) \(drawing.prefix(300))")
        }
    }

    @Test("an empty history gives a page that says so in every part, and no drawing")
    func nothing() throws {
        let text = try Self.text(Self.empty())
        for part in [
            "Nothing: no token ends", "No job of this time", "No run of this time", "No failure was told",
            "No token is known to end",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        try Self.expectDrawings(in: text, 0)
        #expect(text.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">") && text.hasSuffix("</html>\n"))
    }

    @Test("the policy lets in the style sheet by its digest and nothing else")
    func policy() throws {
        let text = try Self.text(Self.full("x"))
        let style = try #require(text.range(of: "<style>")), end = try #require(text.range(of: "</style>"))
        let digest = SHA256Digest(hashing: text[style.upperBound..<end.lowerBound].utf8)
        let policy =
            "default-src 'none'; style-src 'sha256-\(Base64Text.standard.encode(digest.bytes))'; base-uri 'none'; form-action 'none'"
        #expect(text.contains("http-equiv=\"Content-Security-Policy\" content=\"\(policy)\""))
        for word in ["<script", " style=\"", "@import", "url(", "<link", "<img", "<iframe", "javascript:"] {
            #expect(!text.contains(word), "\(word)")
        }
        #expect(
            text.components(separatedBy: "//").count == text.components(separatedBy: "http://www.w3.org/2000/svg").count
        )
    }

    @Test("a text from elsewhere is text and nothing else, wherever it stands", arguments: hostile)
    func escapes(_ name: String) throws {
        let text = try Self.text(Self.full(name))
        // Everything but the names is as on a page with a harmless one.
        let tags = Self.tags(of: text)
        let usual = Self.tags(of: try Self.text(Self.full("harmless")))
        #expect(Set(tags).subtracting(usual).filter { !$0.hasPrefix("dt") && !$0.hasPrefix("dd") } == [])
        for scalar in text.unicodeScalars {
            #expect(scalar == "\n" || !SafeText.isUnsafe(scalar), "\(scalar.value)")
        }
        try Self.expectDrawings(in: text, 4)
        #expect(text.utf8.count < 120_000)
    }

    /// Names and attributes of all tags, by scalars as a browser reads them; attributes' values are left out.
    private static func tags(of text: String) -> [String] {
        var tags: [String] = []
        var current: String?
        var quote = false
        for scalar in text.unicodeScalars {
            if current == nil {
                if scalar == "<" { current = "" }
            } else if scalar == "\"" {
                quote.toggle()
            } else if !quote {
                if scalar == ">" {
                    tags.append(current ?? "")
                    current = nil
                } else {
                    current?.unicodeScalars.append(scalar)
                }
            }
        }
        return tags
    }

    @Test("a name that is more than a name to a shell is not put into a line to paste")
    func commands() {
        func command(_ name: String) -> String {
            let item = CareItem(reason: .endsSoon, name: name, mark: "m", kind: "k")
            return CareText(item).values["command"] as? String ?? ""
        }
        #expect(command("release-2.x_A") == "outlast refresh --credential release-2.x_A")
        for name in ["a b", "$(x)", "a;b", "`x`", "-rf", "", "é", "a\n", "'"] {
            #expect(command(name) == "outlast refresh --credential NAME", "\(name)")
        }
    }

    @Test("every page has its parts in order, each named by its heading")
    func parts() throws {
        let text = try Self.text(Self.full("x"))
        let places = HistoryReport.Part.allCases.map {
            text.range(of: "<section aria-labelledby=\"\($0.rawValue)\">")?.lowerBound
        }
        #expect(places.allSatisfy { $0 != nil } && places.compactMap { $0 } == places.compactMap { $0 }.sorted())
        let ids = text.matches(of: #/ id="([^"]*)"/#).map { String($0.output.1) }
        #expect(Set(ids).count == ids.count)
        #expect(text.contains("<html lang=\"en\">") && text.contains("class=\"skip\" href=\"#content\""))
        #expect(text.matches(of: /<h1>/).count == 1)
    }
}
