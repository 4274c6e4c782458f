import OutlastModel
import Testing

@testable import OutlastConfig

@Suite struct WhichFileTests {
    private static let text = "version: 1\n"

    private func path(_ files: FilesInMemory, _ request: ConfigurationRequest) throws -> (String?, Bool) {
        let configuration = try Fixture.loader(files).load(request)
        return (configuration.path, configuration.isFound)
    }

    private func request(_ variables: [String: String], flag: String? = nil, in folder: String, job: JobContext? = nil)
        -> ConfigurationRequest
    {
        ConfigurationRequest(
            flag: flag, variables: Variables(variables), workingFolder: folder, job: job, allowInsecureHTTP: false)
    }

    @Test func prefersTheNamedFile() throws {
        let files = FilesInMemory([
            "/etc/a.yml": Self.text, "/w/b.yml": Self.text, "/w/.outlast.yml": Self.text,
            "/h/.config/outlast/config.yml": Self.text,
        ])
        let environment = ["OUTLAST_CONFIG": "/etc/a.yml", "HOME": "/h"]
        #expect(try path(files, request(environment, flag: "b.yml", in: "/w")) == ("/w/b.yml", false))
        #expect(try path(files, request(environment, in: "/w")) == ("/etc/a.yml", false))
        #expect(try path(files, request(["OUTLAST_CONFIG": "", "HOME": "/h"], in: "/w")) == ("/w/.outlast.yml", true))
        #expect(try path(files, request(["HOME": "/h"], in: "/x")) == ("/h/.config/outlast/config.yml", false))
        #expect(try path(files, request([:], in: "/x")) == (nil, false))
    }

    @Test func looksUpwardsAsFarAsTheRepositoryRoot() throws {
        let files = FilesInMemory(
            ["/.outlast.yml": Self.text, "/r/.outlast.yml": Self.text, "/s/sub/file": ""],
            others: ["/r/.git": .folder, "/s/.git": .file([])])
        #expect(try path(files, request([:], in: "/r/a/b")) == ("/r/.outlast.yml", true))
        #expect(try path(files, request([:], in: "/s/sub")) == (nil, false))
        #expect(try path(files, request([:], in: "/tmp/x")) == (nil, false))
        #expect(try path(files, request([:], in: "/r/a/../a/.")) == ("/r/.outlast.yml", true))
    }

    @Test func takesTheNearestFile() throws {
        let files = FilesInMemory(
            ["/r/.outlast.yml": Self.text, "/r/a/.outlast.yml": Self.text], others: ["/r/.git": .folder])
        #expect(try path(files, request([:], in: "/r/a/b")) == ("/r/a/.outlast.yml", true))
    }

    @Test func takesXDGBeforeHomeAndOnlyWhenItIsAbsolute() throws {
        let files = FilesInMemory([
            "/x/outlast/config.yml": Self.text, "/h/.config/outlast/config.yml": Self.text,
        ])
        #expect(
            try path(files, request(["XDG_CONFIG_HOME": "/x", "HOME": "/h"], in: "/w")).0 == "/x/outlast/config.yml")
        #expect(
            try path(files, request(["XDG_CONFIG_HOME": "x", "HOME": "/h"], in: "/w")).0
                == "/h/.config/outlast/config.yml")
    }

    @Test func doesNotTrustAHomeInTheWorkingTree() throws {
        let files = FilesInMemory(
            ["/r/home/.config/outlast/config.yml": Self.text], others: ["/r/.git": .folder])
        #expect(try path(files, request(["HOME": "/r/home"], in: "/r/a")).1)
        let job = JobContext(ci: "gitlab", workspace: "/r")
        #expect(try path(files, request(["HOME": "/r/home"], in: "/elsewhere", job: job)).1)
        #expect(try !path(files, request(["HOME": "/r/home"], in: "/elsewhere")).1)
    }

    @Test(arguments: [
        FilesInMemory.Entry.link("/etc/shadow"), .link("/r/other.yml"), .link("/nowhere"), .folder,
    ])
    func refusesALinkInTheWorkingTree(entry: FilesInMemory.Entry) throws {
        let files = FilesInMemory(
            ["/r/other.yml": Self.text, "/etc/shadow": "root:secret-hash"],
            others: ["/r/.git": .folder, "/r/.outlast.yml": entry])
        let failure = try #require(Fixture.failure { try Fixture.loader(files).load(request([:], in: "/r")) })
        #expect(failure.code == .configuration)
        #expect(failure.message.hasPrefix("/r/.outlast.yml is a"))
        #expect(!failure.description.contains("secret-hash"))
    }

    @Test func followsALinkThatTheOperatorNamed() throws {
        let files = FilesInMemory(["/etc/a.yml": Self.text], others: ["/run/link.yml": .link("/etc/a.yml")])
        #expect(try path(files, request(["OUTLAST_CONFIG": "/run/link.yml"], in: "/w")) == ("/run/link.yml", false))
    }

    @Test(arguments: [
        ("missing.yml", "--config names a file that is not there: missing.yml"), ("", "--config names no file"),
        ("/folder", "--config names a folder"), ("/dangling", "--config names a file that is not there"),
    ])
    func saysWhenTheNamedFileCannotBe(flag: String, says: String) throws {
        let files = FilesInMemory(others: ["/folder": .folder, "/dangling": .link("/gone")])
        let failure = try #require(
            Fixture.failure { try Fixture.loader(files).load(request([:], flag: flag, in: "/w")) })
        #expect(failure.code == .configuration && failure.message.contains(says) && failure.hint != nil)
    }

    @Test func makesAConfigurationErrorOfAFileThatCannotBeRead() throws {
        let files = FilesInMemory(others: [
            "/etc/pipe.yml": .link("/etc/link"), "/etc/link": .link("/x"), "/x": .folder,
        ])
        let failure = try #require(
            Fixture.failure { try Fixture.loader(files).load(request([:], flag: "/etc/pipe.yml", in: "/w")) })
        #expect(failure.code == .configuration && failure.message.contains("permission denied"))
    }

    @Test func readsTheCIsServerFromTheJob() {
        let job = JobContext(ci: "gitlab", apiURL: "https://gitlab.example.com/api/v4", workspace: "/builds/a")
        let made = request(["HOME": "/h"], in: "/w", job: job)
        #expect(made.ciAPI?.origin.host == "gitlab.example.com" && made.workspace == "/builds/a")
        #expect(made.configurationFolder == "/h/.config" && made.named == nil)
    }
}
