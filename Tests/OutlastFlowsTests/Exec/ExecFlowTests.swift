// `exec` as a flow, with children that end as a test says: the waits, the other way in, and what is kept.

import OutlastFlows
import OutlastGit
import OutlastModel
import OutlastTestKit
import Synchronization
import Testing

/// Children that end one after the other as a test says.
private final class ScriptedChildren: ChildRunner {
    private struct State {
        var runs: [ChildRun]
        var commands: [ChildCommand] = []
        var told: [String] = []
    }
    private let state: Mutex<State>

    init(_ runs: [ChildRun]) { state = Mutex(State(runs: runs)) }

    func run(_ command: ChildCommand) async throws(Failure) -> ChildRun {
        let next = state.withLock { state in
            state.commands.append(command)
            return state.runs.isEmpty ? nil : state.runs.removeFirst()
        }
        guard let next else { throw Failure(.unexpected, "nobody expected another run") }
        return next
    }

    func become(_ command: ChildCommand) -> ChildEnd { .notFound }
    func detach(_ command: ChildCommand) throws(Failure) -> Int32 { throw Failure(.unexpected, "nobody expected this") }
    func tell(_ line: Secret) { state.withLock { $0.told.append(line.reveal()) } }
    func hasLocale(_ name: String) -> Bool { true }
    var processNumber: Int32 { 1 }
    var commands: [ChildCommand] { state.withLock { $0.commands } }
    var told: String { state.withLock { $0.told.joined(separator: "\n") } }
}

@Suite("exec as a flow", .timeLimit(.minutes(1)))
struct ExecFlowTests {
    private let clock = FixedClock("2026-11-20T22:10:00Z")
    private let history = RememberingHistory(kinds: { $0 == "scripted" ? ScriptedForge.kind : nil })
    private let token = "scr-0123456789-0123456789"
    private let refused = ChildRun(
        end: .exited(128),
        errors: Array("fatal: Authentication failed for 'https://scripted.example.com/a/b.git/'\n".utf8))
    private let unreachable = ChildRun(
        end: .exited(128),
        errors: Array(
            "fatal: unable to access 'https://h/': Failed to connect to h port 443 after 1 ms: Couldn't connect to server\n"
                .utf8))
    private let fine = ChildRun(end: .exited(0))

    private func world(
        _ children: ScriptedChildren, forges: [any Forge] = [], variables: [String: String] = [:],
        isPatient: Bool = false
    ) -> World {
        var world = World.trapping(
            clock: isPatient ? PatientClock(clock) : clock, variables: variables, forges: forges,
            store: .success(history), diagnostician: GitDiagnostician { [] })
        world.children = children
        return world
    }

    private func request(
        _ words: String, _ credentials: [CredentialConfiguration] = [], attempts: Int? = nil, transient: Bool = false
    ) -> ExecRequest {
        ExecRequest(
            command: words.split(separator: " ").map(String.init),
            credentials: GitCredentialRequest(action: .get, credentials: credentials), attempts: attempts,
            retriesTransient: transient)
    }

    private var credential: CredentialConfiguration {
        CredentialConfiguration(name: "release", forge: "scripted", token: .env("T"))
    }

    private var uses: [Event] { history.records.flatMap(\.events).filter { $0.event == "usage" } }

    @Test("what passes is tried again with a pause, and each run is kept")
    func transient() async throws {
        let children = ScriptedChildren([unreachable, unreachable, fine])
        let flow = ExecFlow(world(children), git: Git())
        let outcome = try await flow.run(request("git fetch", attempts: 5, transient: true))
        #expect(outcome.code == 0 && outcome.attempts.count == 3)
        #expect(children.told.contains("running it again (3 of 5)"), "\(children.told)")
        #expect(uses.map(\.outcome) == ["error", "error", "ok"])
        #expect(uses.map { $0.diagnosis?.class } == [.network, .network, nil])
        #expect(uses.allSatisfy { $0.source == .exec && $0.detail?.hasPrefix("exec: git fetch, run ") == true })
    }

    @Test("without being asked to, nothing that passes is tried again; and never after somebody asked to end")
    func once() async throws {
        let children = ScriptedChildren([unreachable])
        let outcome = try await ExecFlow(world(children), git: Git()).run(request("git fetch"))
        #expect(outcome.code == 128 && outcome.attempts.map(\.end) == [.notOurs])
        var asked = unreachable
        asked.signal = 15
        let others = ScriptedChildren([asked])
        let second = try await ExecFlow(world(others), git: Git()).run(
            request("git fetch", attempts: 9, transient: true))
        #expect(second.code == 128 && second.attempts.map(\.end) == [.asked])
    }

    @Test("a dead token with another way in: the command runs again by that way")
    func fallback() async throws {
        let now = clock.now()
        let isDead = Mutex(false)
        let forge = ScriptedForge { _ in
            isDead.withLock { dead in
                defer { dead = true }
                return .success(TokenReading(standing: dead ? .revoked : .alive, readAt: now))
            }
        }
        let children = ScriptedChildren([refused, fine])
        let ways = [
            GitVariable("GIT_CONFIG_COUNT", [.text("3")]),
            GitVariable("GIT_CONFIG_KEY_2", [.text("url.ssh://h/.insteadOf")]),
            GitVariable("GIT_CONFIG_VALUE_2", [.text("https://h/")]),
            GitVariable("GIT_SSH_COMMAND", [.text("ssh -i k")]),
        ]
        let taken = Mutex(0)
        let flow = ExecFlow(
            world(children, forges: [forge], variables: ["T": token, "GIT_CONFIG_COUNT": "2"], isPatient: true),
            git: Git(),
            fallback: { _ throws(Failure) in
                taken.withLock { $0 += 1 }
                return ways
            })
        let outcome = try await flow.run(request("git fetch", [credential]))
        #expect(outcome.code == 0 && outcome.attempts.map(\.finding) == [.fellBack, nil], "\(children.told)")
        #expect(outcome.attempts[0].diagnosis?.class == .authRevoked && outcome.attempts[0].credential == "release")
        let set = children.commands.map { $0.environment.set.filter { $0.name.hasPrefix("GIT_") }.map(\.name) }
        #expect(set == [[], ["GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_2", "GIT_CONFIG_VALUE_2", "GIT_SSH_COMMAND"]])
        #expect(taken.withLock { $0 } == 1)
    }

    @Test("a forge that cannot be asked says nothing about the token, so nothing is run again")
    func unconfirmed() async throws {
        let forge = ScriptedForge { _ in .failure(.unreachable("nobody is there")) }
        let children = ScriptedChildren([refused])
        let flow = ExecFlow(world(children, forges: [forge], variables: ["T": token], isPatient: true), git: Git())
        let outcome = try await flow.run(request("git fetch", [credential]))
        #expect(outcome.code == 128 && outcome.attempts.map(\.end) == [.unconfirmed])
        #expect(uses.map(\.outcome) == ["denied"])
    }

    @Test("a refusal by another server asks nobody")
    func elsewhere() async throws {
        let forge = ScriptedForge(until: clock.now().advanced(by: .seconds(7200)), at: clock.now())
        let other = ChildRun(
            end: .exited(128), errors: Array("fatal: Authentication failed for 'https://elsewhere.example.com/'\n".utf8)
        )
        let children = ScriptedChildren([other])
        let flow = ExecFlow(world(children, forges: [forge], variables: ["T": token], isPatient: true), git: Git())
        let before = forge.questions
        let outcome = try await flow.run(request("git fetch", [credential]))
        #expect(outcome.attempts.map(\.end) == [.notOurs] && outcome.attempts[0].finding == nil)
        #expect(forge.questions - before <= 1, "the look before the run")
    }

    @Test("with one run alone nobody looks at its stderr, and the language stays")
    func untouched() async throws {
        let children = ScriptedChildren([ChildRun(end: .exited(3))])
        let outcome = try await ExecFlow(world(children), git: Git()).run(request("make", attempts: 1))
        #expect(outcome.code == 3 && children.commands[0].tail == nil)
        #expect(children.commands[0].environment.set.isEmpty && children.told.isEmpty)
        let watched = ScriptedChildren([ChildRun(end: .exited(3))])
        _ = try await ExecFlow(world(watched), git: Git()).run(request("make"))
        #expect(watched.commands[0].tail == 65_537 && watched.commands[0].environment.set.map(\.name) == ["LC_ALL"])
    }
}
