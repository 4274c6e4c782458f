// Programs that are asked something: in a session of their own (so that none can prompt on the terminal, and all that
// they start ends with them), with the environment given and nothing else, and no open file of ours.

import CPlatform
public import OutlastModel
import Subprocess
import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Runs programs of the machine.
public struct SystemProcessRunner: ProcessRunner {
    /// How long a program that ran out of time may take to end by itself (SIGTERM) before it is killed (SIGKILL).
    static let grace = Duration.milliseconds(300)

    private let withheld: [String]

    /// Makes a runner.
    ///
    /// - Parameter withheld: beginnings of names of variables that no program gets, whatever environment it is given.
    public init(withholding withheld: [String] = []) { self.withheld = withheld }

    /// Runs a program to its end. A non-zero exit code is an answer, not a failure.
    ///
    /// Variables whose names no shell could set (empty, with `=`, beginning with a digit) are not handed on.
    ///
    /// - Throws: `Failure` with code 1 when it cannot be started, takes too long or writes too much on stdout; the
    ///   message names the program only, since arguments may be anything.
    public func ask(_ question: ProcessQuestion) async throws(Failure) -> ProcessAnswer {
        let name = SafeText.line(question.command.first ?? "")
        let path = try ProgramSearch(environment: question.environment).path(of: question.command.first ?? "")
        let configuration = try configuration(path, question, name: name)
        do {
            return try await withThrowingTaskGroup(of: ProcessAnswer?.self) { group in
                group.addTask { try await Self.run(configuration, question, name: name) }
                group.addTask {
                    try await SystemClock().sleep(for: question.timeout)
                    return nil
                }
                defer { group.cancelAll() }
                guard let answer = try await group.next().flatMap({ $0 }) else { throw Trouble.tookTooLong }
                return answer
            }
        } catch {
            throw Self.failure(error, question, name: name)
        }
    }

    /// What ends a run early.
    private enum Trouble: Error { case tookTooLong, wroteTooMuch }

    private func configuration(
        _ path: String, _ question: ProcessQuestion, name: String
    ) throws(Failure) -> Subprocess.Configuration {
        let values = question.command + question.environment.values
        guard !values.contains(where: { $0.utf8.contains(0) }) else {
            throw Failure(.unexpected, "cannot start \(name): an argument or a variable holds a NUL character")
        }
        var variables: [Environment.Key: String] = [:]
        for (key, value) in question.environment where Self.isName(key) && !withheld.contains(where: key.hasPrefix) {
            if let key = Environment.Key(rawValue: key) { variables[key] = value }
        }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: Self.grace)]
        return Subprocess.Configuration(
            executable: .path(FilePath(path)),
            arguments: Arguments(
                executablePathOverride: question.command.first, remainingValues: Array(question.command.dropFirst())),
            environment: .custom(variables), platformOptions: options)
    }

    private static func isName(_ key: String) -> Bool {
        guard let first = key.utf8.first, !(48...57).contains(first) else { return false }
        return !key.utf8.contains { $0 == UInt8(ascii: "=") || $0 == 0 }
    }

    private static func run(
        _ configuration: Subprocess.Configuration, _ question: ProcessQuestion, name: String
    ) async throws -> ProcessAnswer {
        let result = try await Subprocess.run(
            configuration, input: .fileDescriptor(try stdin(question.input, name), closeAfterSpawningProcess: true),
            output: .sequence, error: .sequence
        ) { try await collect($0, limit: question.largestOutput) }
        return answer(result.terminationStatus, result.closureResult)
    }

    /// A stream that holds the whole input and ends after it.
    private static func stdin(_ input: Secret?, _ name: String) throws(Failure) -> FileDescriptor {
        var descriptor: Int32 = -1
        let error = (input ?? Secret("")).withBytes { outlast_filled_pipe($0.baseAddress, $0.count, &descriptor) }
        guard error == 0 else {
            throw Failure(.unexpected, "cannot hand \(name) its input: \(SystemError(code: error).words)")
        }
        return FileDescriptor(rawValue: descriptor)
    }

    /// What was read from a program.
    private struct Collected: Sendable {
        let output: Secret
        let errors: String
    }

    private static func answer(_ status: TerminationStatus, _ collected: Collected) -> ProcessAnswer {
        let code: Int32
        switch status {
        case .exited(let value): code = value
        case .signaled(let signal): code = 128 + signal
        }
        return ProcessAnswer(code: code, output: collected.output, errors: collected.errors)
    }

    /// Reads both streams to their ends; ends the program and all that it started when that fails.
    private static func collect<Input: InputProtocol>(
        _ execution: Execution<Input, SequenceOutput, SequenceOutput>, limit: Int
    ) async throws -> Collected {
        do {
            let output = execution.standardOutput
            let errors = execution.standardError
            async let complaint = head(of: errors, limit: limit)
            let said = try await whole(output, limit: limit)
            return Collected(output: said, errors: try await complaint)
        } catch {
            try? execution.send(signal: .terminate, toProcessGroup: true)
            // Not a part of this task, which is cancelled already when time ran out.
            await Task { try? await SystemClock().sleep(for: grace) }.value
            // The program itself is not reaped yet, so its group can't have become another's.
            try? execution.send(signal: .kill, toProcessGroup: true)
            throw error
        }
    }

    private static func whole(_ stream: SubprocessOutputSequence, limit: Int) async throws -> Secret {
        var bytes: [UInt8] = []
        defer { for index in bytes.indices { bytes[index] = 0 } }
        for try await buffer in stream {
            try Task.checkCancellation()
            guard bytes.count + buffer.count <= limit else { throw Trouble.wroteTooMuch }
            buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        try Task.checkCancellation()
        return Secret(bytes: bytes)
    }

    private static func head(of stream: SubprocessOutputSequence, limit: Int) async throws -> String {
        var bytes: [UInt8] = []
        for try await buffer in stream {
            // A cancelled read ends only when nothing more comes, and some programs never stop.
            try Task.checkCancellation()
            buffer.withUnsafeBytes { bytes.append(contentsOf: $0.prefix(max(limit - bytes.count, 0))) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func failure(_ error: any Error, _ question: ProcessQuestion, name: String) -> Failure {
        switch error {
        case Trouble.tookTooLong:
            return Failure(.unexpected, "\(name) did not end within \(question.timeout.shown) and was stopped")
        case Trouble.wroteTooMuch:
            return Failure(.unexpected, "\(name) wrote more than \(question.largestOutput) bytes and was stopped")
        case is CancellationError: return Failure(.unexpected, "\(name) was stopped, because this run was")
        case let failure as Failure: return failure
        case let error as SubprocessError:
            // Its description may hold arguments and variables; its number does not.
            let words = error.underlyingError.map { SystemError(code: $0.rawValue).words } ?? "the system refused"
            return Failure(.unexpected, "cannot run \(name): \(words)")
        default: return Failure(.unexpected, "cannot run \(name)")
        }
    }
}

extension Duration {
    /// For messages about bounds: `10s`, and `250ms` below a second.
    var shown: String { self < .seconds(1) ? "\(wholeMilliseconds)ms" : text }
}
