// What commands about keys say of the operator's key.

import OutlastModel

/// What a key is made of.
public enum KeyForm: String, Sendable {
    /// 32 random bytes.
    case key
    /// Words, through scrypt.
    case passphrase
}

extension OperatorKey {
    /// What it is made of.
    var form: KeyForm {
        switch self {
        case .key: .key
        case .passphrase: .passphrase
        }
    }

    /// Whether both are the same bytes in the same form.
    func matches(_ other: OperatorKey) -> Bool {
        switch (self, other) {
        case (.key(let one), .key(let two)), (.passphrase(let one), .passphrase(let two)): one.matches(two)
        default: false
        }
    }

    /// - Throws: `cacheLocked` (41) when there is none.
    static func required(_ key: OperatorKey?) throws(Failure) -> OperatorKey {
        if let key { return key }
        throw Failure(
            .cacheLocked, "the secret cache is locked: no key is given",
            hint:
                "set OUTLAST_KEY, OUTLAST_KEY_FILE, OUTLAST_KEY_COMMAND or OUTLAST_PASSPHRASE; `outlast key generate` makes a key"
        )
    }
}

extension RenewalStore {
    /// The sealed data key; nil in a state that has never sealed anything.
    ///
    /// - Throws: `cacheLocked` (41) when it is gone though families are there, whose keys nothing else opens.
    func presentEnvelope() throws(Failure) -> KeyEnvelope? {
        if let envelope = try keyEnvelope() { return envelope }
        guard try !families(credential: nil, superseded: false).isEmpty else { return nil }
        // Another process may have sealed the state and begun a family between the two questions; the key comes first.
        guard let envelope = try keyEnvelope() else { throw KeyEnvelopeCodec.tampered() }
        return envelope
    }
}

extension HistoryStore {
    /// The store's renewals.
    ///
    /// - Throws: `stateUnusable` (40) for a store that cannot hold any.
    func requireRenewals() throws(Failure) -> any RenewalStore {
        if let renewals { return renewals }
        throw .state("this state store cannot hold renewals", hint: "use the default store or sqlite:PATH")
    }
}
