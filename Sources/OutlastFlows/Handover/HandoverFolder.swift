// The folder for files that a shell is about to source: ours alone, in memory where there is such a place. And its
// leftovers, of callers that never came.
//
// A file is a leftover after ten minutes, and before that as soon as its caller can no longer source it: when the same
// process calls again (a shell does one thing after the other), or when the process that called and the one above it are
// both gone. Anybody else's file is never touched: jobs run side by side, and the lines that source it may just have been
// printed.

import OutlastModel

/// Places for files that live for a moment.
struct HandoverFolder: Sendable {
    /// After which a file that nobody sourced is removed by whoever comes by.
    static let longestWait: Duration = .seconds(600)

    private let world: World

    init(_ world: World) { self.world = world }

    private var folders: PrivateFolders { PrivateFolders(world) }

    /// Proves that a file could be left now.
    func check() throws(Failure) {
        try inFirst { path throws(Failure) in
            guard try world.files.createExclusively(path, permissions: 0o600) else { throw Self.taken }
            try world.files.remove(path)
        }
    }

    /// Leaves a file for the caller's shell.
    ///
    /// - Returns: the lines that source it.
    func leave(_ values: [HandoverValue]) throws(Failure) -> String {
        var lines = ""
        try inFirst { path throws(Failure) in
            let text = ShellText.file(values, at: path).withBytes { Array($0) }
            try world.files.writeAtomically(path, text, permissions: 0o600)
            lines = ShellText.lines(sourcing: path)
        }
        return lines
    }

    private static let taken = Failure(.unexpected, "a name that was made at random is taken")

    /// Does something with a new name in the first place that takes it.
    private func inFirst(_ body: (String) throws(Failure) -> Void) throws(Failure) {
        let missing = Failure.configuration(
            "there is no folder for what the shell is to source",
            hint: "set XDG_RUNTIME_DIR or HOME, or use --export file:FILE")
        try folders.inFirst(missing: missing) { folder throws(Failure) in try body("\(folder)/\(newName())") }
    }

    private func newName() -> String {
        let random = SHA256Digest(hashing: world.random(32)).hex.prefix(32)
        return HandoverName(caller: world.processTable?.ancestry(), random: String(random)).text
    }

    /// Removes leftovers. What cannot be looked at or removed is left to the next run.
    func sweep() {
        let caller = world.processTable?.ancestry()
        let now = world.clock.now()
        for folder in folders.candidates where folders.isOurs(folder) {
            for name in (try? world.files.names(in: folder)) ?? [] {
                let path = "\(folder)/\(name)"
                guard HandoverName.isOurs(name), let status = try? world.files.status(of: path), status.sort == .file,
                    status.owner == world.files.effectiveUser()
                else { continue }
                let age = Instant(milliseconds: status.changed / 1_000_000).duration(to: now)
                if age > Self.longestWait || hasNoCaller(name, beside: caller) { try? world.files.remove(path) }
            }
        }
    }

    private func hasNoCaller(_ name: String, beside caller: ProcessAncestry?) -> Bool {
        guard let caller, let left = HandoverName(name), let table = world.processTable,
            left.place == HandoverName.mark(of: caller.place)
        else { return false }
        return left.parent == caller.parent || !(table.isAlive(left.parent) || table.isAlive(left.grandparent))
    }
}

/// The name of a file for a shell: `export-PLACE-PARENT-GRANDPARENT-RANDOM`.
struct HandoverName: Hashable {
    let place: String
    let parent: Int32
    let grandparent: Int32
    private let random: String

    init(caller: ProcessAncestry?, random: String) {
        place = caller.map { Self.mark(of: $0.place) } ?? Self.mark(of: "")
        parent = caller?.parent ?? 0
        grandparent = caller?.grandparent ?? 0
        self.random = random
    }

    /// Reads a name; nil for any other.
    init?(_ name: String) {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == "export", Self.isHex(parts[1], 16), Self.isHex(parts[4], 32),
            let parent = Int32(parts[2]), let grandparent = Int32(parts[3]), parent >= 0, grandparent >= 0
        else { return nil }
        (place, self.parent, self.grandparent, random) = (parts[1], parent, grandparent, parts[4])
        guard text == name else { return nil }
    }

    var text: String { "export-\(place)-\(parent)-\(grandparent)-\(random)" }

    static func mark(of place: String) -> String { String(SHA256Digest(hashing: Array(place.utf8)).hex.prefix(16)) }

    /// Whether a file of this name is one of these, or one that was never finished.
    static func isOurs(_ name: String) -> Bool {
        HandoverName(name) != nil || isUnfinished(name)
    }

    /// Whether a file of this name is one that was never finished.
    static func isUnfinished(_ name: String) -> Bool {
        guard name.hasPrefix(".outlast-"), name.hasSuffix(".tmp") else { return false }
        return isHex(String(name.dropFirst(9).dropLast(4)), 32)
    }

    private static func isHex(_ text: String, _ count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}
