// How far the file is believed. Whoever can push a branch can change a file that is found in the working tree: it may say
// how long things take and which variable holds a token, and nothing that sends a token anywhere or runs anything.
import OutlastModel

/// Who chose the file.
enum Trust {
    /// The operator, by `--config`, `OUTLAST_CONFIG` or their own configuration folder.
    case named
    /// Nobody: it lies in the working tree. `ciAPI` is the interface of the CI's own server, which it may name.
    case found(ciAPI: ServerURL?)

    /// Whether a found file is being read.
    var isFound: Bool { if case .found = self { true } else { false } }

    /// Whether the value may be used; notes a mistake when only a named file may hold it.
    func allows(_ place: Place) -> Bool {
        guard isFound else { return true }
        place.refuse(
            "may not be set by a file that was found in the working tree, for a merge request can change it",
            hint: Self.remedy)
        return false
    }

    /// Whether an `api_url` may be used: a found file's must be on the CI's own server.
    func allows(api: ServerURL, at place: Place) -> Bool {
        guard case .found(let ciAPI) = self, ciAPI?.origin != api.origin else { return true }
        let own =
            ciAPI.map { "the CI's own server, \($0.origin.hostAndPort)" }
            ?? "the CI's own server, which is not known here"
        place.refuse(
            "is not on \(own); a file that was found in the working tree may name no other", hint: Self.remedy)
        return false
    }

    private static let remedy = """
        keep the file outside the tree and name it by --config or OUTLAST_CONFIG \
        (in GitLab: a protected variable of type File)
        """
}
