// The state store and the key of what is sealed in it. Both are only read.

import OutlastModel

struct StateChecks: Sendable {
    private let world: World
    private let request: DoctorRequest

    init(_ world: World, _ request: DoctorRequest) {
        self.world = world
        self.request = request
    }

    func run() -> (store: (any HistoryStore)?, checks: [HealthCheck]) {
        switch world.openStore(.readOnly) {
        case .failure(let failure) where failure.isAbsence:
            return (
                nil,
                [
                    HealthCheck(
                        "state", .warn, failure.message,
                        remedy:
                            "the first `outlast record start` makes it; on a volume that jobs share, name it by OUTLAST_STATE"
                    )
                ]
            )
        case .failure(let failure): return (nil, [HealthCheck("state", failure)])
        case .success(let store):
            var checks = [health(of: store)]
            for warning in store.warnings {
                checks.append(
                    HealthCheck(
                        "state", .warn, warning,
                        remedy:
                            "name a store on a volume of the runner by OUTLAST_STATE; `--exclusive` where the CI runs one such job at a time"
                    ))
            }
            return (store, checks)
        }
    }

    private func health(of store: any HistoryStore) -> HealthCheck {
        do throws(Failure) {
            let faults = try store.faults()
            guard let first = faults.first else { return HealthCheck("state", .pass, "whole, and open to nobody else") }
            return HealthCheck(
                "state", .fail, "damaged: \(first)\(faults.count > 1 ? ", and \(faults.count - 1) more" : "")",
                remedy:
                    "move it away and let a new one be made; `outlast history merge` takes what can be read of the old one"
            )
        } catch { return HealthCheck("state", error) }
    }
}

struct KeyChecks: Sendable {
    private let world: World
    private let request: DoctorRequest
    private let store: (any HistoryStore)?

    init(_ world: World, _ request: DoctorRequest, store: (any HistoryStore)?) {
        self.world = world
        self.request = request
        self.store = store
    }

    func run() async -> [HealthCheck] {
        let wants = request.patients.filter { $0.renewal != nil }.map(\.credential.name)
        do throws(Failure) {
            guard let key = try await OperatorKey.read(.current, in: world) else { return [missing(wants)] }
            guard store != nil else {
                return [HealthCheck("key", .pass, "a \(key.form.rawValue) is set; nothing is sealed yet")]
            }
            let outcome = try await KeyCheckFlow(world).run()
            let what = outcome.isSealed ? "opens what is sealed in the state" : "is set; nothing is sealed yet"
            return [HealthCheck("key", .pass, "the \(key.form.rawValue) \(what)")]
        } catch { return [HealthCheck("key", error, remedy: "`outlast key check` says more")] }
    }

    private func missing(_ wants: [String]) -> HealthCheck {
        guard !wants.isEmpty else { return HealthCheck("key", .pass, "none is set, and nothing here needs one") }
        return HealthCheck(
            "key", .fail, "none is set, so \(wants.text(joinedBy: ", ")) cannot be renewed here",
            remedy:
                "make one by `outlast key generate` and give it to the jobs as the protected, masked variable OUTLAST_KEY"
        )
    }
}
