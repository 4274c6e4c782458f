// Places to publish to, in memory.

public import OutlastModel
internal import Synchronization

/// A kind of target whose places are told apart by the setting `place`.
public final class ScriptedTarget: PublishTarget {
    private struct Memory {
        var values: [String: Secret] = [:]
        var writers: [String: Secret] = [:]
        var failing: [String: Int] = [:]
        var silent: Set<String> = []
        var log: [String] = []
        var run: MortalRun?
    }

    /// `place`.
    public static let name = "place"

    /// By choice.
    public let canBeRead: Bool
    private let memory = Mutex(Memory())

    /// Makes it.
    public init(canBeRead: Bool = true) { self.canBeRead = canBeRead }

    /// One text.
    public var schema: SettingsSchema { SettingsSchema(name: Self.name, fields: [.init("place", .text)]) }
    /// The place.
    public func label(_ settings: Settings) -> String { "place \(place(settings))" }

    private func place(_ settings: Settings) -> String { settings.text("place") ?? "home" }

    /// Answers, unless it was silenced.
    public func check(_ context: PublishContext) async throws(Failure) {
        let place = place(context.settings)
        let isSilent = memory.withLock { memory in
            memory.log.append("check \(place)")
            return memory.silent.contains(place)
        }
        if isSilent { throw .unreachable("place \(place) does not answer") }
    }

    /// Takes the token, unless it was told to fail.
    public func publish(_ token: Secret, _ context: PublishContext) async throws(Failure) {
        let place = place(context.settings)
        let isDone = memory.withLock { memory -> Bool in
            guard memory.run?.passes() ?? true else { return false }
            memory.log.append("publish \(place)")
            guard !memory.silent.contains(place) else { return false }
            if let left = memory.failing[place], left > 0 {
                memory.failing[place] = left - 1
                return false
            }
            memory.values[place] = token
            memory.writers[place] = context.writer
            return memory.run?.passes() ?? true
        }
        if !isDone { throw .unreachable("place \(place) does not take it") }
    }

    /// What is there.
    public func read(_ context: PublishContext) async throws(Failure) -> Secret? {
        let place = place(context.settings)
        let found = memory.withLock { memory -> (isSilent: Bool, value: Secret?) in
            memory.log.append("read \(place)")
            return (memory.silent.contains(place), memory.values[place])
        }
        if found.isSilent { throw .unreachable("place \(place) does not answer") }
        return found.value
    }

    /// Lets the next publications to a place fail.
    public func fail(_ place: String = "home", times: Int) { memory.withLock { $0.failing[place] = max(0, times) } }
    /// Lets a place answer nothing, or answer again.
    public func silence(_ place: String = "home", _ isSilent: Bool = true) {
        memory.withLock { memory in
            if isSilent { memory.silent.insert(place) } else { memory.silent.remove(place) }
        }
    }
    /// Puts a value there, as somebody else would.
    public func put(_ token: String?, in place: String = "home") {
        memory.withLock { $0.values[place] = token.map { Secret($0) } }
    }
    /// The process that the next publications belong to.
    public func attach(_ run: MortalRun?) { memory.withLock { $0.run = run } }

    /// What is there.
    public func value(in place: String = "home") -> String? { memory.withLock { $0.values[place]?.reveal() } }
    /// Who wrote it.
    public func writer(of place: String = "home") -> String? { memory.withLock { $0.writers[place]?.reveal() } }
    /// What was asked, in order.
    public var log: [String] { memory.withLock { $0.log } }
}
