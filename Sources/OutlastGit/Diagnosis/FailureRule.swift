// A rule of diagnosis: what a line says and where it stands, and what follows from it. The rules themselves are tables.

import OutlastModel

/// One row of the tables.
struct FailureRule: Sendable {
    /// What the program that wrote the line put before it; a line in another place is no more than a hint.
    enum Place: Sendable {
        /// git's own last words (`fatal: `), or those of a translated git, or curl's.
        case fatal
        /// git's complaints (`error: `).
        case error
        /// What the server said (`remote: `, and `ERROR: ` over SSH).
        case server
        /// A ref that was not taken (` ! [rejected] …`).
        case ref
        /// ssh and git-lfs, which put nothing before their lines: the first part begins the line.
        case start
        /// ssh's answer from a server (`user@host: Permission denied …`): the first part stands after a name of a host.
        case host
    }

    /// How far a line may be overruled by others of the same command.
    enum Weight: Sendable {
        /// Says all there is to say.
        case whole
        /// An HTTP status; the server's own words before it may say more.
        case status
        /// A part of a story: the first rule of the table that fits a line of it decides.
        case part
    }

    let place: Place
    /// Parts of the line, in this order; compared without regard to the case of ASCII letters.
    let parts: [[UInt8]]
    let `class`: FailureClass
    let confidence: Confidence
    let weight: Weight
    /// What to do, where the class's own advice is too general.
    let advice: String?

    init(
        _ place: Place, _ parts: String..., is class: FailureClass, _ confidence: Confidence = .high,
        _ weight: Weight = .part, advice: String? = nil
    ) { self.init(place, parts: parts, is: `class`, confidence, weight, advice: advice) }

    init(
        _ place: Place, parts: [String], is class: FailureClass, _ confidence: Confidence, _ weight: Weight,
        advice: String? = nil
    ) {
        self.place = place
        self.parts = parts.map { $0.utf8.map(ByteSearch.folded) }
        self.class = `class`
        self.confidence = confidence
        self.weight = weight
        self.advice = advice
    }

    /// How a line fits: in its place, elsewhere, or not at all.
    enum Fit { case inPlace, elsewhere }

    func fit(_ line: StderrLine) -> Fit? {
        switch place {
        case .fatal, .error, .server, .ref:
            guard line.isMarked, ByteSearch.contains(line.folded, parts, from: 0) != nil else { return nil }
            if line.mark == place { return .inPlace }
            // An `error:` may be a `fatal:` in another version; a server's words may stand behind `fatal: remote error: `.
            if place == .error, line.mark == .fatal { return .inPlace }
            if place == .server, line.mark == .fatal, line.isRemoteError { return .inPlace }
            return line.hiddenMark == place ? .elsewhere : nil
        case .start:
            guard let first = parts.first, let at = ByteSearch.find(first, in: line.folded, from: 0),
                ByteSearch.contains(line.folded, Array(parts.dropFirst()), from: at + first.count) != nil
            else { return nil }
            return at == 0 ? .inPlace : ByteSearch.isSpace(line.folded[at - 1]) ? .elsewhere : nil
        case .host:
            guard let first = parts.first, let at = ByteSearch.contains(line.folded, parts, from: 0) else { return nil }
            let before = line.folded[..<at]
            guard at > 2, before.hasSuffix(": "), !before.contains(where: { $0 == 0x2F }) else { return .elsewhere }
            return before.dropLast(2).contains(where: ByteSearch.isSpace) || first.isEmpty ? .elsewhere : .inPlace
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
