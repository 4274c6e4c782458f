// When a command is run again, as tables.

import OutlastModel
import Testing

@Suite("when a command is run again")
struct ExecRuleTests {
    private func diagnosis(_ class: FailureClass, _ confidence: Confidence = .high, line: String? = "a line")
        -> Diagnosis
    {
        Diagnosis(class: `class`, confidence: confidence, line: line, advice: "do something")
    }

    private func run(
        _ class: FailureClass, sort: WrappedCommand.Sort = .gitRepeatable, attempt: Int = 1, allowed: Int = 2,
        input: InputUse = .untouched
    ) -> FailedRun {
        FailedRun(attempt: attempt, allowed: allowed, sort: sort, diagnosis: diagnosis(`class`), input: input)
    }

    @Test("failures that are not about a credential end the run", arguments: FailureClass.allCases)
    func classes(_ class: FailureClass) {
        let expected: ExecStep = `class`.isAboutAuthentication ? .confirm(mayRunAgain: nil) : .end(.notOurs)
        #expect(ExecRule.step(after: run(`class`)) == expected)
    }

    @Test("what speaks against another run")
    func obstacles() {
        let step = { (run: FailedRun) in ExecRule.step(after: run) }
        #expect(step(run(.authRejected, attempt: 2)) == .confirm(mayRunAgain: .spent))
        #expect(step(run(.authRejected, input: .taken)) == .confirm(mayRunAgain: .inputTaken))
        #expect(step(run(.authRejected, input: .unknown)) == .confirm(mayRunAgain: .inputTaken))
        #expect(step(run(.authRejected, sort: .gitOther)) == .confirm(mayRunAgain: .partial))
        #expect(step(run(.authRejected, sort: .other)) == .confirm(mayRunAgain: nil), "somebody allowed two runs")
        var given = run(.authRejected, sort: .gitOther)
        given.isAllowanceGiven = true
        #expect(step(given) == .confirm(mayRunAgain: nil))
        var asked = run(.authRejected)
        asked.wasAskedToEnd = true
        #expect(step(asked) == .end(.asked))
        var unknown = run(.authRejected)
        unknown.wasRun = false
        #expect(step(unknown) == .end(.notRun))
        unknown.wasRun = true
        unknown.diagnosis = nil
        #expect(step(unknown) == .end(.notOurs))
        var dead = run(.authRevoked)
        dead.isKnownDead = true
        #expect(step(dead) == .end(.dead), "it was found dead before: nobody has to be asked again")
    }

    @Test("what passes by itself is waited for where somebody asked for that", arguments: FailureClass.allCases)
    func transient(_ class: FailureClass) {
        var failed = run(`class`)
        failed.retriesTransient = true
        let step = ExecRule.step(after: failed)
        if [.network, .rateLimited, .server].contains(`class`) {
            #expect(step == .wait(atLeast: .zero, spread: .seconds(2)))
            failed.attempt = 2
            #expect(ExecRule.step(after: failed) == .end(.spent))
            failed.allowed = 100
            failed.attempt = 40
            #expect(ExecRule.step(after: failed) == .wait(atLeast: .zero, spread: .seconds(60)))
            failed.diagnosis?.confidence = .low
            #expect(ExecRule.step(after: failed) == .end(.notOurs))
        } else if !`class`.isAboutAuthentication {
            #expect(step == .end(.notOurs))
        }
    }

    @Test("a server that says how long is obeyed, or left alone when that is too long")
    func asked() {
        var failed = run(.rateLimited)
        failed.retriesTransient = true
        failed.diagnosis = diagnosis(.rateLimited, line: "fatal: rate limited by 'u', please try again in 7 seconds")
        #expect(ExecRule.step(after: failed) == .wait(atLeast: .seconds(7), spread: .seconds(2)))
        failed.diagnosis = diagnosis(.rateLimited, line: "please try again in 301 seconds")
        #expect(ExecRule.step(after: failed) == .end(.waitTooLong))
    }

    @Test(
        "how long a server asks for",
        arguments: [
            ("try again in 30 seconds", 30), ("Please TRY AGAIN IN 2 minutes.", 120), ("Retry-After: 9", 9),
            ("retry after 5s", 5), ("try again in a while", nil), ("try again in 99999999999 seconds", nil),
            ("nothing", nil), ("", nil),
        ] as [(String, Int?)])
    func seconds(_ line: String, _ expected: Int?) {
        #expect(RetryText.seconds(in: line) == expected.map { .seconds($0) })
    }

    @Test("only another token, or another way in, is a reason for another run", arguments: CredentialFinding.allCases)
    func findings(_ finding: CredentialFinding) {
        let isNew = finding == .replaced || finding == .fellBack
        #expect((ExecRule.end(after: finding) == nil) == isNew)
        let obstructed = ExecRule.end(after: finding, obstacle: .inputTaken)
        #expect(obstructed == (finding == .alive ? .alive : .inputTaken))
    }

    @Test(
        "a push is repeated when what is missing is all that a second one would send", arguments: RemoteState.allCases)
    func remotes(_ state: RemoteState) {
        let (plain, forced) = (PushWords(["origin", "main"]), PushWords(["-f", "origin", "main"]))
        switch state {
        case .asPushed:
            #expect(
                ExecRule.end(of: plain, after: state) == .arrived && ExecRule.end(of: forced, after: state) == .arrived)
        case .otherwise, .undecided:
            #expect(
                ExecRule.end(of: plain, after: state) == nil && ExecRule.end(of: forced, after: state) == .mayOverwrite)
            #expect(ExecRule.end(of: forced, after: state, isUntouched: true) == nil)
        case .unknown:
            for push in [plain, forced] {
                #expect(ExecRule.end(of: push, after: state, isUntouched: true) == .remoteUnknown)
            }
        }
    }

    @Test("a server that answers 401 has taken nothing; whatever else a push ends with may have come later")
    func refused() {
        let was = { (line: String, class: FailureClass, confidence: Confidence) in
            ExecRule.wasRefused(Diagnosis(class: `class`, confidence: confidence, line: line, advice: ""))
        }
        let failed = "error: RPC failed; HTTP 401 curl 22 The requested URL returned error: 401"
        #expect(was(failed, .authRejected, .high) && was(failed, .authRevoked, .medium))
        #expect(was("fatal: Authentication failed for 'https://h/'", .authRejected, .high))
        #expect(!was(failed, .authRejected, .low) && !was(failed, .network, .high))
        #expect(!was("error: RPC failed; HTTP 403 curl 22", .forbidden, .high))
        #expect(!was("remote: token was revoked", .authRevoked, .high))
        #expect(!was("fatal: the remote end hung up unexpectedly", .network, .high) && !ExecRule.wasRefused(nil))
    }

    @Test("a push that was refused before it began has sent nothing")
    func begun() {
        let push = WrappedCommand.Sort.gitPush(PushWords(["origin", "main"]))
        let looks = { (line: String, class: FailureClass) in
            ExecRule.mustLookAtRemote(push, self.diagnosis(`class`, line: line))
        }
        #expect(!looks("fatal: Authentication failed for 'https://h/'", .authRejected))
        #expect(!looks("fatal: could not read Username for 'https://h': terminal prompts disabled", .authMissing))
        #expect(looks("error: RPC failed; HTTP 401 curl 22", .authRejected))
        #expect(looks("fatal: the remote end hung up unexpectedly", .network))
        #expect(ExecRule.mustLookAtRemote(push, nil))
        #expect(!ExecRule.mustLookAtRemote(.gitRepeatable, diagnosis(.network)))
    }
}

@Suite("a child's environment")
struct EnvironmentChangeTests {
    @Test("what is set wins, what is removed is gone, and what is kept stays though it begins like a key")
    func applied() {
        let change = EnvironmentChange(
            removed: ["A"], removedPrefixes: ["KEY"], kept: ["KEY_B"], set: [("C", Secret("1")), ("C", Secret("2"))])
        let all = change.applied(
            to: Variables(["A": "a", "KEY": "k", "KEY_B": "b", "C": "c", "D": "d", "MONKEY": "m"]))
        #expect(all == ["KEY_B": "b", "C": "2", "D": "d", "MONKEY": "m"])
    }

    @Test("every variable that a configuration names as a place of a secret is known")
    func variables() {
        let settings = Settings([
            "client_secret": .secret(.env("A")), "headers": .map([.init(name: "X", value: .secret(.env("B")))]),
            "with": .text("admin"), "key": .secret(.file("f")),
        ])
        var release = CredentialConfiguration(
            name: "release", token: .env("T"), renew: RenewConfiguration(method: "oauth2", settings: settings),
            publish: [PublishConfiguration(target: "file", settings: Settings(["x": .secret(.env("P"))]))])
        release.ssh = SSHConfiguration(host: "h", key: .env("S"))
        let admin = CredentialConfiguration(name: "admin", token: .env("ADMIN"))
        let configuration = Configuration(credentials: [release, admin])
        #expect(configuration.secretVariables == ["T", "A", "B", "P", "S", "ADMIN"])
        #expect(configuration.serving == ["admin"])
    }
}
