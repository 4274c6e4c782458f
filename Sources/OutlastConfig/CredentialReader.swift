// One entry of `credentials`.
import OutlastModel

/// Reads credentials, and remembers which others they name.
struct CredentialReader {
    let renewals: [SettingsSchema]
    let targets: [SettingsSchema]
    let forges: [String]
    let trust: Trust
    let path: String
    let settings: SettingsReader
    /// Every `with` of the file, for checking when all names are known.
    private(set) var references: [CredentialReference] = []

    init(
        renewals: [SettingsSchema], targets: [SettingsSchema], forges: [String], trust: Trust, path: String,
        allowInsecureHTTP: Bool
    ) {
        self.renewals = renewals
        self.targets = targets
        self.forges = forges
        self.trust = trust
        self.path = path
        settings = SettingsReader(allowInsecureHTTP: allowInsecureHTTP)
    }

    private static let keys = [
        "forge", "api_url", "token", "expires_at", "hosts", "username", "min_remaining", "renew", "publish", "ssh",
    ]

    /// Reads one entry.
    mutating func read(_ name: String, _ place: Place) -> CredentialConfiguration {
        var credential = CredentialConfiguration(name: name)
        guard let fields = place.fields(Self.keys) else { return credential }
        credential.forge = fields["forge"]?.choice(forges)
        credential.apiURL = fields["api_url"].flatMap(apiURL)
        credential.token = fields["token"].flatMap(token)
        credential.tokenPlace = fields["token"].map { "\(SafeText.line(path, limit: 200)):\($0.line)" }
        credential.expiresAt = fields["expires_at"]?.instant()
        credential.username = fields["username"]?.read(
            "a user name", hint: "one word without a colon, such as oauth2", Self.userName)
        credential.minRemaining = fields["min_remaining"]?.duration()
        credential.hosts = permitted(fields["hosts"]).flatMap(hosts) ?? []
        credential.renew = permitted(fields["renew"]).flatMap { renew($0, of: name) }
        // Each run would find too little left and rotate again, which ends the token of every job that runs. A date takes
        // up to a day of the lifetime away.
        if let least = credential.minRemaining, let renew = credential.renew, let life = life(renew),
            least > life - .seconds(86_400)
        {
            fields["min_remaining"]?.refuse(
                "is not shorter by a day than `renew.lifetime`, \(life.readable): every run would renew it",
                hint: "the lifetime less the time between two runs that renew is the most")
        }
        credential.publish = permitted(fields["publish"]).flatMap { publish($0, of: name) } ?? []
        credential.ssh = permitted(fields["ssh"]).flatMap(SSHReader.read)
        return credential
    }

    /// The life that is asked for, where the method asks for any.
    private func life(_ renew: RenewConfiguration) -> Duration? {
        let field = renewals.first { $0.name == renew.method }?.fields.first { $0.name == "lifetime" }
        return field.flatMap { renew.settings.duration($0.name) ?? $0.standard }
    }

    private func permitted(_ place: Place?) -> Place? {
        place.flatMap { trust.allows($0) ? $0 : nil }
    }

    private func apiURL(_ place: Place) -> ServerURL? {
        guard let url = place.url(allowInsecureHTTP: settings.allowInsecureHTTP, takesQuery: false),
            trust.allows(api: url, at: place)
        else { return nil }
        return url
    }

    private func token(_ place: Place) -> SecretSource? {
        guard trust.isFound, case .map(let entries, _) = place.value,
            let other = entries.first(where: { $0.key == "file" || $0.key == "command" })
        else { return place.secretSource(takesCommand: true) }
        let inner = Place(
            name: "\(place.name).\(other.key)", line: other.line, value: other.value, findings: place.findings)
        _ = trust.allows(inner)
        return nil
    }

    private func hosts(_ place: Place) -> [HostPattern]? {
        let hint = "write host, host:port or host/path, without https:// and wildcards"
        return place.items("host[:port][/path]")?.compactMap { item in
            item.read("host[:port][/path]", hint: hint) { HostPattern(text: $0) }
        }
    }

    private static func userName(_ text: String) -> String? {
        text.unicodeScalars.allSatisfy { $0.value > 32 && $0 != ":" && !SafeText.isUnsafe($0) } ? text : nil
    }
}

extension CredentialReader {
    private mutating func renew(_ place: Place, of credential: String) -> RenewConfiguration? {
        guard let entries = place.entries() else { return nil }
        guard let methodPlace = entries.first(where: { $0.key == "method" })?.place else {
            place.refuse("needs the key `method`", hint: "one of " + methods.joined(separator: ", "))
            return nil
        }
        guard let method = methodPlace.choice(methods) else { return nil }
        let schema = renewals.first { $0.name == method } ?? SettingsSchema(name: method, fields: [])
        guard let fields = place.fields(["method", "by"] + schema.fields.map(\.name)) else { return nil }
        let actors = RenewConfiguration.Actor.allCases.map(\.rawValue)
        let actor = fields["by"]?.choice(actors).flatMap(RenewConfiguration.Actor.init(rawValue:))
        return RenewConfiguration(
            method: method, by: actor ?? .jobs,
            settings: settings.settings(of: fields, by: schema, for: credential, references: &references))
    }

    private var methods: [String] { renewals.map(\.name) + ["none"] }

    private mutating func publish(_ place: Place, of credential: String) -> [PublishConfiguration]? {
        guard let items = place.items("targets") else { return nil }
        var targets: [PublishConfiguration] = []
        for item in items {
            if let target = target(item, of: credential) { targets.append(target) }
        }
        return targets
    }

    private mutating func target(_ item: Place, of credential: String) -> PublishConfiguration? {
        guard let entries = item.entries("`- TARGET: {…}`") else { return nil }
        let known = targets.map(\.name)
        guard entries.count == 1, let (name, place) = entries.first else {
            item.refuse("must name one target, not \(entries.count)", hint: "begin each target with its own `- `")
            return nil
        }
        guard let schema = targets.first(where: { $0.name == name }) else {
            item.refuse(
                "names no publish target: \(PastedToken.shown(name))", hint: Spelling.hint(for: name, in: known))
            return nil
        }
        guard let fields = place.fields(schema.fields.map(\.name)) else { return nil }
        return PublishConfiguration(
            target: name, settings: settings.settings(of: fields, by: schema, for: credential, references: &references))
    }
}
