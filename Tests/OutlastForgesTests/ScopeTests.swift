// Which scope includes which, forge by forge.

import OutlastForges
import Testing

@Suite("Scopes")
struct ScopeTests {
    @Test(
        "of GitLab include each other as GitLab has it",
        arguments: [
            (["read_api"], ["api"], []), (["api"], ["read_api"], ["api"]),
            (["write_repository", "read_repository", "self_rotate"], ["api"], []),
            (["read_repository", "read_user"], ["read_api"], []),
            (["write_repository"], ["read_api"], ["write_repository"]),
            (["read_repository"], ["write_repository"], []), (["read_registry"], ["write_registry"], []),
            (["sudo", "k8s_proxy"], ["api"], ["sudo", "k8s_proxy"]), (["api", "api"], [], ["api"]),
        ] as [([String], [String], [String])])
    func gitlab(_ needed: [String], _ granted: [String], _ missing: [String]) {
        #expect(GitLab().missing(of: needed, in: granted) == missing)
    }

    @Test(
        "of GitHub include each other, and permissions have levels",
        arguments: [
            (["public_repo", "repo:status"], ["repo"], []), (["repo"], ["public_repo"], ["repo"]),
            (["read:org"], ["admin:org"], []), (["admin:org"], ["write:org"], ["admin:org"]),
            (["workflow"], ["repo"], ["workflow"]), (["contents=read"], ["contents=write"], []),
            (["contents:read", "contents:write"], ["contents=write"], []),
            (["contents=write"], ["contents=read", "issues=write"], ["contents=write"]),
            (["contents=admin"], ["contents=write"], ["contents=admin"]),
        ] as [([String], [String], [String])])
    func github(_ needed: [String], _ granted: [String], _ missing: [String]) {
        #expect(GitHub().missing(of: needed, in: granted) == missing)
    }

    @Test("of Azure DevOps and Bitbucket have levels too")
    func others() {
        #expect(AzureDevOps().missing(of: ["vso.code", "vso.build"], in: ["vso.code_write"]) == ["vso.build"])
        #expect(Bitbucket().missing(of: ["repository", "account"], in: ["repository:write"]) == ["account"])
        #expect(OAuth2().missing(of: ["a", "b"], in: ["a"]) == ["b"])
    }
}
