// Texts in one. The standard library's `joined` is generic at run time: its first call in a process looks through all
// conformances of the program, which takes as long as reading a small file. On the warm path these are used instead.

extension [String] {
    /// The texts in order, with a separator between each two.
    public func text(joinedBy separator: String) -> String {
        var text = ""
        for index in indices {
            if index > 0 { text += separator }
            text += self[index]
        }
        return text
    }
}

extension [Substring] {
    /// The texts in order, with a separator between each two.
    public func text(joinedBy separator: String) -> String {
        var text = ""
        for index in indices {
            if index > 0 { text += separator }
            text += String(self[index])
        }
        return text
    }
}
