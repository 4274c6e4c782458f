// Whether what a disturbed renewal said is true, and what the next run made of what it left.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

extension RenewalRig {
    /// The token that was published, when it lives.
    private var livingAtHome: String? { stage.scene.read(home).flatMap { isAlive($0) ? $0 : nil } }

    /// Whether what renews the first token is not used up; nil where tokens are minted.
    ///
    /// Where a grant's access token lives on, its refresh token tells.
    var isOldRenewable: Bool? {
        guard let first else { return nil }
        guard [.oauth, .blindOAuth].contains(kind), let refresh = variables["RELEASE_REFRESH"] else {
            return isAlive(first)
        }
        return stage.sandbox.oauth.isUsable(refresh)
    }

    /// A renewal that was disturbed ends with one of the contract's codes, and that is the truth.
    func checkAnswer(_ run: Run, _ outcome: inout KillOutcome) {
        if let token = stage.scene.read(home), run.everything.contains(token) {
            outcome.complaints.append("the new token was printed")
        }
        switch run.code {
        case 0: checkLiving(run, &outcome)
        case 20: requireOld("20 although the old token is dead", &outcome)
        case 21: checkDoubt(run, &outcome)
        case 40 where run.text("outcome") == "renewed", 23:
            let isPublished = run.text("published.0.status") == "ok"
            if isPublished { checkLiving(run, &outcome) }
            if !isPublished && run.code == 40 && !run.errors.contains("is sealed") {
                outcome.complaints.append("renewed, and it is nowhere: \(run.everything)")
            }
        case 40:
            requireOld("40 before the request, but the old token is dead", &outcome)
            if livingAtHome != nil { outcome.complaints.append("40 before the request, but something was published") }
        default: outcome.complaints.append("it ended with \(run.code): \(run.everything)")
        }
    }

    private func requireOld(_ complaint: String, _ outcome: inout KillOutcome) {
        guard isOldRenewable == false else { return }
        outcome.complaints.append(complaint)
    }

    private func checkDoubt(_ run: Run, _ outcome: inout KillOutcome) {
        if run.text("error.hint")?.isEmpty != false { outcome.complaints.append("21 and no advice: \(run.everything)") }
        let saysLost = ["could not be saved anywhere", "is lost"].contains { run.errors.contains($0) }
        if saysLost && kind != .gitlabReplace && isOldRenewable == true {
            outcome.complaints.append("a living token was called lost: \(run.everything)")
        }
        if saysLost && livingAtHome != nil {
            outcome.complaints.append("the token at home lives and was called lost: \(run.everything)")
        }
    }

    /// The next run, undisturbed: it never loses what the first one said was safe.
    func settle(_ first: Run, _ outcome: inout KillOutcome) async throws {
        // A published access token is no way to the refresh token that came with it: the first run has said so.
        let isHalf = first.errors.contains("the refresh token that came with it is lost")
        let published = isHalf ? nil : livingAtHome
        try await recover(&outcome)
        let wasSafe = first.code == 0 || first.code == 20 || (first.code == 40 && first.text("outcome") != "renewed")
        // The note that a request goes out may reach the file though its sync failed and nothing was sent. Where nobody can be
        // asked, the next run cannot know that, and says so.
        let isUnknowable =
            kind == .blindOAuth && first.code == 40 && outcome.state == "sent" && outcome.recovery == 21
        if isUnknowable { return }
        if outcome.recovery != 0 && (wasSafe || first.errors.contains("is sealed") || published != nil) {
            outcome.complaints.append("what was safe after \(first.code) is lost after \(outcome.recovery)")
        }
    }
}

extension Stage {
    /// Makes the store: its making has tests of its own.
    func makeStore() async throws {
        _ = try await scene.run(["record", "start", "--project", "g/p", "--job", "j", "--run", "1"], variables)
    }

    /// Does a thing for each of these, a few at a time; what fails is a complaint.
    func each<Point: Sendable>(
        _ points: [Point], _ body: @escaping @Sendable (Int, Point) async throws -> KillOutcome
    ) async throws -> [KillOutcome] {
        await withTaskGroup(of: KillOutcome.self) { group in
            var (next, outcomes) = (0, [KillOutcome]())
            func add() {
                guard next < points.count else { return }
                let (number, point) = (next, points[next])
                next += 1
                group.addTask {
                    do { return try await body(number, point) } catch { return KillOutcome(complaints: ["\(error)"]) }
                }
            }
            for _ in 0..<3 { add() }
            for await outcome in group {
                outcomes.append(outcome)
                add()
            }
            return outcomes
        }
    }
}
