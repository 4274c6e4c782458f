// The cells of a renewal's row, which someone else may have written: a wrong type, length or word ends in 41, never in a
// value that a flow would go on with.

internal import GRDB
internal import OutlastModel

/// A row with the name of what it is.
struct StoredCells {
    let row: Row
    /// What to call it in a message: `a journal entry`.
    let what: String
    let place: StorePlace

    /// The failure for a row that is not what outlast wrote.
    func tampered() -> Failure {
        Failure(
            .cacheLocked, "\(what) of the state store \(place.shown) was tampered with: nothing was done with it",
            hint: "find out who writes this store; then `outlast secret forget`, or start anew with another store")
    }

    func text(_ index: Int) throws(Failure) -> String {
        guard let text = try optionalText(index) else { throw tampered() }
        return text
    }

    func optionalText(_ index: Int) throws(Failure) -> String? {
        if isNull(index) { return nil }
        guard let text = row.text(index), text.utf8.count <= RenewalBounds.text else { throw tampered() }
        return text
    }

    /// A family's name: it becomes the name of a lock's file.
    func family(_ index: Int) throws(Failure) -> FamilyID {
        guard let family = FamilyID(parsing: try text(index)) else { throw tampered() }
        return family
    }

    /// A word of a fixed list.
    func word<Word: RawRepresentable>(_ index: Int) throws(Failure) -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: try text(index)) else { throw tampered() }
        return word
    }

    func number(_ index: Int) throws(Failure) -> Int64 {
        guard let number = try optionalNumber(index) else { throw tampered() }
        return number
    }

    /// Generations, counts, moments and durations: none of them is ever negative.
    func optionalNumber(_ index: Int) throws(Failure) -> Int64? {
        if isNull(index) { return nil }
        guard let number = row.integer(index), number >= 0 else { throw tampered() }
        return number
    }

    func count(_ index: Int) throws(Failure) -> Int {
        guard let count = Int(exactly: try number(index)) else { throw tampered() }
        return count
    }

    func moment(_ index: Int) throws(Failure) -> Instant { Instant(milliseconds: try number(index)) }

    func optionalMoment(_ index: Int) throws(Failure) -> Instant? {
        try optionalNumber(index).map(Instant.init(milliseconds:))
    }

    func bytes(_ index: Int, atMost limit: Int) throws(Failure) -> [UInt8] {
        guard let bytes = try optionalBytes(index, atMost: limit) else { throw tampered() }
        return bytes
    }

    func optionalBytes(_ index: Int, atMost limit: Int) throws(Failure) -> [UInt8]? {
        if isNull(index) { return nil }
        guard let bytes = row.bytes(index), bytes.count <= limit else { throw tampered() }
        return bytes
    }

    func digest(_ index: Int) throws(Failure) -> SHA256Digest {
        guard let digest = try optionalDigest(index) else { throw tampered() }
        return digest
    }

    func optionalDigest(_ index: Int) throws(Failure) -> SHA256Digest? {
        guard let bytes = try optionalBytes(index, atMost: 32) else { return nil }
        guard let digest = SHA256Digest(bytes: bytes) else { throw tampered() }
        return digest
    }

    /// An end: its word, and the moment that belongs to exactly one of them.
    func expiry(_ word: Int, _ moment: Int) throws(Failure) -> Expiry {
        switch (try text(word), try optionalMoment(moment)) {
        case ("at", let moment?): return .at(moment)
        case ("never", nil): return .never
        case ("unknown", nil): return .unknown
        default: throw tampered()
        }
    }

    private func isNull(_ index: Int) -> Bool {
        let value: DatabaseValue = row[index]
        return value.isNull
    }
}
