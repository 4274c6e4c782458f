// What every target asks of its context.
import OutlastModel

extension PublishContext {
    /// A text setting that this target cannot do without.
    ///
    /// - Throws: `configuration` (78) when it is missing.
    func needed(_ name: String, _ target: String) throws(Failure) -> String {
        if let text = settings.text(name), !text.isEmpty { return text }
        throw .configuration(
            "the publish target \(target) of credential \(credential) has no `\(name)`", hint: "add `\(name): …`")
    }

    /// The credential that may write.
    ///
    /// - Throws: `configuration` (78) when there is none.
    func neededWriter(_ label: String) throws(Failure) -> Secret {
        if let writer { return writer }
        throw .configuration(
            "nobody is named who may write \(label)", hint: "name a credential: `with: NAME`")
    }

    /// A client of the writer's API.
    ///
    /// - Throws: `configuration` (78) when there is no API.
    func client(_ dialect: APIDialect, _ label: String) throws(Failure) -> APIClient {
        guard let api else {
            throw .configuration(
                "there is no API to write \(label) at", hint: "give the credential that writes it `api_url`")
        }
        return APIClient(dialect, api: api, over: transport, clock: clock, timeout: timeout)
    }

    /// A place that cannot be written, before or while it was tried.
    func refused(_ label: String, _ why: String, hint: String? = nil) -> Failure {
        Failure(.renewalFailed, "\(label) cannot be written: \(why)", hint: hint)
    }

    /// A writer that may not.
    func forbidden(_ label: String, _ why: String, hint: String) -> Failure {
        Failure(.insufficientScope, "\(label) cannot be written: \(why)", hint: hint)
    }
}
