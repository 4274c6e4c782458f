// Whether a token outlasts a job: a row for every rule, and both sides of every boundary to the second.

import OutlastModel
import Testing

@Suite("Judging a credential")
struct CredentialRuleTests {
    static let now = Instant(seconds: 1_763_676_600)  // 2025-11-20T22:10:00Z
    static let needed = NeededTime(
        NeededFacts(flagDuration: .seconds(3300), defaultDuration: .zero, margin: .seconds(300), quantile: 0.95))
    static let kind = TokenKind(
        id: "test-token", forge: "test", expiry: .moment,
        renewal: .init(method: nil, reason: "nothing renews it"), source: "test")

    static func facts(_ change: (inout CredentialFacts) -> Void = { _ in }) -> CredentialFacts {
        var facts = CredentialFacts(
            name: "release", kind: kind, forge: "test",
            fingerprint: Fingerprint(of: Secret("twenty-characters-long"), salt: []))
        change(&facts)
        return facts
    }

    static func reading(
        _ standing: TokenStanding = .alive, expiry: Expiry = .unknown, age: Int64 = 0, skew: Int64? = nil,
        detail: String? = nil
    ) -> TokenReading {
        TokenReading(
            standing: standing, expiry: expiry, detail: detail, readAt: now.advanced(by: .seconds(-age)),
            clockSkew: skew.map { .seconds($0) })
    }

    static func end(in seconds: Int64) -> Expiry { .at(now.advanced(by: .seconds(seconds))) }

    struct Row: Sendable, CustomTestStringConvertible {
        let rule: String
        let facts: CredentialFacts
        var requireKnown = false
        let decision: Decision
        let code: ExitCode
        var source: LifetimeSource?
        var testDescription: String { rule }
    }

    static let rows: [Row] = boundaryRows + standingRows + sourceRows + jobRows + scopeRows + unknownRows

    static let boundaryRows: [Row] = [
        Row(
            rule: "exactly enough is enough", facts: facts { $0.reading = reading(expiry: end(in: 3600)) },
            decision: .sufficient, code: .done, source: .forge),
        Row(
            rule: "a second less is not", facts: facts { $0.reading = reading(expiry: end(in: 3599)) },
            decision: .insufficient, code: .willExpire),
        Row(
            rule: "one second of life is still life", facts: facts { $0.reading = reading(expiry: end(in: 1)) },
            decision: .insufficient, code: .willExpire),
        Row(
            rule: "at its end a token is dead", facts: facts { $0.reading = reading(expiry: end(in: 0)) },
            decision: .expired, code: .expired),
        Row(
            rule: "no end, said by the forge, outlasts everything",
            facts: facts { $0.reading = reading(expiry: .never) },
            decision: .sufficient, code: .done),
    ]

    static let standingRows: [Row] = [
        Row(
            rule: "expired by the forge's word, whatever else is claimed",
            facts: facts {
                $0.reading = reading(.expired)
                $0.flagExpiry = now.advanced(by: .seconds(99_999))
            }, decision: .expired, code: .expired),
        Row(
            rule: "revoked", facts: facts { $0.reading = reading(.revoked, expiry: end(in: 99_999)) },
            decision: .rejected, code: .rejected),
        Row(
            rule: "rejected without a cause", facts: facts { $0.reading = reading(.rejected) }, decision: .rejected,
            code: .rejected),
        Row(
            rule: "blocked owner", facts: facts { $0.reading = reading(.blocked) }, decision: .rejected, code: .rejected
        ),
        Row(
            rule: "a permission is missing by the forge's word",
            facts: facts { $0.reading = reading(.insufficientScope(needs: ["api"])) }, decision: .insufficientScope,
            code: .insufficientScope),
        Row(
            rule: "remembered as revoked", facts: facts { $0.remembered = reading(.revoked) }, decision: .rejected,
            code: .rejected),
    ]

    static let sourceRows: [Row] = [
        Row(
            rule: "this run's answer before the remembered one",
            facts: facts {
                $0.reading = reading(expiry: end(in: 9999))
                $0.remembered = reading(expiry: end(in: 10), age: 60)
            }, decision: .sufficient, code: .done, source: .forge),
        Row(
            rule: "a remembered answer is called cache",
            facts: facts { $0.remembered = reading(expiry: end(in: 9999), age: 60) }, decision: .sufficient,
            code: .done,
            source: .cache),
        Row(
            rule: "the forge's end before the JWT's",
            facts: facts {
                $0.reading = reading(expiry: end(in: 10))
                $0.jwtExpiry = now.advanced(by: .seconds(9999))
            }, decision: .insufficient, code: .willExpire, source: .forge),
        Row(
            rule: "the JWT's end where the forge tells none",
            facts: facts {
                $0.reading = reading()
                $0.jwtExpiry = now.advanced(by: .seconds(9999))
                $0.flagExpiry = now.advanced(by: .seconds(10))
            }, decision: .sufficient, code: .done, source: .jwt),
        Row(
            rule: "--expires-at before the configuration's",
            facts: facts {
                $0.flagExpiry = now.advanced(by: .seconds(9999))
                $0.configExpiry = now.advanced(by: .seconds(10))
            }, decision: .sufficient, code: .done, source: .flag),
        Row(
            rule: "the configuration's before the CI's",
            facts: facts {
                $0.configExpiry = now.advanced(by: .seconds(9999))
                $0.ciExpiry = now.advanced(by: .seconds(10))
            }, decision: .sufficient, code: .done, source: .config),
        Row(
            rule: "the CI's rule", facts: facts { $0.ciExpiry = now.advanced(by: .seconds(10)) },
            decision: .insufficient,
            code: .willExpire, source: .ci),
        Row(
            rule: "a given end that has passed is wrong when the forge accepts the token now",
            facts: facts {
                $0.reading = reading()
                $0.configExpiry = now.advanced(by: .seconds(-10))
            }, decision: .unknown, code: .done, source: .unknown),
        Row(
            rule: "a given end that has passed counts when nobody was asked",
            facts: facts { $0.configExpiry = now.advanced(by: .seconds(-10)) }, decision: .expired, code: .expired),
    ]

    @Test("what suffices lacks nothing, and who says that a token is over is named as the source")
    func figures() {
        let job = Self.facts {
            $0.ciExpiry = Self.now.advanced(by: .seconds(3400))
            $0.jobEnd = $0.ciExpiry
            $0.livesWithJob = true
        }
        let judge = { (facts: CredentialFacts) in
            CredentialVerdict.judge(facts, needed: Self.needed, now: Self.now, requireKnown: false)
        }
        #expect(judge(job).decision == .sufficient && judge(job).shortfall == nil)
        let revoked = judge(Self.facts { $0.reading = Self.reading(.revoked) })
        #expect(revoked.lifetime.source == .forge && revoked.lifetime.checkedAt == Self.now)
    }

    static let jobRows: [Row] = [
        Row(
            rule: "the job's own token ends with its time-out: the margin does not apply",
            facts: facts {
                $0.ciExpiry = now.advanced(by: .seconds(3400))
                $0.jobEnd = $0.ciExpiry
                $0.livesWithJob = true
            }, decision: .sufficient, code: .done, source: .ci),
        Row(
            rule: "the job's own token as a JWT, some seconds past the time-out",
            facts: facts {
                $0.jwtExpiry = now.advanced(by: .seconds(3599))
                $0.jobEnd = now.advanced(by: .seconds(3300))
                $0.livesWithJob = true
            }, decision: .sufficient, code: .done, source: .jwt),
        Row(
            rule: "the job's own token as a JWT that ends before the job may",
            facts: facts {
                $0.jwtExpiry = now.advanced(by: .seconds(3299))
                $0.jobEnd = now.advanced(by: .seconds(3300))
                $0.livesWithJob = true
            }, decision: .insufficient, code: .willExpire, source: .jwt),
        Row(
            rule: "the job's own token where the CI tells no time-out", facts: facts { $0.livesWithJob = true },
            requireKnown: true, decision: .sufficient, code: .done, source: .ci),
        Row(
            rule: "a job token of another job has no such promise",
            facts: facts { $0.ciExpiry = now.advanced(by: .seconds(3400)) }, decision: .insufficient,
            code: .willExpire, source: .ci),
    ]

    static let scopeRows: [Row] = [
        Row(
            rule: "a missing scope is worse than a near end",
            facts: facts {
                $0.reading = reading(expiry: end(in: 10))
                $0.neededScopes = ["api"]
                $0.missingScopes = ["api"]
            }, decision: .insufficientScope, code: .insufficientScope),
        Row(
            rule: "an end that has passed is worse than a missing scope",
            facts: facts {
                $0.reading = reading(expiry: end(in: 0))
                $0.neededScopes = ["api"]
                $0.missingScopes = ["api"]
            }, decision: .expired, code: .expired),
        Row(
            rule: "all scopes are there",
            facts: facts {
                $0.reading = reading(expiry: end(in: 9999))
                $0.neededScopes = ["api"]
                $0.missingScopes = []
            }, decision: .sufficient, code: .done),
        Row(
            rule: "scopes that nobody tells are unknown, not fine",
            facts: facts {
                $0.reading = reading(expiry: end(in: 9999))
                $0.neededScopes = ["api"]
            }, decision: .unknown, code: .done),
        Row(
            rule: "scopes that nobody tells, with --require-known",
            facts: facts {
                $0.reading = reading(expiry: end(in: 9999))
                $0.neededScopes = ["api"]
            }, requireKnown: true, decision: .unknown, code: .lifetimeUnknown),
    ]

    static let unknownRows: [Row] = [
        Row(rule: "unknown is a warning", facts: facts(), decision: .unknown, code: .done, source: .unknown),
        Row(
            rule: "unknown with --require-known", facts: facts(), requireKnown: true, decision: .unknown,
            code: .lifetimeUnknown),
        Row(
            rule: "an unreachable forge counts when nothing else is known",
            facts: facts { $0.failure = .unreachable("no answer") }, decision: .unknown, code: .unreachable),
        Row(
            rule: "a rate limit counts when nothing else is known",
            facts: facts { $0.failure = Failure(.slowDown, "too many requests") }, decision: .unknown, code: .slowDown),
        Row(
            rule: "an unreachable forge is a warning when the end is known by flag",
            facts: facts {
                $0.failure = .unreachable("no answer")
                $0.flagExpiry = now.advanced(by: .seconds(9999))
            }, decision: .sufficient, code: .done, source: .flag),
        Row(
            rule: "an unreachable forge is a warning when the end is remembered",
            facts: facts {
                $0.failure = .unreachable("no answer")
                $0.remembered = reading(expiry: end(in: 9999), age: 7200)
            }, decision: .sufficient, code: .done, source: .cache),
    ]

    @Test("follows the contract", arguments: rows)
    func rule(_ row: Row) {
        let verdict = CredentialVerdict.judge(
            row.facts, needed: Self.needed, now: Self.now, requireKnown: row.requireKnown)
        #expect(verdict.decision == row.decision)
        #expect(verdict.code == row.code)
        if let source = row.source { #expect(verdict.lifetime.source == source) }
        #expect(!verdict.reason.isEmpty)
        let needsCare = ![.sufficient, .unknown].contains(row.decision)
        if needsCare { #expect(verdict.nextStep != nil) }
    }

    @Test("a date of tomorrow at 23:30 leaves thirty minutes")
    func lateEveningBeforeTheDate() throws {
        let late = try #require(Instant(text: "2026-11-20T23:30:00Z"))
        let date = try #require(CivilDate(text: "2026-11-21"))
        let facts = Self.facts {
            $0.reading = TokenReading(standing: .alive, expiry: .at(date.midnight), readAt: late)
        }
        let verdict = CredentialVerdict.judge(facts, needed: Self.needed, now: late, requireKnown: false)
        #expect(verdict.remaining == .seconds(1800))
        #expect(verdict.decision == .insufficient)
        #expect(verdict.shortfall == .seconds(1800))
        #expect(verdict.reason.contains("2026-11-21 00:00 UTC"))
    }

    @Test(
        "life is measured on the forge's clock, and a skew over a minute is told",
        arguments: [
            (Int64(120), Decision.insufficient, true), (-120, .sufficient, true), (60, .sufficient, false),
            (61, .insufficient, true), (-60, .sufficient, false),
        ])
    func skew(_ skew: Int64, _ decision: Decision, _ isTold: Bool) {
        let facts = Self.facts { $0.reading = Self.reading(expiry: Self.end(in: 3660), skew: skew) }
        let verdict = CredentialVerdict.judge(facts, needed: Self.needed, now: Self.now, requireKnown: false)
        #expect(verdict.decision == decision)
        #expect(verdict.remaining == .seconds(3660 - skew))
        #expect(verdict.clockSkew == .seconds(skew))
        #expect(verdict.warnings.contains { $0.contains("clock") } == isTold)
    }

    @Test("of several credentials the worst counts: 12 > 11 > 14 > 10 > 75, 69 > 13 > unknown > 0")
    func weakest() {
        let ordered: [(String, CredentialFacts)] = [
            ("rejected", Self.facts { $0.reading = Self.reading(.revoked) }),
            ("expired", Self.facts { $0.reading = Self.reading(.expired) }),
            (
                "scope",
                Self.facts {
                    $0.reading = Self.reading(expiry: .never)
                    $0.neededScopes = ["x"]
                    $0.missingScopes = ["x"]
                }
            ),
            ("ending", Self.facts { $0.reading = Self.reading(expiry: Self.end(in: 5)) }),
            ("ending later", Self.facts { $0.reading = Self.reading(expiry: Self.end(in: 50)) }),
            ("slow", Self.facts { $0.failure = Failure(.slowDown, "wait") }),
            ("away", Self.facts { $0.failure = .unreachable("gone") }),
            ("unknown", Self.facts()),
            ("fine", Self.facts { $0.reading = Self.reading(expiry: .never) }),
        ]
        let verdicts = ordered.map { name, facts in
            var facts = facts
            facts.name = name
            return CredentialVerdict.judge(facts, needed: Self.needed, now: Self.now, requireKnown: false)
        }
        for index in verdicts.indices {
            let rest = Array(verdicts[index...].reversed())
            #expect(rest.weakest?.name == ordered[index].0)
        }
        #expect([CredentialVerdict]().weakest == nil)
    }
}
