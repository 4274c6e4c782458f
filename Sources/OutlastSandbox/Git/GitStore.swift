// Bare repositories on disk, made by hand: four files and folders are all that git asks of an empty one, and no
// process is needed.
import FoundationEssentials

/// The folder that holds the sandbox's repositories.
struct GitStore: Sendable {
    let root: String
    /// Made by us, so ours to take away.
    let isTemporary: Bool

    /// The store below `folder`, or below a new temporary folder when there is none.
    init(folder: String?) throws {
        if let folder {
            root = folder
            isTemporary = false
        } else {
            let base = FileManager.default.temporaryDirectory.path
            root = "\(base)/outlast-sandbox-\(UInt64.random(in: .min ... .max))"
            isTemporary = true
        }
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    /// Makes an empty bare repository with `main` as its branch; one that is there already stays as it is.
    func makeRepository(_ folder: String) throws {
        let path = "\(root)/\(folder)"
        let files = FileManager.default
        guard !files.fileExists(atPath: path + "/HEAD") else { return }
        for part in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "hooks", "info"] {
            try files.createDirectory(atPath: "\(path)/\(part)", withIntermediateDirectories: true)
        }
        try write("ref: refs/heads/main\n", to: path + "/HEAD")
        let config =
            "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n[http]\n\treceivepack = true\n"
        try write(config, to: path + "/config")
    }

    /// Whether the repository exists.
    func has(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(root)/\(folder)/HEAD")
    }

    /// Takes away what was made, if it was ours.
    func remove() {
        if isTemporary { try? FileManager.default.removeItem(atPath: root) }
    }

    private func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }
}
