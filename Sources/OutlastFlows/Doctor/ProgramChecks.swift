// The programs that we work beside: git with its settings, and ssh.

import OutlastModel

struct ProgramChecks: Sendable {
    private let world: World
    private let request: DoctorRequest
    private let git: any GitInterface

    init(_ world: World, _ request: DoctorRequest, git: any GitInterface) {
        self.world = world
        self.request = request
        self.git = git
    }

    func run() async -> [HealthCheck] { await gitChecks() + [await ssh()].compactMap { $0 } }

    private func gitChecks() async -> [HealthCheck] {
        let answer: ProcessAnswer
        do throws(Failure) { answer = try await ask(["git", "--version"]) } catch {
            return [
                HealthCheck(
                    "git", .warn, "there is no git to run: \(error.message)",
                    remedy: "install git where jobs clone or push; tokens for APIs need none")
            ]
        }
        let version = GitHealth.version(answer.output.reveal())
        let servers = await servers()
        do throws(Failure) {
            let listed = try await ask(git.healthQuestion)
            // 1 says that there is no such setting.
            guard listed.code <= 1 else {
                return [
                    version,
                    HealthCheck(
                        "git-helpers", .warn, "git's settings cannot be read: \(listed.errors)",
                        remedy: "see what `git config --list` says"),
                ]
            }
            return [version]
                + GitHealth.settings(git.settings(listed.output), servers: servers, ours: "outlast")
        } catch { return [version, HealthCheck("git-helpers", error, .warn)] }
    }

    private func servers() async -> [String] {
        var hosts: [String] = []
        for patient in request.patients {
            hosts += await GitClaims(world).hosts(of: patient.credential).map(\.host)
        }
        return Array(Set(hosts)).sorted()
    }

    private func ssh() async -> HealthCheck? {
        let names = request.patients.filter { $0.credential.ssh != nil }.map(\.credential.name)
        guard !names.isEmpty else { return nil }
        do throws(Failure) {
            // It tells its version on stderr.
            let answer = try await ask(["ssh", "-V"])
            return HealthCheck("ssh", .pass, answer.errors.split(separator: "\n").first.map { String($0) } ?? "ssh")
        } catch {
            return HealthCheck(
                "ssh", .fail,
                "\(names.text(joinedBy: ", ")) may fall back to SSH, and there is no ssh: \(error.message)",
                remedy: "install OpenSSH's client (openssh-client) in the job's image")
        }
    }

    private func ask(_ command: [String]) async throws(Failure) -> ProcessAnswer {
        try await world.processes.ask(
            ProcessQuestion(
                command, environment: world.variables.all, timeout: .seconds(20), largestOutput: 1 << 22))
    }
}
