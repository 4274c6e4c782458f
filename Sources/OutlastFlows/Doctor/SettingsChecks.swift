// What the environment and the configuration say.

import OutlastModel

struct SettingsChecks: Sendable {
    private let world: World
    private let request: DoctorRequest

    init(_ world: World, _ request: DoctorRequest) {
        self.world = world
        self.request = request
    }

    func run() -> [HealthCheck] { [mode, job] + configuration + authorities }

    private var mode: HealthCheck {
        if request.mode == "warn" {
            HealthCheck(
                "mode", .warn, "OUTLAST_MODE=warn: nothing is renewed and every command ends with 0",
                remedy: "unset it, or set it to enforce")
        } else {
            HealthCheck("mode", .pass, "enforce")
        }
    }

    private var job: HealthCheck {
        guard let pipeline = world.pipeline, let job = world.job else {
            return HealthCheck("ci", .pass, "not in a CI job, so no history is kept unless a job is named")
        }
        guard let identity = job.identity else {
            return HealthCheck(
                "ci", .warn, "\(pipeline.id), but its variables do not tell which job this is",
                remedy: "name it by --project, --job and --run in `outlast record start`")
        }
        return HealthCheck("ci", .pass, "\(pipeline.id), job \(identity.job) of \(identity.project)")
    }

    private var configuration: [HealthCheck] {
        let found: Configuration
        switch request.configuration {
        case .failure(let failure): return [HealthCheck("configuration", failure)]
        case .success(let configuration): found = configuration
        }
        guard let path = found.path else {
            return [
                HealthCheck(
                    "configuration", .pass, "there is none: flags and the CI's own variables are used")
            ]
        }
        let names = found.credentials.map(\.name).text(joinedBy: ", ")
        let what = names.isEmpty ? "no credentials" : "credentials \(names)"
        if request.isConfigurationInWorkspace, !found.isFound, world.job?.isUntrustedChange ?? false {
            return [
                HealthCheck(
                    "configuration", .warn,
                    "\(path) lies in the working tree of a change from outside, which may have written it",
                    remedy:
                        "keep it outside: in a protected variable of type File, or in a file on the runner")
            ]
        }
        let trust = found.isFound ? "; it was found in the working tree, so it may not renew or publish" : ""
        return [HealthCheck("configuration", .pass, "\(path): \(what)\(trust)")]
    }

    /// Files of authorities that are named and cannot be read make every request fail, with words about certificates.
    private var authorities: [HealthCheck] {
        var checks: [HealthCheck] = []
        for name in ["SSL_CERT_FILE", "CI_SERVER_TLS_CA_FILE"] {
            guard let path = world.variables[name] else { continue }
            do throws(Failure) {
                let text = try world.files.read(path, limit: 1 << 23)
                let marks = "-----BEGIN".utf8
                let isPEM = text.count >= marks.count && text.indices.contains { text[$0...].starts(with: marks) }
                checks.append(
                    isPEM
                        ? HealthCheck("authorities", .pass, "\(name) names \(path)")
                        : HealthCheck(
                            "authorities", .fail, "\(name) names \(path), which holds no certificate",
                            remedy: "name a PEM file"))
            } catch {
                checks.append(
                    HealthCheck(
                        "authorities", .fail, "\(name) names \(path): \(error.message)",
                        remedy: "name a PEM file that this user may read, or unset it"))
            }
        }
        return checks
    }
}
