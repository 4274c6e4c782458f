// What the process's streams are connected to.

import CPlatform

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Facts about the terminal, read once.
public struct Terminal: Hashable, Sendable {
    /// Whether stdin is a terminal.
    public let isInput: Bool
    /// Whether stdout is a terminal.
    public let isOutput: Bool
    /// Whether stderr is a terminal.
    public let isError: Bool
    /// Columns of the terminal on stdout, else of that on stderr; nil when there is none or it does not say.
    public let width: Int?

    /// Describes a terminal; without anything, none.
    public init(isInput: Bool = false, isOutput: Bool = false, isError: Bool = false, width: Int? = nil) {
        self.isInput = isInput
        self.isOutput = isOutput
        self.isError = isError
        self.width = width
    }

    /// Looks at this process's streams.
    public static func current() -> Terminal {
        Terminal(
            isInput: isatty(STDIN_FILENO) == 1, isOutput: isatty(STDOUT_FILENO) == 1,
            isError: isatty(STDERR_FILENO) == 1,
            width: [STDOUT_FILENO, STDERR_FILENO].map { Int(outlast_terminal_width($0)) }.first { $0 > 0 })
    }
}
