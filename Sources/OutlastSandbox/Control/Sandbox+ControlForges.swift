// Which double a control path belongs to.

extension Sandbox {
    func writeForge(_ path: String, _ body: JSON) throws -> JSON {
        if let made = try writeGitLab(path, body) { return made }
        throw SandboxFailure.invalid("nothing to write at /_sandbox/\(path)")
    }

    func inspectForge(_ path: String, _ call: Call) throws -> JSON? {
        nil
    }
}
