// Bytes as SQLite keeps them.

internal import FoundationEssentials
internal import GRDB

extension [UInt8] {
    /// A BLOB of these bytes; a bare array would not be one.
    var databaseBlob: DatabaseValue { Data(self).databaseValue }
}
