// What a command hands over to be shown.

import OutlastModel

/// What a command has to show; each form is made only when it is wanted.
struct Report: Sendable {
    /// The JSON object's members after `schema`.
    let json: @Sendable () -> [JSONValue.Member]
    /// The text for people, ending with a newline unless empty.
    let text: @Sendable (TextStyle) -> String
    /// What stdout gets after the text, for a reader that asked for a secret.
    let secret: Secret?
    /// Lines for stderr, without the prefix.
    let notes: [String]
    /// Lines that a CI's runner reads from the log.
    let runnerLines: [String]
    /// Lines that tell the CI's runner what to hide in the log; they come before all else.
    let masks: [Secret]
    /// Lines for a shell to evaluate, where they were asked for: then they alone stand on stdout.
    let shellText: String?
    /// What the program ends with.
    let code: ExitCode
    /// What a command that was run for the caller ended with: the program ends with that.
    var childCode: Int32?

    /// There is nothing to show: a command had the streams.
    init(childCode: Int32) {
        self.init(json: { [] }, text: { _ in "" })
        self.childCode = childCode
    }

    init(
        code: ExitCode = .done, secret: Secret? = nil, notes: [String] = [], runnerLines: [String] = [],
        masks: [Secret] = [], shellText: String? = nil, json: @escaping @Sendable () -> [JSONValue.Member],
        text: @escaping @Sendable (TextStyle) -> String
    ) {
        self.code = code
        self.secret = secret
        self.notes = notes
        self.runnerLines = runnerLines
        self.masks = masks
        self.shellText = shellText
        self.json = json
        self.text = text
    }
}
