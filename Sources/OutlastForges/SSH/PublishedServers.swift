// The published host keys in the form that a fallback pins them, and how CIs find what a job has left running.

public import OutlastModel

/// Servers whose keys are known without asking.
public enum PublishedServers {
    /// The servers of every table, under the names of their port 22 and their port 443.
    public static let all = ForgeHostKeys.published.tables.map { table in
        let places = [table.place] + (table.throughHTTPSPort.map { [$0] } ?? [])
        return PublishedHostKeys(
            hosts: places.map { $0.port == 22 ? $0.host : "\($0.host):\($0.port)" },
            keys: table.keys.compactMap(\.key?.text),
            fingerprints: table.keys.filter { $0.key == nil }.map(\.fingerprint))
    }

    /// Keys that a server has given up.
    public static let retired = ForgeHostKeys.published.tables.flatMap(\.retired).map { key in
        RetiredHostKey(name: key.reason, key: key.key.text)
    }

    /// Variables by which GitHub's runner, Jenkins and GitLab's runner find what a job has left running.
    public static let processMarks = [
        "RUNNER_TRACKING_ID", "BUILD_ID", "JENKINS_NODE_COOKIE", "JENKINS_SERVER_COOKIE", "HUDSON_SERVER_COOKIE",
    ]
}
