// The book of all facts, read once from the embedded data files. A file that cannot be read leaves a problem to
// be seen by a test, not a crash.

/// Every fact that the sandbox answers with, in the order of its files.
public struct FactBook: Sendable {
    /// The book that is built into this library.
    public static let standard = FactBook(files: [
        PackageResources.gitlab_json, PackageResources.gitlab_git_json, PackageResources.github_json,
        PackageResources.oauth_json, PackageResources.others_json,
    ])

    /// All facts, in the order of their files.
    public let facts: [Fact]
    /// What is wrong with the data files; empty in a sound build.
    public let problems: [String]
    private let places: [String: Int]

    /// The facts of these JSON files, each an array of entries.
    init(files: [[UInt8]]) {
        var facts: [Fact] = []
        var places: [String: Int] = [:]
        var problems: [String] = []
        for (number, file) in files.enumerated() {
            guard let entries = SandboxJSON(parsing: file)?.array else {
                problems.append("file \(number) is not a JSON array")
                continue
            }
            for entry in entries {
                guard let fact = Self.fact(entry) else {
                    problems.append("file \(number): not a fact: \(entry.text)")
                    continue
                }
                if places[fact.id] != nil { problems.append("\(fact.id) occurs twice") }
                places[fact.id] = facts.count
                facts.append(fact)
            }
        }
        self.facts = facts
        self.places = places
        self.problems = problems
    }

    /// The fact of this name.
    public subscript(id: String) -> Fact? {
        places[id].map { facts[$0] }
    }

    /// The facts that rest on memory alone, for the table in the documentation.
    public var unverified: [Fact] {
        facts.filter { !$0.verified }
    }

    private static func fact(_ entry: SandboxJSON) -> Fact? {
        guard let id = entry["id"]?.string, let status = entry["status"]?.int, let tag = entry["tag"]?.string,
            let source = entry["source"]?.string
        else { return nil }
        var headers = (entry["headers"]?.members ?? []).compactMap { member in
            member.value.string.map { Fact.Header(name: member.key, value: $0) }
        }
        let body: Fact.Body
        if let json = entry["body"] {
            body = .json(json)
            complete(&headers, type: "application/json")
        } else if let text = entry["text"]?.string {
            body = .text(text)
            complete(&headers, type: "text/plain; charset=utf-8")
        } else {
            body = .none
        }
        return Fact(
            id: id, status: status, headers: headers, body: body, tag: tag, source: source, note: entry["note"]?.string)
    }

    private static func complete(_ headers: inout [Fact.Header], type: String) {
        guard !headers.contains(where: { $0.name.lowercased() == "content-type" }) else { return }
        headers.insert(Fact.Header(name: "Content-Type", value: type), at: 0)
    }
}
