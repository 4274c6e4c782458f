// Whether a credential can be renewed here: a row for each rule.

import OutlastModel
import Testing

@Suite("Whether a token can be renewed")
struct RenewableRuleTests {
    private static let selfMade = TokenKind(
        id: "self", forge: "test", expiry: .date,
        renewal: .init(method: "turn", reason: "it can turn itself", selfScopes: ["all", "turn"]), source: "test")
    private static let granted = TokenKind(
        id: "granted", forge: "test", expiry: .moment, renewal: .init(method: "grant", reason: "needs its grant"),
        source: "test")

    private static func renew(
        _ method: String, by actor: RenewConfiguration.Actor = .jobs, with manager: String? = nil
    ) -> RenewConfiguration {
        RenewConfiguration(
            method: method, by: actor, settings: Settings(manager.map { ["with": .text($0)] } ?? [:]))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let kind: TokenKind
        let configured: RenewConfiguration?
        let scopes: [String]?
        let isOver: Bool
        let isRenewable: Bool
        let words: String

        init(
            _ kind: TokenKind, _ configured: RenewConfiguration?, _ scopes: [String]?, isOver: Bool = false,
            _ isRenewable: Bool, _ words: String
        ) {
            (self.kind, self.configured, self.scopes) = (kind, configured, scopes)
            (self.isOver, self.isRenewable, self.words) = (isOver, isRenewable, words)
        }

        var testDescription: String { "\(kind.id), \(configured?.method ?? "–"), \(scopes ?? []), over: \(isOver)" }
    }

    static let rows: [Row] = [
        Row(selfMade, nil, ["turn"], true, "it can turn itself"),
        Row(selfMade, nil, nil, true, "it can turn itself"),
        Row(selfMade, nil, ["read"], false, "the scope all or turn"),
        Row(selfMade, nil, ["turn"], isOver: true, false, "no longer accepted"),
        Row(granted, nil, nil, false, "needs its grant"),
        Row(.opaque, nil, nil, false, "nothing is known"),
        Row(selfMade, renew("turn"), ["turn"], true, "configured: turn"),
        Row(selfMade, renew("turn"), ["read"], false, "the scope all or turn"),
        Row(selfMade, renew("turn", with: "owner"), ["read"], true, "configured: turn"),
        Row(selfMade, renew("turn", with: "owner"), ["read"], isOver: true, false, "no longer accepted"),
        Row(selfMade, renew("program"), ["read"], isOver: true, true, "configured: program"),
        Row(granted, renew("grant"), nil, isOver: true, true, "configured: grant"),
        Row(selfMade, renew("turn", by: .operator), ["turn"], false, "by the operator alone"),
        Row(selfMade, renew("none"), ["turn"], false, "renew: none"),
    ]

    @Test("by its configuration, else by what it may do itself", arguments: rows)
    func rule(_ row: Row) {
        let answer = Renewability(kind: row.kind, configured: row.configured, scopes: row.scopes, isOver: row.isOver)
        #expect(answer.isRenewable == row.isRenewable && answer.reason.contains(row.words), "\(answer)")
    }
}
