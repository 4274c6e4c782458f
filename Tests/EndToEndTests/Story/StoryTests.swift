// The story that outlast is for: a job clones, builds for longer than its token lives, fetches submodules and LFS, and pushes
// a tag. Two hours pass in between, for the whole job and for the forge.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("A job that builds past its token's life", .timeLimit(.minutes(10)))
struct StoryTests {
    /// One telling: by which means, with which git.
    struct Telling: Sendable, CustomTestStringConvertible {
        let means: Means
        let git: InstalledGit
        var testDescription: String { "\(means.rawValue), \(git.testDescription)" }

        static let all = Means.all.flatMap { means in InstalledGit.all.map { Telling(means: means, git: $0) } }
        static let withoutOutlast = InstalledGit.all.map { Telling(means: .startingToken, git: $0) }
    }

    /// What the forge has before the job starts: an application with a submodule and a large file.
    private static let before = """
        use_outlast
        mkdir seeds; cd seeds
        (make_repository lib; git push -q "$S/group/lib.git" HEAD:main)
        make_repository app
        git remote add origin "$S/group/app.git"
        git submodule --quiet add ../lib.git lib
        git lfs install --local >/dev/null
        git lfs track '*.bin' >/dev/null
        head -c 50000 /dev/urandom >large.bin
        git add .; git commit -q -m all
        git push -q origin main
        cp large.bin "$HOME"
        mkdir "$KEYS"; ssh-keygen -q -t ed25519 -N '' -C '' -f "$KEYS/deploy"
        """

    /// The job, until the build. All that comes after it is a shell of its own, so that every program of it lives two hours
    /// later, `date` as well.
    private static let job = """
        begin_job
        export GIT_LFS_SKIP_SMUDGE=1
        with_forge git clone -q "$S/group/app.git" app
        cd app
        echo cloned

        curl -fsS "$FORGE/_sandbox/clock" -d '{"advance_s":7260}' >/dev/null
        sha256sum f >artifact
        echo built
        exec env LD_PRELOAD="$FAKETIME_LIBRARY" FAKETIME=+7260s FAKETIME_DONT_FAKE_MONOTONIC=1 /bin/sh -euc "$LATER"
        """

    private static let later = """
        with_forge git submodule --quiet update --init --recursive
        test -f lib/f
        git lfs install --local >/dev/null
        with_forge git lfs pull
        cmp large.bin "$HOME/large.bin"
        echo fetched

        git add artifact; git commit -q -m release; git tag -a -m release v1
        with_forge git push -q origin HEAD:main v1
        echo pushed
        end_job
        """

    /// The library that moves a program's clock.
    private static func clockLibrary() throws -> String {
        let folders = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib")
        let paths = folders.map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }
        return try #require(paths.first { FileManager.default.fileExists(atPath: $0) })
    }

    /// Tells it, and looks at what came of it: the job's run, its machine, and the token that it was started with.
    private func tell(
        _ telling: Telling, _ look: (_ run: Run, _ place: Workplace, _ old: SandboxGrant) async throws -> Void
    ) async throws {
        try await withWorkplace(telling.git) { place in
            try await withDeployKeyDoor(for: place.sandbox, lfs: place.server.url) { ssh in
                let old = try await prepare(place, ssh)
                let run = try await place.job(
                    telling.means.shell + "\n" + Self.job,
                    [
                        "T": old.accessToken, "REFRESH_TOKEN": old.refreshToken, "CLIENT_SECRET": Self.clientSecret,
                        "FORGE": place.sandbox.baseURL, "FAKETIME_LIBRARY": try Self.clockLibrary(),
                        "KEYS": place.scene.vault + "/keys", "SSH": ssh.url, "SSH_PIN": ssh.knownHost,
                        "SSH_HOST_KEY": ssh.hostKey,
                        "LATER": telling.means.shell + "\n" + Self.later,
                    ])
                #expect(!place.sandbox.gitlab.isAlive(old.accessToken))
                try await look(run, place, old)
            }
        }
    }

    private static let clientSecret = "client-secret-0123456789"

    /// Repositories, a deploy key for them, and a token of two hours.
    private func prepare(_ place: Workplace, _ ssh: DeployKeyDoor) async throws -> SandboxGrant {
        let (gitlab, scene) = (place.sandbox.gitlab, place.scene)
        try gitlab.addProject("group/lib")
        let maker = try gitlab.addToken(scopes: ["api", "write_repository"], expiresOn: place.stage.date(40))
        try place.stage.configure("forge: gitlab\napi_url: \(place.api)\ntoken: {env: T}")
        let made = try await place.job(Self.before, ["T": maker.secret, "KEYS": scene.vault + "/keys"])
        try #require(made.code == 0, "\(made.everything)")
        try ssh.allow(
            try #require(scene.read("\(scene.vault)/keys/deploy.pub")), for: ["group/app.git", "group/lib.git"],
            canPush: true)
        // GitLab gives a token of its own to LFS over SSH.
        let lent = try gitlab.addDeployToken()
        try ssh.lend(user: "gitlab+deploy-token-\(lent.id)", password: scene.secret(lent.secret))
        place.sandbox.clearLog()

        gitlab.addApplication(clientID: "app", secret: scene.secret(Self.clientSecret))
        let old = try gitlab.addGrant(clientID: "app", expiresIn: 7200)
        for token in [old.accessToken, old.refreshToken] { scene.secret(token) }
        try place.stage.configure(
            """
            forge: gitlab
            api_url: \(place.api)
            token: {env: T}
            min_remaining: 30m
            renew: {method: oauth2, token_url: "\(place.server.url)/oauth/token", client_id: app, client_secret: {env: CLIENT_SECRET}, refresh_token: {env: REFRESH_TOKEN}}
            """)
        return old
    }

    /// The fingerprints that came to repositories in the second half, two hours after the first.
    private func late(_ place: Workplace) -> Set<String> {
        let end = place.sandbox.now.seconds
        let late = place.sandbox.log.filter { $0.at.seconds > end - 3600 && $0.path.contains(".git/") }
        return Set(late.compactMap(\.fingerprint))
    }

    @Test("it comes through with one renewal at most, and the token of old is not sent again", arguments: Telling.all)
    func comesThrough(_ telling: Telling) async throws {
        try await tell(telling) { run, place, old in
            #expect(run.code == 0 && run.output == "cloned\nbuilt\nfetched\npushed\n", "\(run.everything)")
            let refs = try await place.scene.shell(
                "git --git-dir \"\(place.sandbox.gitRoot)/gitlab/group/app.git\" tag")
            #expect(refs.output == "v1\n", "\(refs.everything)")
            let late = late(place)
            #expect(late.count == 1 && !late.contains(place.stage.fingerprint(old.accessToken)), "\(late)")
            let counters = place.sandbox.counters
            let renewals = telling.means.renews ? 1 : 0
            #expect(counters.commits(of: "gitlab.oauth.refresh") == renewals, "\(counters)")
            #expect(counters.replays.isEmpty)
        }
    }

    @Test("without outlast it ends at the first command after the build", arguments: Telling.withoutOutlast)
    func withoutOutlast(_ telling: Telling) async throws {
        try await tell(telling) { run, place, _ in
            #expect(run.code != 0 && run.output == "cloned\nbuilt\n", "\(run.everything)")
            #expect(!place.hasRenewed)
        }
    }

    @Test("it is told with every git that Debian offers here, or somebody has said why not")
    func gits() {
        #expect(InstalledGit.newer != nil || InstalledGit.reason?.isEmpty == false, "run the tests by: make test")
        print("git: \(InstalledGit.all.map(\.testDescription)); \(InstalledGit.reason ?? "")")
    }
}
