// `outlast version`.

import ArgumentParser
import OutlastModel

struct VersionCommand: WorkingCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "The program's version.")

    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = [.init("version", nil)]

    func work(in session: Session) async throws(Failure) -> Report {
        let version = session.wiring.version
        return Report(json: { [.init("version", .string(version))] }, text: { _ in "outlast \(version)\n" })
    }
}
