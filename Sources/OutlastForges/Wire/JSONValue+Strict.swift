// The types that tell an API from something that only looks like it.
import OutlastModel

extension JSONValue {
    /// The number, when it was written as a whole one: an id is never `7.5`.
    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
}
