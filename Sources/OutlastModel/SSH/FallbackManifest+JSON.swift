// The manifest as a file. It lies in a folder of ours alone, and is read as if it did not.

extension FallbackManifest {
    /// The file's text.
    public var text: String {
        let file: JSONValue = [
            "version": 1, "stage": .string(stage.rawValue), "slot": .string(place.slot), "job": .string(place.job),
            "of_process": .bool(isOfProcess), "maker": maker.map(Self.object) ?? .null,
            "made_at": .integer(madeAt.milliseconds), "ends_at": .integer(endsAt.milliseconds),
            "has_agent": .bool(hasAgent),
            "files": .array(
                files.map { ["path": .string($0.path), "lines": .array($0.lines.map(JSONValue.string))] }),
            "deploy_keys": .array(deployKeys.map(Self.object)), "ways": .array(ways.map(Self.object)),
            "previous": .object(previous.keys.sorted().map { .init($0, JSONValue(previous[$0])) }),
            "environment": .array(environment.map(JSONValue.string)),
        ]
        return file.encoded + "\n"
    }

    /// Reads a file; nil for anything that `text` does not write.
    public init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), value["version"]?.wholeNumber == 1,
            let stage = value["stage"]?.text.flatMap(Stage.init), let slot = value["slot"]?.text,
            let job = value["job"]?.text, let made = value["made_at"]?.wholeNumber,
            let ends = value["ends_at"]?.wholeNumber
        else { return nil }
        self.init(
            stage: stage, place: FallbackPlace(slot: slot, job: job),
            isOfProcess: value["of_process"]?.truth ?? false, maker: value["maker"].flatMap(Self.process),
            madeAt: Instant(milliseconds: made), endsAt: Instant(milliseconds: ends),
            hasAgent: value["has_agent"]?.truth ?? true,
            files: (value["files"]?.elements ?? []).compactMap(Self.file),
            deployKeys: (value["deploy_keys"]?.elements ?? []).compactMap(Self.key),
            ways: (value["ways"]?.elements ?? []).compactMap(Self.way), previous: Self.texts(value["previous"]),
            environment: (value["environment"]?.elements ?? []).compactMap(\.text))
    }

    private static func object(_ process: KeptProcess) -> JSONValue {
        [
            "place": .string(process.place), "number": .integer(Int64(process.number)),
            "started": .string(String(process.started)),
        ]
    }

    private static func process(_ value: JSONValue) -> KeptProcess? {
        guard let place = value["place"]?.text, let number = value["number"]?.wholeNumber.flatMap(Int32.init(exactly:)),
            let started = value["started"]?.text.flatMap(UInt64.init)
        else { return nil }
        return KeptProcess(place: place, number: number, started: started)
    }

    private static func object(_ key: RegisteredKey) -> JSONValue {
        [
            "id": JSONValue(key.id), "credential": .string(key.credential), "repository": .string(key.repository),
            "title": .string(key.title), "expires_at": JSONValue(key.expiresAt?.milliseconds),
        ]
    }

    private static func key(_ value: JSONValue) -> RegisteredKey? {
        guard let credential = value["credential"]?.text, let repository = value["repository"]?.text,
            let title = value["title"]?.text
        else { return nil }
        return RegisteredKey(
            id: value["id"]?.text, credential: credential, repository: repository, title: title,
            expiresAt: value["expires_at"]?.wholeNumber.map { Instant(milliseconds: $0) })
    }

    private static func file(_ value: JSONValue) -> ChangedFile? {
        guard let path = value["path"]?.text else { return nil }
        return ChangedFile(path: path, lines: (value["lines"]?.elements ?? []).compactMap(\.text))
    }

    private static func object(_ way: Way) -> JSONValue {
        [
            "name": .string(way.name), "host": .string(way.server.host), "port": .integer(Int64(way.server.port)),
            "user": .string(way.user), "patterns": .array(way.patterns.map(JSONValue.string)),
            "proved": .array(way.proved.map(JSONValue.string)), "key_fingerprint": JSONValue(way.keyFingerprint),
            "host_key_fingerprint": JSONValue(way.hostKeyFingerprint),
        ]
    }

    private static func way(_ value: JSONValue) -> Way? {
        guard let name = value["name"]?.text, let host = value["host"]?.text,
            let port = value["port"]?.wholeNumber.flatMap(Int.init(exactly:)), let user = value["user"]?.text
        else { return nil }
        return Way(
            name: name, server: SSHServer(host: host, port: port), user: user,
            patterns: (value["patterns"]?.elements ?? []).compactMap(\.text),
            proved: (value["proved"]?.elements ?? []).compactMap(\.text),
            keyFingerprint: value["key_fingerprint"]?.text, hostKeyFingerprint: value["host_key_fingerprint"]?.text)
    }

    private static func texts(_ value: JSONValue?) -> [String: String] {
        var texts: [String: String] = [:]
        for member in value?.members ?? [] { texts[member.key] = member.value.text }
        return texts
    }
}
