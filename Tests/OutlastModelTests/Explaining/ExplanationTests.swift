// Why a job failed, scene by scene: the sentence that a person reads first, how sure it is, and what to paste.

import OutlastModel
import Testing

@Suite("Explaining a failed job")
struct ExplanationTests {
    typealias Scene = ExplanationScene
    static let nightly = Scene.job("4712", "nightly")

    /// Sections of the golden text by the names of their scenes.
    static let sections: [String: String] = {
        let parts = ExplanationGolden.text.split(separator: "\n\n").map { $0.split(separator: "\n") }
        let sections = parts.map { (String($0[0].dropFirst(2)), $0.dropFirst().joined(separator: "\n")) }
        return Dictionary(sections, uniquingKeysWith: { first, _ in first })
    }()

    @Test("says why in the words of the golden text", arguments: scenes.map(\.0))
    func says(_ name: String) throws {
        let scene = try #require(Self.scenes.first { $0.0 == name })
        #expect(Self.sections[name] == scene.1.golden)
    }

    @Test("the golden text has no section more")
    func whole() { #expect(Set(Self.sections.keys) == Set(Self.scenes.map(\.0))) }

    @Test("every class has a scene that ends with it")
    func classes() {
        let found = Set(Self.scenes.compactMap { $0.1.explanation.cause.class })
        #expect(found == Set(FailureClass.allCases))
    }

    @Test("evidence is in order of time and tells who said what when")
    func evidence() {
        let scene = Scene().preflight("sufficient").renewed(at: "2026-11-20T23:40:00Z", by: Self.nightly)
        let found = scene.explanation.evidence
        #expect(found.map(\.at) == found.map(\.at).sorted())
        #expect(
            found.map { "\($0.at.text.dropFirst(11).prefix(5)) \($0.source): \($0.what)" } == [
                "22:10 ci: job release (run 4711) of group/app began",
                "22:10 forge: token release (id 12) ends at 2026-12-01T00:00:00Z",
                "22:10 forge: the forge said of token release (id 12): alive",
                "22:10 preflight: preflight: sufficient",
                "23:40 journal: release renewed by scripted-rotate by job nightly (run 4712) of group/app "
                    + "(aaaaaaaaaaaaaaaa to bbbbbbbbbbbbbbbb), retired",
                "00:03 record: failure: auth_rejected (high)",
                "00:03 ci: the job ended: failed",
            ])
    }

    @Test("what is told a thousand times is told once, and a long night keeps its beginning and its end")
    func folded() {
        let same = KnownEvent(at: Scene.began, event: "credential", outcome: "given", detail: "release: h/p")
        let many = Scene().but { $0.events = Array(repeating: same, count: 1000) + $0.events }
        let found = many.explanation.evidence
        #expect(
            found.filter { $0.source == "credential" }.map(\.what) == ["credential: given: release: h/p (1000 times)"])
        let odd = Scene().but { the in
            the.events =
                (0..<500).map { number in
                    KnownEvent(at: Scene.began, event: "note", outcome: "\(number)")
                } + the.events
        }
        #expect(odd.explanation.evidence.count == 100)
        #expect(odd.explanation.evidence.last?.what == "the job ended: failed")
    }

    @Test("who has renewed a token before is not told how to")
    func configured() {
        let ended = Scene(.authExpired, token: Scene.token(ends: "2026-11-21"))
        let way = { (scene: Scene) in scene.explanation.wouldHaveSaved.filter { $0.contains("renew: {method") } }
        #expect(way(ended).count == 1)
        #expect(way(ended.but { $0.tokens[0].family = "a family" }).isEmpty)
    }

    @Test("names that somebody else chose stay within their line, and one word to a shell")
    func hostile() {
        let name = "x'; rm -rf ~ #\n::error::\u{1B}[2J\u{202E}##[group]"
        let scene = Scene(.authExpired, line: name, operation: name).but { the in
            the.tokens[0].credential = name
            the.tokens[0].name = name
            the.tokens[0].tokenID = name
            the.tokens[0].scopes = [name]
            the.job.run = name
            the.job.series = JobSeries(forge: name, server: name, project: name, job: name)
        }.preflight(name).renewed(at: "2026-11-20T23:40:00Z", by: Scene.job(name, name), detail: name)
        let found = scene.explanation
        let texts = [found.cause.sentence] + found.evidence.flatMap { [$0.what, $0.source] } + found.wouldHaveSaved
        for text in texts {
            #expect(!text.unicodeScalars.contains { SafeText.isUnsafe($0) }, "\(text)")
            #expect(!text.contains("##[") && !text.hasPrefix("::"), "\(text)")
        }
        let words = found.wouldHaveSaved.filter { $0.contains("--credential") }
        #expect(!words.isEmpty && words.allSatisfy { $0.contains(#"--credential 'x'\''; rm -rf ~ #\n"#) }, "\(words)")
    }

    static let scenes: [(String, ExplanationScene)] = [
        (
            "a token that ended, as the preflight had said",
            Scene(token: Scene.token(ends: "2026-11-21")).preflight("insufficient", code: 10)
        ),
        ("a token that ended, and nobody had looked", Scene(token: Scene.token(ends: "2026-11-21"))),
        (
            "a token that ended though it seemed to suffice",
            Scene(token: Scene.token(ends: "2026-11-21")).preflight("sufficient")
        ),
        ("a token whose end nobody knew", Scene(.authExpired, token: Scene.token(ends: nil)).preflight("unknown")),
        (
            "a clock that is behind the forge's",
            Scene(token: Scene.token(ends: "2026-11-21T00:05:00Z")).but { $0.tokens[0].clockSkew = .seconds(250) }
                .preflight("insufficient", code: 10)
        ),
        (
            "a token that ended after its renewal was refused",
            Scene(token: Scene.token(ends: "2026-11-21")).renewed(
                at: "2026-11-20T23:40:00Z", .refused, by: Scene.job("4711"), detail: "the forge says: not allowed")
        ),
        (
            "a token whose end nobody knew, and whose renewal was refused",
            Scene(.authExpired, token: Scene.token(ends: nil)).renewed(
                at: "2026-11-20T23:40:00Z", .refused, by: Scene.job("4711"), detail: "the forge says: not allowed")
        ),
        (
            "rotated under a running job by another one",
            Scene().preflight("sufficient").renewed(at: "2026-11-20T23:40:00Z", by: nightly)
        ),
        ("rotated before the job began", Scene().renewed(at: "2026-11-19T09:00:00Z", by: nightly)),
        ("rotated by an operator", Scene().preflight("sufficient").renewed(at: "2026-11-20T23:40:00Z")),
        (
            "rotated by the job itself",
            Scene().preflight("sufficient").renewed(at: "2026-11-20T23:40:00Z", by: Scene.job("4711"))
        ),
        (
            "a refresh token that was replayed",
            Scene().preflight("sufficient").renewed(
                at: "2026-11-20T23:40:00Z", .lost, by: nightly, detail: "the server says: invalid_grant")
        ),
        (
            "a family that was revoked because an old token was sent again",
            Scene(.authRevoked).but {
                $0.tokens[0].generation = 2; $0.tokens[0].standing = .revoked; $0.tokens[0].standingAt = Scene.failed
            }.preflight("sufficient")
        ),
        (
            "a token that somebody revoked",
            Scene().but {
                $0.tokens[0].standing = .revoked; $0.tokens[0].standingAt = Scene.failed
            }.preflight("sufficient")
        ),
        (
            "a token that the forge does not know",
            Scene().but {
                $0.tokens[0].standing = .rejected; $0.tokens[0].standingAt = Scene.failed
            }.preflight("rejected", code: 12)
        ),
        (
            "another credential was sent",
            Scene(.authRejected, .medium).but { $0.tokens[0].standingAt = Scene.failed }.preflight("sufficient")
        ),
        ("a 401 that says no cause", Scene(token: nil)),
        ("git had nothing to send", Scene(.authMissing, token: nil)),
        (
            "a scope that is missing",
            Scene(.scope, line: "remote: You are not allowed to upload code.").preflight("sufficient")
        ),
        (
            "a role that forbids it",
            Scene(.forbidden, line: "remote: You are not allowed to push code to protected branches on this project.")
        ),
        ("a project that is not there", Scene(.notFound, operation: "clone")),
        (
            "an address that is banned",
            Scene(.ipBanned, token: nil).but { the in
                the.events.insert(
                    KnownEvent(
                        at: Scene.moment("2026-11-21T00:01:00Z"), event: "failure", outcome: "auth_rejected",
                        diagnosis: KnownDiagnosis(class: .authRejected, confidence: .high, credentialAtFault: true)),
                    at: 0)
            }
        ),
        ("a rate limit", Scene(.rateLimited)),
        (
            "a key that was denied",
            Scene(.publickey, line: "git@gitlab.example.com: Permission denied (publickey).", token: nil)
        ),
        ("another host key", Scene(.hostKey, line: "Host key verification failed.", token: nil)),
        (
            "a disk that is full",
            Scene(.local, line: "error: file write error: No space left on device", operation: "clone")
        ),
        (
            "a name that does not resolve",
            Scene(
                .dns,
                line:
                    "fatal: unable to access 'https://gitlab.example.com/': Could not resolve host: gitlab.example.com",
                operation: "fetch")
        ),
        ("a certificate", Scene(.tls)), ("a proxy", Scene(.proxy)), ("a broken connection", Scene(.network)),
        ("the forge itself", Scene(.server)),
        ("a push that is too large", Scene(.size)), ("a branch that moved on", Scene(.nonFastForward)),
        ("a hook", Scene(.hookDeclined)),
        ("words that nobody knows", Scene(.unknown, .low, line: "fatal: odd", operation: nil)),
        ("not a word was told, and the token lived", Scene(nil)),
        (
            "not a word was told, and the token had ended",
            Scene(nil, token: Scene.token(ends: "2026-11-21")).preflight("insufficient", code: 10)
        ),
        (
            "stopped by its own preflight",
            Scene(nil).but { $0.job.finishedAt = Scene.began.advanced(by: .seconds(3)) }.preflight(
                "expired", code: 11, "release: ended 2h ago")
        ),
        (
            "a preflight that only warned, and a job that went on",
            Scene(nil, token: Scene.token(ends: "2026-11-20T22:10:02Z")).preflight("insufficient", code: 10).but {
                the in
                the.job.finishedAt = Scene.began.advanced(by: .seconds(3))
                the.events.append(
                    KnownEvent(
                        at: Scene.began.advanced(by: .seconds(3)), event: "credential", outcome: "refused",
                        token: the.tokens[0].mark, detail: "release: gitlab.example.com"))
            }
        ),
        (
            "a helper that had nothing to give",
            Scene(nil, token: Scene.token(ends: "2026-11-21")).preflight("insufficient", code: 10).renewed(
                at: "2026-11-21T00:02:00Z", .refused, by: Scene.job("4711"), detail: "the forge says: not allowed"
            ).but { the in
                the.events.append(
                    KnownEvent(
                        at: Scene.failed, event: "credential", outcome: "refused", token: the.tokens[0].mark,
                        detail: "release: gitlab.example.com"))
                the.events.append(
                    KnownEvent(
                        at: Scene.failed, event: "usage", outcome: "error",
                        detail: "exec: git push, run 1 of 2, exit 128",
                        diagnosis: KnownDiagnosis(
                            class: .local, confidence: .high, line: "fatal: credential helper 'x' told us to quit",
                            source: "exec", credentialAtFault: false)))
            }
        ),
        (
            "another helper that had nothing to give",
            Scene(.local, line: "fatal: credential helper 'x' told us to quit")
        ),
        (
            "a living token that git saw refused",
            Scene(nil).preflight("sufficient").helper("given", before: 9).helper("doubted", before: 8)
                .settled(.forbidden, before: 6).helper("given", before: 6).helper("doubted", before: 5)
        ),
        (
            "a 401 of a token that git saw refused before, and that lived",
            Scene(operation: "fetch").helper("doubted", before: 8).settled(.forbidden, before: 6)
        ),
        (
            "a living token that git saw refused for its scopes",
            Scene(nil).preflight("sufficient").settled(.scope, before: 6)
        ),
        (
            "a refusal that only git's helper heard of",
            Scene(nil).preflight("sufficient").helper("given", before: 9).helper("doubted", before: 8)
        ),
        (
            "a refusal that only git's helper heard of, of a token that the forge then called revoked",
            Scene(nil).preflight("sufficient").helper("doubted", before: 8).helper("refused", before: 6).but {
                $0.tokens[0].standing = .revoked; $0.tokens[0].standingAt = Scene.failed
            }
        ),
        (
            "a refusal that only git's helper heard of, of a token that the forge then accepted",
            Scene(nil).preflight("sufficient").helper("doubted", before: 8).but {
                $0.tokens[0].standingAt = Scene.failed
            }
        ),
        (
            "a refusal after which git got a token that it did not give back",
            Scene(nil).helper("doubted", before: 8).helper("given", before: 6)
        ),
        (
            "stopped by its own preflight, hours before the end",
            Scene(nil, token: Scene.token(ends: "2026-11-21")).but {
                $0.job.finishedAt = Scene.began.advanced(by: .seconds(3))
            }.preflight("insufficient", code: 10, "release: 1h 50m left of 3h needed")
        ),
        (
            "stopped by its own preflight, with a token that nobody can renew",
            Scene(nil, token: Scene.token(ends: "2026-11-21")).but {
                $0.job.finishedAt = Scene.began.advanced(by: .seconds(3)); $0.methods = [:]
            }.preflight("insufficient", code: 10)
        ),
        (
            "a token of two hours that ended, and that nobody had renewed",
            Scene(token: Scene.token(ends: "2026-11-21")).preflight("insufficient", code: 10).but {
                $0.methods = ["scripted": "oauth2"]; $0.shortLived = ["scripted"]
            }
        ),
        (
            "a token of two hours that ended though it had been renewed",
            Scene(token: Scene.token(ends: "2026-11-21")).preflight("sufficient").but {
                $0.methods = ["scripted": "oauth2"]; $0.shortLived = ["scripted"]; $0.tokens[0].family = "a family"
            }
        ),
        (
            "a token of two hours that somebody revoked",
            Scene().but {
                $0.tokens[0].standing = .revoked; $0.tokens[0].standingAt = Scene.failed
                $0.methods = ["scripted": "oauth2"]; $0.shortLived = ["scripted"]
            }.preflight("sufficient")
        ),
        ("a job that went well", Scene(nil, status: .success)),
        (
            "a job that went well because of a renewal",
            Scene(nil, token: Scene.token(ends: "2026-11-21"), status: .success).renewed(
                at: "2026-11-20T23:55:00Z", by: Scene.job("4711"))
        ),
        (
            "a job that went well while another one renewed",
            Scene(nil, status: .success).renewed(at: "2026-11-20T23:55:00Z", by: nightly)
        ),
        ("a job that still runs", Scene(nil, status: .running)),
        ("a job that never said how it ended", Scene(nil, status: .abandoned)),
        ("a job that was cancelled", Scene(nil, status: .canceled)),
        (
            "a server's log that tells of it",
            Scene(nil).but { the in
                the.heard = [
                    KnownEvent(
                        at: Scene.failed, event: "auth_failure", outcome: "auth_revoked", token: the.tokens[0].mark,
                        diagnosis: KnownDiagnosis(
                            class: .authRevoked, confidence: .high, source: "gitlab-log", credentialAtFault: true))
                ]
            }
        ),
    ]
}
