// Pagination as GitLab and GitHub both do it: `page` and `per_page`, and where to go next in headers.

struct Page<Element> {
    let elements: [Element]
    let headers: [Fact.Header]
}

/// Cuts the page out of `elements` that the call asks for (20 a page unless `per_page` says otherwise, 100 at most).
func page<Element>(_ elements: [Element], _ call: Call, defaultSize: Int = 20) -> Page<Element> {
    let size = min(100, max(1, call.text("per_page").flatMap { Int($0) } ?? defaultSize))
    let number = max(1, call.text("page").flatMap { Int($0) } ?? 1)
    let pages = max(1, (elements.count + size - 1) / size)
    let start = min((number - 1) * size, elements.count)
    let slice = Array(elements[start..<min(start + size, elements.count)])
    var links: [String] = []
    func link(_ page: Int, _ relation: String) {
        let kept = call.query.filter { $0.key != "page" && $0.key != "per_page" && $0.key != "private_token" }
        let query = formEncoded(kept + [JSON.Member("page", .int(page)), JSON.Member("per_page", .int(size))])
        links.append("<\(call.origin)\(call.path)?\(query)>; rel=\"\(relation)\"")
    }
    if number > 1 { link(number - 1, "prev") }
    if number < pages { link(number + 1, "next") }
    link(1, "first")
    link(pages, "last")
    let fields = [
        ("X-Page", String(number)), ("X-Per-Page", String(size)), ("X-Total", String(elements.count)),
        ("X-Total-Pages", String(pages)), ("X-Next-Page", number < pages ? String(number + 1) : ""),
        ("X-Prev-Page", number > 1 ? String(number - 1) : ""), ("Link", links.joined(separator: ", ")),
    ]
    return Page(elements: slice, headers: fields.map { Fact.Header(name: $0.0, value: $0.1) })
}
