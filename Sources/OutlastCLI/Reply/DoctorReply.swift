// How `doctor` answers: one line for each check, with its remedy below it.

import OutlastModel

enum DoctorReply {
    static func report(_ checks: [HealthCheck]) -> Report {
        let failed = checks.filter { $0.status == .fail }
        let failure = Failure(
            .unexpected,
            "\(failed.count) check\(failed.count == 1 ? "" : "s") failed: \(failed.map(\.name).joined(separator: ", "))",
            hint: failed.first?.remedy)
        return Report(
            code: failed.isEmpty ? .done : .unexpected,
            json: {
                [.init("checks", .array(checks.map(json)))] + (failed.isEmpty ? [] : [.init("error", failure.json)])
            },
            text: { style in checks.map { text($0, style) }.joined() + summary(checks, style) })
    }

    private static func json(_ check: HealthCheck) -> JSONValue {
        .object([
            .init("name", .string(check.name)), .init("status", .string(check.status.rawValue)),
            .init("detail", .string(check.detail)), .init("remedy", check.remedy.map { .string($0) } ?? .null),
        ])
    }

    private static func text(_ check: HealthCheck, _ style: TextStyle) -> String {
        let mark =
            switch check.status {
            case .pass: style.tone("pass", .good)
            case .warn: style.tone("warn", .doubtful)
            case .fail: style.tone("FAIL", .bad)
            }
        let remedy = check.remedy.map { check.status == .pass ? "" : "      do: \($0)\n" } ?? ""
        return "\(mark)  \(check.name): \(check.detail)\n\(remedy)"
    }

    private static func summary(_ checks: [HealthCheck], _ style: TextStyle) -> String {
        let counts = HealthCheck.Status.allCases.map { status in (status, checks.count { $0.status == status }) }
        let words = counts.filter { $0.1 > 0 }.map { status, count in
            switch status {
            case .pass: "\(count) passed"
            case .warn: "\(count) to look at"
            case .fail: "\(count) failed"
            }
        }
        return words.joined(separator: ", ") + "\n"
    }
}
