// Which forge's door a git request comes to, and the one answer both give when there is nothing behind it.

extension World {
    /// The refusal for a git request, `nil` when it may pass.
    mutating func admit(_ target: GitTarget, _ call: Call, has: (String) -> Bool) -> Answer? {
        do {
            switch target.style {
            case .gitlab: try admitToGitLab(target, call)
            case .github: try admitToGitHub(target, call)
            }
            guard has(target.folder) else {
                throw Refusal(target.style == .gitlab ? "gitlab.git.notFound" : "github.git.notFound")
            }
            return nil
        } catch let refusal as Refusal {
            return refusal.answer
        } catch {
            return Answer(status: 500, body: Array("sandbox: \(error)".utf8))
        }
    }
}
