// How a credential is named in sentences.

import OutlastModel
import Testing

@Suite("names of credentials")
struct CredentialNameTests {
    @Test("a token without a name of its own is just the token")
    func words() {
        #expect(CredentialName.token(of: "release") == "the token of release")
        #expect(CredentialName.token(of: "release", "the new token") == "the new token of release")
        #expect(CredentialName.token(of: CredentialName.onlyToken) == "the token")
    }
}
