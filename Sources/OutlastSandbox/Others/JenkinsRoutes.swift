// Jenkins' credentials by REST: XML in, secrets redacted on the way out, a crumb for those who sign in by password.

extension World {
    static let jenkinsRoutes: [Route] = [
        .get("jenkins/crumbIssuer/api/json", "jenkins.crumb") { try $0.jenkinsCrumb($1) },
        .get("jenkins/*", "jenkins.read") { try $0.jenkinsRead($1) },
        Route("POST", "jenkins/*", "jenkins.write") { try $0.jenkinsWrite($1) },
        Route("DELETE", "jenkins/*", "jenkins.delete") { try $0.jenkinsDelete($1) },
    ]

    private static let crumb = "9f7a1c1e0f6f4d1f8f6e2f0a6b1f2c3d"

    /// Where a path points: a folder's store, a domain in it, and what follows.
    private struct JenkinsPlace {
        var shelf: String
        var rest: [String]

        /// `[job/<folder>/]…credentials/store/<system|folder>/domain/<name>/<rest>`.
        init?(_ path: String) {
            let segments = path.split(separator: "/").map(String.init)
            guard let start = segments.firstIndex(of: "credentials"), segments.count > start + 4,
                segments[start + 1] == "store", segments[start + 3] == "domain"
            else { return nil }
            let folder = segments[..<start].filter { $0 != "job" }.joined(separator: "/")
            guard (segments[start + 2] == "system") == folder.isEmpty else { return nil }
            shelf = "\(folder)|\(segments[start + 4])"
            rest = Array(segments[(start + 5)...])
        }

        /// The credential that `credential/<id>/config.xml` (or `credentials/<id>/…`) means.
        var credential: String? {
            guard rest.count == 3, rest[0] == "credential" || rest[0] == "credentials", rest[2] == "config.xml" else {
                return nil
            }
            return "\(shelf)|\(rest[1])"
        }
    }

    /// Signed in by API token: no crumb asked. By password: a crumb with every write.
    private func jenkinsUser(_ call: Call, writing: Bool) throws {
        guard let basic = call.basic, let user = others.jenkinsUsers[basic.user] else {
            throw Refusal("jenkins.unauthorized")
        }
        if basic.password != user.apiToken {
            guard let password = user.password, password == basic.password else {
                throw Refusal("jenkins.unauthorized")
            }
            if writing, call.header("Jenkins-Crumb") != Self.crumb { throw Refusal("jenkins.noCrumb") }
        }
        if writing, !user.mayWrite { throw Refusal("jenkins.forbidden", ["user": .string(basic.user)]) }
    }

    private func jenkinsCrumb(_ call: Call) throws -> Answer {
        try jenkinsUser(call, writing: false)
        return .fact("jenkins.crumb", ["crumb": .string(Self.crumb)])
    }

    private func jenkinsPlace(_ call: Call) throws -> JenkinsPlace {
        guard let place = JenkinsPlace(call.capture("*")) else { throw Refusal("jenkins.notFound") }
        return place
    }

    private func jenkinsRead(_ call: Call) throws -> Answer {
        try jenkinsUser(call, writing: false)
        let place = try jenkinsPlace(call)
        if place.rest == ["api", "json"] {
            let ids = others.jenkinsCredentials.keys.filter { $0.hasPrefix(place.shelf + "|") }.sorted()
            let listed = ids.map { JSON.object([.init("id", .string(String($0.dropFirst(place.shelf.count + 1))))]) }
            return .fact("jenkins.list", ["credentials": .array(listed)])
        }
        guard let key = place.credential, let xml = others.jenkinsCredentials[key] else {
            throw Refusal("jenkins.notFound")
        }
        return .fact("jenkins.config", ["xml": .string(redacted(xml))])
    }

    private mutating func jenkinsWrite(_ call: Call) throws -> Answer {
        try jenkinsUser(call, writing: true)
        let place = try jenkinsPlace(call)
        let xml = String(decoding: call.body, as: UTF8.self)
        guard call.header("Content-Type")?.contains("xml") == true, xml.hasPrefix("<") else {
            throw Refusal("jenkins.badXML")
        }
        if place.rest == ["createCredentials"] {
            guard let id = element("id", of: xml), !id.isEmpty else { throw Refusal("jenkins.badXML") }
            let key = "\(place.shelf)|\(id)"
            guard others.jenkinsCredentials[key] == nil else { throw Refusal("jenkins.conflict") }
            others.jenkinsCredentials[key] = xml
            return .fact("jenkins.done")
        }
        guard let key = place.credential, others.jenkinsCredentials[key] != nil else {
            throw Refusal("jenkins.notFound")
        }
        others.jenkinsCredentials[key] = xml
        return .fact("jenkins.done")
    }

    private mutating func jenkinsDelete(_ call: Call) throws -> Answer {
        try jenkinsUser(call, writing: true)
        guard let key = try jenkinsPlace(call).credential, others.jenkinsCredentials.removeValue(forKey: key) != nil
        else {
            throw Refusal("jenkins.notFound")
        }
        return .fact("jenkins.done")
    }

    private func redacted(_ xml: String) -> String {
        var output = xml
        for name in ["secret", "password", "privateKey", "passphrase"] {
            guard let open = output.firstRange(of: "<\(name)>"), let close = output.firstRange(of: "</\(name)>"),
                open.upperBound <= close.lowerBound
            else { continue }
            output.replaceSubrange(open.upperBound..<close.lowerBound, with: "<secret-redacted/>")
        }
        return output
    }
}

/// The text of the first element of this name, entities resolved.
func element(_ name: String, of xml: String) -> String? {
    guard let open = xml.firstRange(of: "<\(name)>"), let close = xml[open.upperBound...].firstRange(of: "</\(name)>")
    else { return nil }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
    return entities.reduce(String(xml[open.upperBound..<close.lowerBound])) { text, entity in
        text.replacing(entity.0, with: entity.1)
    }
}
