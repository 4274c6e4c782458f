// Which tokens somebody should look after: those of the questions about ends, those that a forge has refused under jobs
// that still come with them, and renewals of which nobody knows how they went.

import OutlastModel

struct ReportCare {
    let now: Instant
    let project: String?
    let job: String?
    /// The most of each reason.
    let limit: Int

    /// An end within this time is soon; a refusal within this time is news.
    static let (soon, lately): (Duration, Duration) = (.seconds(30 * 86_400), .seconds(14 * 86_400))

    /// All of them in order, and how many were left out.
    func items(
        ending: [EndingToken], endless: [KnownToken], lanes: [TokenLane], renewals: [CareItem]
    ) -> ([CareItem], Int) {
        let all =
            renewals + refused(lanes)
            + ending.filter { concerns($0.token) }.map(item)
            + endless.filter(concerns).map { token in
                CareItem(
                    reason: .noEnd, name: token.calling, mark: token.mark, kind: token.kind, usedBy: token.usedBy)
            }
        var counts: [CareItem.Reason: Int] = [:]
        let kept = CareItem.inOrder(all).filter { item in
            counts[item.reason, default: 0] += 1
            return counts[item.reason, default: 0] <= limit
        }
        return (kept, all.count - kept.count)
    }

    /// Renewals in a state, from the list of them.
    func renewals(_ table: HistoryTable, _ state: RenewalState) -> [CareItem] {
        func cell(_ row: [JSONValue], _ name: String) -> String? {
            table.columns.firstIndex(of: name).flatMap { row[$0].text }
        }
        return table.rows.map { row in
            CareItem(
                reason: state == .lost ? .lost : .inDoubt, name: cell(row, "credential") ?? "",
                mark: cell(row, "old_fingerprint") ?? "", kind: "", at: cell(row, "at").flatMap(Instant.init(text:)),
                detail: cell(row, "method"))
        }
    }

    private func concerns(_ token: KnownToken) -> Bool {
        if project == nil, job == nil { return true }
        return token.usedBy.contains { (project == nil || $0.project == project) && (job == nil || $0.job == job) }
    }

    private func item(_ ending: EndingToken) -> CareItem {
        let token = ending.token
        // A job that begins after the end is one that will not have it any more: it fails all the same.
        return CareItem(
            reason: ending.nextFailure == nil ? .endsSoon : .willFail, name: token.calling, mark: token.mark,
            kind: token.kind, at: token.lifetime.expiry.instant, remaining: ending.remaining, usedBy: token.usedBy,
            failing: ending.nextFailure?.series, failingAt: ending.nextFailure?.at)
    }

    /// The newest generation of a lane that its forge has refused or that is over, where a job used it afterwards or no
    /// longer than some days before.
    private func refused(_ lanes: [TokenLane]) -> [CareItem] {
        lanes.compactMap { lane in
            guard let newest = lane.generations.last, newest.ending == .refused || newest.ending == .ended,
                let last = lane.uses.last(where: { $0.mark == newest.mark })?.job,
                last.begunAt >= now.advanced(by: .zero - Self.lately),
                newest.to >= now.advanced(by: .zero - Self.lately)
            else { return nil }
            var users: [JobSeries] = []
            for use in lane.uses.reversed() where use.mark == newest.mark && !users.contains(use.job.series) {
                if users.count == 20 { break }
                users.append(use.job.series)
            }
            return CareItem(
                reason: .refused, name: lane.name, mark: newest.mark, kind: lane.kind, at: newest.to, usedBy: users,
                detail: newest.ending == .ended ? "its time is over" : "its forge no longer accepts it")
        }
    }
}
