// The environment variables that a configuration names as the place of a secret.

extension Configuration {
    /// The names of all variables that hold a secret by what this says.
    public var secretVariables: Set<String> {
        var names: Set<String> = []
        for credential in credentials {
            let sources = [credential.token, credential.ssh?.key].compactMap { $0 }
            for case .env(let name) in sources { names.insert(name) }
            names.formUnion(credential.renew?.settings.secretVariables ?? [])
            for target in credential.publish { names.formUnion(target.settings.secretVariables) }
        }
        return names
    }

    /// The names of the credentials that others name in `with`: they serve those.
    public var serving: Set<String> {
        var names: Set<String> = []
        for credential in credentials {
            let blocks = [credential.renew?.settings].compactMap { $0 } + credential.publish.map(\.settings)
            for name in blocks.compactMap({ $0.text("with") }) where name != credential.name { names.insert(name) }
        }
        return names
    }
}

extension Settings {
    /// The names of all variables that hold a secret by what these say.
    var secretVariables: Set<String> {
        var names: Set<String> = []
        for value in values.values {
            switch value {
            case .secret(.env(let name)): names.insert(name)
            case .map(let entries):
                for case .secret(.env(let name)) in entries.map(\.value) { names.insert(name) }
            default: break
            }
        }
        return names
    }
}
