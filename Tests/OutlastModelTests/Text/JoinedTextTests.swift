// Texts in one: the same as the standard library's.

import OutlastModel
import Testing

@Suite("Joined text")
struct JoinedTextTests {
    @Test("is what joined gives", arguments: [[], [""], ["a"], ["a", "", "b"], ["é", "👩‍👩‍👧", "\u{301}"]] as [[String]])
    func sameAsJoined(_ parts: [String]) {
        #expect(parts.text(joinedBy: "/") == parts.joined(separator: "/"))
        #expect(parts.map { Substring($0) }.text(joinedBy: ", ") == parts.joined(separator: ", "))
    }
}
