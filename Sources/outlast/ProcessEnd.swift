// The end of the process, at once: nothing is left to flush, since streams are written by descriptor.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Ends the process with this code.
func endProcess(with code: Int32) -> Never { exit(code) }
