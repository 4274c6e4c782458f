// What the configuration knows is what there is.
import OutlastModel
import Testing

@testable import OutlastForges

@Suite("The lists of methods and targets")
struct RegistryTests {
    @Test("every method and target of the configuration has its code, in the same order")
    func complete() {
        #expect(RenewalMethods.all.map(\.schema.name).sorted() == RenewalSchemas.all.map(\.name).sorted())
        #expect(PublishTargets.all.map(\.schema.name) == PublishSchemas.all.map(\.name))
    }

    @Test("methods that spend something are marked")
    func destructive() {
        let marked = RenewalMethods.all.filter(\.isDestructive).map(\.schema.name)
        #expect(Set(marked) == ["gitlab-rotate", "gitlab-pair", "oauth2", "github-user"])
    }

    @Test("deploy keys belong to forges that there are")
    func deployKeys() {
        let ids = DeployKeyForges.all.map(\.id)
        #expect(Set(ids).count == ids.count && Set(ids).isSubset(of: Forges.all.map(\.id)))
    }

    @Test("git is served from another host than the API of public instances, and from the API's own elsewhere")
    func gitHosts() {
        let hosts = ["api.github.com": "github.com", "api.bitbucket.org": "bitbucket.org"]
        for host in ["api.github.com", "api.bitbucket.org", "gitlab.com", "git.example.com", "api.github.com.example"] {
            #expect(Forges.all.compactMap { $0.gitHost(ofAPI: host) } == hosts[host].map { [$0] } ?? [])
        }
    }
}
