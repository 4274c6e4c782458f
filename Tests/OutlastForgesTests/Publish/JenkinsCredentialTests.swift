// Jenkins credentials against the sandbox: one element is replaced, and the rest of the document stays.
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("jenkins-credential", .serialized)
struct JenkinsCredentialTests {
    private static let text = """
        <?xml version='1.1' encoding='UTF-8'?>
        <!-- made by hand -->
        <org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl plugin="plain-credentials@1">
          <scope>GLOBAL</scope><id>release-token</id><description>Release &amp; co</description>
          <secret>old</secret>
        </org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl>
        """
    private static let password = """
        <com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl>
          <scope>GLOBAL</scope><id>release-token</id><username>oauth2</username><password>old</password>
        </com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl>
        """

    private func rehearsal(
        _ sandbox: Sandbox, writer: String, _ settings: [String: SettingValue] = [:]
    ) throws -> PublishRehearsal {
        let url = try #require(ServerURL(sandbox.jenkinsURL))
        return try PublishRehearsal(
            JenkinsCredential(),
            settings.merging(["url": .url(url), "id": .text("release-token")]) { one, _ in one }, writer: writer)
    }

    @Test("secret texts and passwords, in the system's store and in folders")
    func publishes() async throws {
        try await withSandbox { sandbox in
            let writer = "ci:" + sandbox.others.addJenkinsUser("ci")
            for (xml, element) in [(Self.text, "secret"), (Self.password, "password")] {
                for (folder, domain) in [("", "_"), ("team/app", "git")] {
                    sandbox.others.setJenkinsCredential("release-token", xml: xml, folder: folder, domain: domain)
                    let rehearsal = try rehearsal(
                        sandbox, writer: writer, ["folder": .text(folder), "domain": .text(domain)])
                    #expect(await rehearsal.check() == nil)
                    #expect(await rehearsal.publish("tok<&>\"'new") == nil)
                    let stored = { (name: String) in
                        sandbox.others.jenkinsCredential(
                            "release-token", element: name, folder: folder, domain: domain)
                    }
                    #expect(stored(element) == "tok<&>\"'new")
                    #expect(stored("scope") == "GLOBAL" && stored("id") == "release-token")
                    #expect(stored(element == "secret" ? "description" : "username") != nil)
                }
            }
        }
    }

    @Test("a password needs a crumb, which is asked for")
    func crumb() async throws {
        try await withSandbox { sandbox in
            _ = sandbox.others.addJenkinsUser("ci", password: "pass:word")
            sandbox.others.setJenkinsCredential("release-token", xml: Self.text)
            let rehearsal = try rehearsal(sandbox, writer: "ci:pass:word")
            #expect(await rehearsal.publish("token-1") == nil)
            #expect(sandbox.others.jenkinsCredential("release-token") == "token-1")
        }
    }

    @Test("what Jenkins refuses, and what is no single token, is said in words")
    func refusals() async throws {
        try await withSandbox { sandbox in
            let ci = "ci:" + sandbox.others.addJenkinsUser("ci")
            let reader = "reader:" + sandbox.others.addJenkinsUser("reader", mayWrite: false)
            #expect(try await rehearsal(sandbox, writer: ci).check()?.message.contains("no such credential") == true)
            sandbox.others.setJenkinsCredential(
                "release-token", xml: "<a.BasicSSHUserPrivateKey></a.BasicSSHUserPrivateKey>")
            #expect(try await rehearsal(sandbox, writer: ci).check()?.message.contains("no single token") == true)
            sandbox.others.setJenkinsCredential("release-token", xml: Self.text)
            #expect(try await rehearsal(sandbox, writer: "ci:wrong").check()?.message.contains("not accept") == true)
            #expect(try await rehearsal(sandbox, writer: "no-colon").check()?.code == .configuration)
            let forbidden = try await rehearsal(sandbox, writer: reader).publish("token-1")
            #expect(forbidden?.code == .insufficientScope && forbidden?.hint?.contains("Credentials/Update") == true)
            #expect(sandbox.others.jenkinsCredential("release-token") == "old")
        }
    }

    @Test("a fault while writing is a failure, and the next try mends it", arguments: writingFaults)
    func faults(_ fault: FaultKind) async throws {
        switch fault {
        // The answer to a write has no body: what takes its place changes nothing about its status.
        case .truncate, .html: return
        default: break
        }
        try await withSandbox { sandbox in
            let rehearsal = try rehearsal(sandbox, writer: "ci:" + sandbox.others.addJenkinsUser("ci"))
            sandbox.others.setJenkinsCredential("release-token", xml: Self.text)
            sandbox.addFault(FaultRule(fault, method: "POST", path: "/jenkins"))
            let failure = await rehearsal.publish("glpat-new-token")
            #expect(failure != nil && failure?.description.contains("glpat-new-token") == false)
            #expect(await rehearsal.publish("glpat-new-token") == nil)
            #expect(sandbox.others.jenkinsCredential("release-token") == "glpat-new-token")
        }
    }

    @Test("what holds for every target holds for this one")
    func conformance() async throws {
        let url = try #require(ServerURL("https://forge.example.com/jenkins"))
        let rehearsal = try PublishRehearsal(
            JenkinsCredential(), ["url": .url(url), "id": .text("release-token")], writer: "ci:canary-api-token")
        await PublishTargetConformance(
            JenkinsCredential(), scene: rehearsal.scene, token: Secret("glpat-canary-new")
        ) { request in
            if request.method == "POST" { return HTTPResponse(status: 200, headers: [], body: []) }
            if request.url.path.contains("crumb") { return .html("<h1>none</h1>", status: 404) }
            return HTTPResponse(
                status: 200, headers: [("Content-Type", "application/xml")], body: Array(Self.text.utf8))
        }.check()
    }
}
