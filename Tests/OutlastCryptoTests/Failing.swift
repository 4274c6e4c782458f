// Tests of refusals look at the whole failure, not only at its being one.

import OutlastModel
import Testing

/// What a piece of work failed with; nil when it did not.
func failure<Value>(_ work: () throws -> Value) -> Failure? {
    do {
        _ = try work()
        return nil
    } catch let failure as Failure {
        return failure
    } catch {
        Issue.record(error)
        return nil
    }
}
