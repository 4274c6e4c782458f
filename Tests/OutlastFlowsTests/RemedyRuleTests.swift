// Which verdicts call for a remedy, and which failed remedies the program ends with.

import OutlastModel
import Testing

@testable import OutlastFlows

@Suite("Remedies of a preflight: the rule")
struct RemedyRuleTests {
    @Test("what will end, has ended or is refused can be helped; a missing scope and an unknown end cannot")
    func wanted() {
        let wanted = OutlastModel.ExitCode.allCases.filter { RemedyRule.isWanted(after: $0) }
        #expect(wanted == [.willExpire, .expired, .rejected])
    }

    @Test("a lost token always rules, an unusable state or key with --strict, anything else leaves the verdict")
    func rules() {
        let codes = OutlastModel.ExitCode.allCases
        #expect(codes.filter { RemedyRule.replacesVerdict($0, strict: false) } == [.renewalInDoubt])
        #expect(
            codes.filter { RemedyRule.replacesVerdict($0, strict: true) }
                == [.renewalInDoubt, .stateUnusable, .cacheLocked])
    }

    @Test("a token that somebody else renewed counts only when its forge could be asked about it")
    func proof() {
        #expect(RemedyRule.isProved(wasRenewedNow: true, questionFailed: true))
        #expect(RemedyRule.isProved(wasRenewedNow: false, questionFailed: false))
        #expect(!RemedyRule.isProved(wasRenewedNow: false, questionFailed: true))
    }
}
