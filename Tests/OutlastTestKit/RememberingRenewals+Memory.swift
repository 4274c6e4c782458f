// What the renewals in memory keep, and how a step changes it.

internal import OutlastModel

extension RememberingRenewals {
    /// A step that fails.
    struct Fault {
        let number: Int
        let failure: Failure
        let isAfterwards: Bool
    }

    /// Everything, with what the test wants to know of it.
    struct Memory {
        var contents = Contents()
        var lastNumber: Int64 = 0
        var steps: [RenewalChange] = []
        var tries = 0
        var faults: [Fault] = []
        var beforeNextSecret: (@Sendable () -> Void)?
        var gate: (@Sendable (Bool) -> Failure?)?
        var writeHistory: (@Sendable (RunRecord) -> Void)?
    }
}

extension RememberingRenewals.Memory {
    mutating func apply(
        _ change: RenewalChange, to family: FamilyID
    ) -> Result<(number: Int64, failure: Failure?), Failure> {
        tries += 1
        let fault = faults.first { $0.number == tries }
        if let fault, !fault.isAfterwards { return .failure(fault.failure) }
        let named =
            [change.family?.id, change.journal?.entry.family].compactMap { $0 } + change.addedMembers.map(\.family)
            + change.sealed.map(\.family) + change.queued.map(\.family)
        guard named.allSatisfy({ $0 == family }) else {
            return .failure(Failure(.unexpected, "a step of family \(family.text) is about another family too"))
        }
        steps.append(change)
        contents.take(change, family)
        return .success((change.journal.map { write($0, family) } ?? 0, fault?.failure))
    }

    private mutating func write(_ row: JournalRow, _ family: FamilyID) -> Int64 {
        let place = contents.journal.firstIndex { $0.entry.id == row.entry.id && $0.entry.family == family }
        if row.entry.id > 0, let place {
            contents.journal[place] = row
            return row.entry.id
        }
        lastNumber += 1
        var new = row
        new.entry.id = lastNumber
        contents.journal.append(new)
        return lastNumber
    }
}

extension RememberingRenewals.Contents {
    mutating func take(_ change: RenewalChange, _ family: FamilyID) {
        if let row = change.family { families = families.filter { $0.id != row.id } + [row] }
        for row in change.addedMembers {
            members = members.filter { $0.digest != row.digest || $0.identity != row.identity } + [row]
        }
        for row in change.sealed {
            sealed.removeAll {
                $0.family == family && $0.generation == row.generation && $0.purpose == row.purpose
            }
            sealed.append(row)
        }
        sealed.removeAll { $0.family == family && change.droppedGenerations.contains($0.generation) }
        for row in change.queued { outbox = outbox.filter { $0.family != family || $0.target != row.target } + [row] }
        outbox.removeAll { $0.family == family && change.drained.contains($0.target) }
    }

    private func picked(_ credential: String?, _ family: FamilyID?) -> [FamilyRow] {
        families.filter { (credential ?? $0.credential) == $0.credential && (family ?? $0.id) == $0.id }
    }

    mutating func forget(_ credential: String?, _ family: FamilyID?) -> Int {
        let gone = picked(credential, family).map(\.id)
        families.removeAll { gone.contains($0.id) }
        members.removeAll { gone.contains($0.family) }
        sealed.removeAll { gone.contains($0.family) }
        outbox.removeAll { gone.contains($0.family) }
        journal.removeAll { gone.contains($0.entry.family) && $0.entry.state.isOpen }
        return gone.count
    }

    mutating func forgetSuperseded(_ credential: String?, _ family: FamilyID?) -> Int {
        var gone = 0
        for row in picked(credential, family) {
            sealed.removeAll { $0.family == row.id && $0.generation < row.generation }
            for place in members.indices {
                let member = members[place]
                guard member.family == row.id, (1..<row.generation).contains(member.generation),
                    !member.wrappedKey.isEmpty
                else { continue }
                members[place].wrappedKey = []
                gone += 1
            }
        }
        return gone
    }
}
