// Whether a state is sealed, asked while others seal it.

import OutlastModel
import OutlastTestKit
import Synchronization
import Testing

@testable import OutlastFlows

@Suite("A state's sealed key")
struct SealedStateTests {
    private static let envelope = KeyEnvelope(wrapped: [1, 2, 3])
    private static let family = FamilyID(text: String(repeating: "0a", count: 16))

    @Test("one that another process made, with a family, between two questions is no tampering")
    func madeMeanwhile() throws {
        let asked = Mutex(0)
        var store = DeafStore(base: RememberingRenewals())
        store.envelope = {
            asked.withLock { count in
                count += 1
                return count == 1 ? nil : Self.envelope
            }
        }
        store.known = [Self.family]
        #expect(try store.presentEnvelope() == Self.envelope)
    }

    @Test("one that is gone while families are there was taken away; without families there never was one")
    func gone() throws {
        var store = DeafStore(base: RememberingRenewals())
        #expect(try store.presentEnvelope() == nil)
        store.known = [Self.family]
        let failure = #expect(throws: Failure.self) { try store.presentEnvelope() }
        #expect(failure?.code == .cacheLocked)
    }
}
