// What a handler says, before faults and the wire have their way with it.

/// A whole HTTP answer, and what it did to the world.
struct Answer: Sendable {
    var status: Int
    var headers: [Fact.Header] = []
    var body: [UInt8] = []

    /// An answer made of a fact of the book.
    static func fact(_ id: String, _ bindings: [String: JSON] = [:]) -> Answer {
        guard let fact = FactBook.standard[id] else {
            return Answer(status: 500, body: Array("sandbox: there is no fact \(id)".utf8))
        }
        return Answer(
            status: fact.status, headers: fact.filledHeaders(bindings), body: Array(fact.bodyText(bindings).utf8))
    }

    /// An answer of JSON that is put together from several facts, such as a list.
    static func json(_ json: JSON, status: Int = 200) -> Answer {
        Answer(
            status: status, headers: [Fact.Header(name: "Content-Type", value: "application/json")],
            body: Array(json.text.utf8))
    }

    /// The same answer with one more header.
    func with(_ name: String, _ value: String) -> Answer {
        var copy = self
        copy.headers.append(Fact.Header(name: name, value: value))
        return copy
    }
}

/// Thrown by a handler that has its answer early. What it changed before stays changed: a forge that revokes a
/// family and then says 401 does just that.
struct Refusal: Error {
    let answer: Answer

    init(_ answer: Answer) {
        self.answer = answer
    }

    /// A refusal made of a fact of the book.
    init(_ id: String, _ bindings: [String: JSON] = [:]) {
        answer = .fact(id, bindings)
    }
}

/// The JSON of a fact's body, to be put into lists and larger objects.
func factJSON(_ id: String, _ bindings: [String: JSON]) -> JSON {
    FactBook.standard[id]?.bodyJSON(bindings) ?? .null
}
