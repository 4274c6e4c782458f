// Rules on the key, on families with their members and secrets, and on forgetting them.

internal import OutlastModel

extension RenewalStoreConformance {
    static let familyRules: [HistoryRule] = [
        rule("the sealed key is replaced only by who knows the present one") { store in
            let plain = KeyEnvelope(wrapped: [1, 2])
            let other = KeyEnvelope(wrapped: [3])
            let words = KeyEnvelope(
                wrapped: [4], passphraseSalt: [5, 6], cost: ScryptCost(n: 1 << 16, r: 8, p: 1), successor: [7])
            try expect(store.keyEnvelope(), nil, "a new store's key")
            try expect(store.replaceKeyEnvelope(plain, by: other), false, "replacing what is not there")
            try expect(store.replaceKeyEnvelope(nil, by: plain), true, "the first key")
            try expect(store.replaceKeyEnvelope(nil, by: other), false, "a second first key")
            try expect(store.keyEnvelope(), plain, "the key that was first")
            try expect(store.replaceKeyEnvelope(plain, by: words), true, "a change")
            try expect(store.keyEnvelope(), words, "all parts")
            try expect(store.stateID.count, 16, "bytes of the store's name")
        },
        rule("a family is kept whole, and replaced by its name") { store in
            try expect(store.family(first), nil, "before")
            var ends: [Expiry] = [.never, .unknown, .at(at(7))]
            while let end = ends.popLast() {
                var row = row(generation: ends.count)
                row.expiry = end
                row.tokenID = ends.isEmpty ? nil : "12"
                _ = try store.apply(RenewalChange(family: row), to: first)
                try expect(store.family(first), row, "the row with \(end)")
            }
            _ = try store.apply(RenewalChange(family: row(second)), to: second)
            try expect(store.family(first)?.expiry, .never, "the other family's row")
        },
        rule("a member is found under its own identity only") { store in
            let mine = member("token")
            let theirs = member("token", second, identity: broad, generation: 0, purpose: .minting)
            _ = try store.apply(RenewalChange(addedMembers: [mine]), to: first)
            try expect(store.member(digest("token"), identity: broad), nil, "another identity")
            _ = try store.apply(RenewalChange(addedMembers: [theirs]), to: second)
            try expect(store.member(digest("token"), identity: narrow), mine, "the first")
            try expect(store.member(digest("token"), identity: broad), theirs, "the second")
            try expect(store.member(digest("other"), identity: narrow), nil, "another secret")
            let moved = member("token", second, generation: 2)
            _ = try store.apply(RenewalChange(addedMembers: [moved]), to: second)
            try expect(store.member(digest("token"), identity: narrow), moved, "replaced by digest and identity")
        },
        rule("secrets are kept by generation and purpose; a dropped generation goes, and nothing else") { store in
            let rows = [
                sealed(), sealed(purpose: .refresh, bytes: [1]), sealed(generation: 2, bytes: [2]),
                sealed(generation: 2, purpose: .partner, bytes: []),
            ]
            _ = try store.apply(RenewalChange(sealed: rows), to: first)
            _ = try store.apply(RenewalChange(sealed: [sealed(second, bytes: [3])]), to: second)
            for row in rows {
                try expect(
                    store.sealed(first, generation: row.generation, purpose: row.purpose), row, "\(row.purpose)")
            }
            let newer = sealed(bytes: [9, 9])
            _ = try store.apply(RenewalChange(sealed: [newer]), to: first)
            try expect(store.sealed(first, generation: 1, purpose: .access), newer, "the replaced one")
            _ = try store.apply(RenewalChange(droppedGenerations: [1]), to: first)
            try expect(store.sealed(first, generation: 1, purpose: .access), nil, "dropped")
            try expect(store.sealed(first, generation: 1, purpose: .refresh), nil, "dropped too")
            try expect(store.sealed(first, generation: 2, purpose: .access), rows[2], "the next generation")
            try expect(store.sealed(second, generation: 1, purpose: .access)?.sealed, [3], "the other family's")
        },
        rule("a step that is about two families is refused whole") { store in
            for change in [
                RenewalChange(family: row(), sealed: [sealed(second)]), RenewalChange(family: row(second)),
                RenewalChange(family: row(), addedMembers: [member("token", second)]),
                RenewalChange(family: row(), journal: entry(second)),
                RenewalChange(family: row(), queued: [queued("file", second)]),
            ] {
                let isRefused: Bool
                do {
                    _ = try store.apply(change, to: first)
                    isRefused = false
                } catch { isRefused = true }
                try expect(isRefused, true, "a step about two families")
                try expect(store.family(first), nil, "what is left of it")
            }
        },
    ]

    static let forgettingRules: [HistoryRule] = [
        rule("forgetting takes a family with all that leads to it, and leaves the account of its renewals") { store in
            try fill(store)
            try expect(store.forget(credential: nil, family: nil), 0, "nothing named")
            try expect(store.forget(credential: "nobody", family: nil), 0, "an unknown credential")
            try expect(store.forget(credential: "other", family: first), 0, "a family of another credential")
            try expect(store.family(first)?.id, first, "still there")
            try expect(store.forget(credential: nil, family: first), 1, "by name")
            try expect(store.family(first), nil, "the family")
            try expect(store.member(digest("first 1"), identity: narrow), nil, "its member")
            try expect(store.sealed(first, generation: 2, purpose: .access), nil, "its secret")
            try expect(store.outbox(of: first), [], "its outbox")
            try expect(store.openJournal(of: first), [], "its open journal")
            try expect(store.member(digest("second 1"), identity: narrow)?.family, second, "the other's member")
            try expect(store.openJournal(of: second).count, 1, "the other's journal")
            try expect(store.forget(credential: "other", family: second), 1, "by both")
            try expect(store.listSecrets().count, 0, "secrets")
        },
        HistoryRule("what is forgotten is still in the list of rotations once it was closed") { history in
            let store = try renewals(of: history)
            try fill(store)
            _ = try store.apply(RenewalChange(journal: entry(state: .retired)), to: first)
            try expect(store.forget(credential: "release", family: nil), 1, "by credential")
            let table = try history.rows(of: .rotations, filter: HistoryFilter(token: "release"))
            try expect(HistoryStoreConformance.cells(table, "state"), ["retired"], "states")
        },
        rule("superseded secrets lose the power to lead to the current one; keys of all generations keep it") { store in
            try fill(store)
            try expect(store.forgetSuperseded(credential: "release", family: second), 0, "not of this credential")
            try expect(store.forgetSuperseded(credential: nil, family: first), 1, "members")
            try expect(store.forgetSuperseded(credential: nil, family: first), 0, "members that lost it before")
            let superseded = try store.member(digest("first 1"), identity: narrow)
            try expect(superseded?.wrappedKey, [], "what the old generation's member opens")
            try expect(superseded?.family, first, "whose it was")
            try expect(store.sealed(first, generation: 1, purpose: .access), nil, "the old generation's secret")
            try expect(store.member(digest("first 2"), identity: narrow)?.generation, 2, "the current one")
            try expect(store.member(digest("first key"), identity: narrow)?.generation, 0, "the key")
            try expect(store.sealed(first, generation: 2, purpose: .access)?.family, first, "the current secret")
            try expect(store.member(digest("second 1"), identity: narrow)?.family, second, "the other family's")
            try expect(store.forgetSuperseded(credential: nil, family: nil), 1, "of all families")
        },
        rule("secrets are listed with their families") { store in
            try fill(store)
            let listed = try store.listSecrets()
            try expect(listed.map(\.secret.generation), [1, 2, 1, 2], "generations")
            let ids = [first, second].sorted { $0.text < $1.text }
            try expect(listed.map(\.family.id), [ids[0], ids[0], ids[1], ids[1]], "families")
            try expect(listed.allSatisfy { $0.family.id == $0.secret.family }, true, "each with its own")
            let names = ids.flatMap { id in (1...2).map { "\(id == first ? "first" : "second") \($0)" } }
            try expect(listed.map(\.digest), names.map { digest($0) }, "what they are found by")
            let orphan = sealed(first, generation: 2, purpose: .refresh)
            _ = try store.apply(RenewalChange(sealed: [orphan]), to: first)
            try expect(store.listSecrets().first { $0.secret == orphan }?.digest, nil, "where nothing leads to it")
        },
        rule("families are named in order, those with something superseded apart") { store in
            try expect(store.families(credential: nil, superseded: false), [], "in an empty store")
            try fill(store)
            let ids = [first, second].sorted { $0.text < $1.text }
            try expect(store.families(credential: nil, superseded: false), ids, "all")
            try expect(store.families(credential: nil, superseded: true), ids, "with something superseded")
            try expect(store.families(credential: "other", superseded: false), [second], "of a credential")
            try expect(store.families(credential: "nobody", superseded: false), [], "of nobody")
            _ = try store.forgetSuperseded(credential: nil, family: first)
            try expect(store.families(credential: nil, superseded: true), [second], "what is left")
            try expect(store.families(credential: "release", superseded: true), [], "left of a credential")
            try expect(store.families(credential: "release", superseded: false), [first], "still there")
            _ = try store.apply(RenewalChange(sealed: [sealed(first)]), to: first)
            try expect(store.families(credential: nil, superseded: true), ids, "a secret that nothing leads to")
        },
    ]

    /// Two families of two credentials, each in its second generation with all that belongs to it.
    private static func fill(_ store: any RenewalStore) throws {
        for (id, name, credential) in [(first, "first", "release"), (second, "second", "other")] {
            _ = try store.apply(
                RenewalChange(
                    family: row(id, credential: credential, generation: 2),
                    addedMembers: [
                        member("\(name) 1", id), member("\(name) 2", id, generation: 2),
                        member("\(name) key", id, generation: 0, purpose: .minting),
                    ], sealed: [sealed(id), sealed(id, generation: 2)],
                    journal: entry(id, generation: 2, credential: credential), queued: [queued("file", id)]), to: id)
        }
    }
}
