// Azure DevOps and Bitbucket: refusals that look like pages, pages that are no refusals.

import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("Azure DevOps and Bitbucket")
struct OtherForgeTests {
    static let azure = "https://dev.azure.com/organization"
    static let azureLine = "GET \(azure)/_apis/connectionData?connectOptions=0"
    static let bitbucket = "https://api.bitbucket.org/2.0"
    static let bitbucketLine = "GET \(bitbucket)/user"
    static let known = HTTPResponse.json(#"{"authenticatedUser": {"id": "0a1b", "providerDisplayName": "Dev"}}"#)

    private func azure(_ kind: TokenKind, _ answer: HTTPResponse, token: String = "canary-0123456789-abcdef")
        async throws
        -> (reading: TokenReading, credentials: [String?])
    {
        try await AzureDevOps().ask(kind, at: Self.azure, [.init(Self.azureLine, answer)], token: token)
    }

    @Test("Azure DevOps takes a personal token as password without user, the pipeline's as bearer")
    func azureCredentials() async throws {
        let personal = try await azure(AzureDevOps.personal, Self.known)
        #expect(personal.credentials == ["Authorization: Basic :…"])
        #expect(personal.reading.standing == .alive && personal.reading.kind == AzureDevOps.personal)
        #expect(personal.reading.expiry == .unknown)
        let job = try await azure(AzureDevOps.job, Self.known)
        #expect(job.credentials == ["Authorization: Bearer …"])
        let opaque = try await azure(.opaque, Self.known, token: TestJWT.token(payload: "{}"))
        #expect(opaque.reading.kind == AzureDevOps.job)
    }

    @Test(
        "a sign-in page that is Azure's own is its refusal",
        arguments: [
            .html("<title>Azure DevOps Services | Sign In</title>", status: 203),
            .html("<html></html>", status: 203, headers: [("X-TFS-FedAuthRedirect", "x")]),
            .html("<html></html>", status: 401, headers: [("X-VSS-E2EID", "x")]),
            .html("", status: 401, headers: [("WWW-Authenticate", "Bearer, Basic realm=\"x\", TFS-Federated")]),
            .html(
                "<h2>Object moved</h2>", status: 302,
                headers: [("Location", "https://spsprodeus27.vssps.visualstudio.com/_signin?realm=dev.azure.com")]),
            .json(#"{"message": "TF400813: The user 'x' is not authorized to access this resource."}"#, status: 401),
            .json(#"{"message": "TF400813: The user 'x' is not authorized to access this resource."}"#, status: 403),
            .json(#"{"authenticatedUser": {"id": "a", "providerDisplayName": "Anonymous"}}"#),
        ] as [HTTPResponse])
    func azureRefusals(_ answer: HTTPResponse) async throws {
        let (reading, _) = try await azure(AzureDevOps.personal, answer)
        #expect(reading.standing == .rejected)
        #expect(reading.detail?.isEmpty == false)
    }

    @Test("anybody else's page is not", arguments: [200, 203, 401, 403, 404])
    func azureProxies(_ status: Int) async throws {
        let page = HTTPResponse.html("<title>Corporate sign-on</title>", status: status)
        let failure = await #expect(throws: Failure.self) { _ = try await azure(AzureDevOps.personal, page) }
        #expect(failure?.code == .unreachable && failure?.message.contains("dev.azure.com") == true)
    }

    @Test(
        "Bitbucket's answers: a token that lacks a scope lives",
        arguments: [
            (
                .json(#"{"type": "user", "uuid": "{0}"}"#, headers: [("X-OAuth-Scopes", "repository, account")]),
                .alive,
                ["repository", "account"]
            ),
            (
                .json(
                    #"{"type": "error", "error": {"message": "x", "detail": {"granted": ["repository"]}}}"#, status: 403
                ),
                .alive, ["repository"]
            ),
            (.json(#"{"type": "error", "error": {"message": "Access denied"}}"#, status: 403), .alive, nil),
            (
                .json(#"{"type": "error", "error": {"message": "Token is invalid, expired, or …"}}"#, status: 401),
                .rejected, nil
            ),
        ] as [(HTTPResponse, TokenStanding, [String]?)])
    func bitbucket(_ answer: HTTPResponse, _ standing: TokenStanding, _ scopes: [String]?) async throws {
        let (reading, credentials) = try await Bitbucket().ask(
            Bitbucket.accessToken, at: Self.bitbucket, [.init(Self.bitbucketLine, answer)])
        #expect(reading.standing == standing && reading.scopes == scopes && reading.expiry == .unknown)
        #expect(reading.detail != nil)
        #expect(credentials == ["Authorization: Bearer …"])
    }
}
