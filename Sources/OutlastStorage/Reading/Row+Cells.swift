// Cells of a store that someone else may have written: a value of the wrong type reads as none. GRDB's own subscripts
// end the program there.

internal import GRDB

extension Row {
    func integer(_ index: Int) -> Int64? {
        let value: DatabaseValue = self[index]
        return if case .int64(let number) = value.storage { number } else { nil }
    }

    func text(_ index: Int) -> String? {
        let value: DatabaseValue = self[index]
        return if case .string(let text) = value.storage { text } else { nil }
    }

    func bytes(_ index: Int) -> [UInt8]? {
        let value: DatabaseValue = self[index]
        return if case .blob(let data) = value.storage { Array(data) } else { nil }
    }
}

extension Statement {
    /// The first row, copied so that the statement can be used again; nil when there is none.
    func firstRow(_ arguments: StatementArguments = []) throws -> Row? {
        try Row.fetchOne(self, arguments: arguments)
    }
}
