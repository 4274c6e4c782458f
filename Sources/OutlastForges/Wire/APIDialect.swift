// What differs between the forges on the wire, as data: how their refusals to answer look and where their API lives.

/// How one forge speaks, as far as the client has to know.
struct APIDialect: Sendable {
    /// A text in a refusal that means "not now" or "not from here", and what it means.
    struct Ban: Sendable {
        /// Found in the body, in lower case.
        let text: String
        /// The whole body has to be this text, not only contain it.
        var isWholeBody = false
        /// What it means, as a part of a sentence.
        let meaning: String
        /// How long to wait where no header tells; nil where nobody knows.
        var wait: Duration?
    }

    /// The forge's name in sentences.
    let name: String
    /// The media type that it is asked for.
    let accept: String
    /// Headers that every request carries.
    var headers: [(name: String, value: String)] = []
    /// The headers that name an answer, the first that is there.
    var requestIDs = ["X-Request-Id"]
    /// How many requests are left, where 0 on a refusal means that the limit is reached.
    var remaining: String?
    /// When the limit is lifted, in seconds since 1970.
    var reset: String?
    /// Texts of limits and bans.
    var bans: [Ban] = []
    /// Redirects to a path that contains one of these are an answer and not followed.
    var signInPaths: [String] = []
    /// Where the API is, for the hint of a failure.
    let whereabouts: String
}
