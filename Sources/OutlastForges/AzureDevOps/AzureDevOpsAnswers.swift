// Azure DevOps answers a dead token with its sign-in page: as 203, as a redirect, or as 401 (facts section 5 [mem, iss]).
// Such a page is a refusal only where it is visibly Azure's own; a page of any proxy is none.
import OutlastModel

/// Readings of Azure DevOps' answers.
enum AzureDevOpsAnswers {
    /// The reading of an answer to `_apis/connectionData`.
    ///
    /// - Throws: `unreachable` for everything that Azure DevOps does not send.
    static func reading(_ answer: APIAnswer, kind: TokenKind) throws(Failure) -> TokenReading {
        switch answer.status {
        case 200: return try alive(answer, kind: kind)
        case 203 where isAzures(answer), 302 where isAzures(answer):
            return answer.refusal(.rejected, "Azure DevOps shows its sign-in page: \(Self.silence)")
        case 401 where isAzures(answer): return answer.refusal(.rejected, Self.silence)
        case 403 where answer.json?["message"]?.text?.contains("TF400813") == true:
            return answer.refusal(.rejected, "Azure DevOps says that the user is not authorized (TF400813)")
        default: throw answer.notTheAPI(answer.nature)
        }
    }

    private static let silence = "it does not tell expired from revoked or unknown"

    private static func alive(_ answer: APIAnswer, kind: TokenKind) throws(Failure) -> TokenReading {
        let json = try answer.object()
        guard let user = json["authenticatedUser"], user["id"]?.text != nil else {
            throw answer.notTheAPI("an object without the authenticated user")
        }
        // Without a valid credential some servers answer as "anonymous" instead of refusing [mem].
        if user["providerDisplayName"]?.text?.lowercased() == "anonymous" {
            return answer.refusal(.rejected, "Azure DevOps answers as to an anonymous caller: \(silence)")
        }
        return answer.reading(
            .alive, kind: kind, detail: "Azure DevOps tells a token's end to Microsoft Entra tokens only")
    }

    /// Whether a refusal comes from Azure DevOps itself: its own headers, its sign-in address, or its error numbers.
    private static func isAzures(_ answer: APIAnswer) -> Bool {
        if answer.json?["message"]?.text?.contains("TF400813") == true { return true }
        let markers = ["x-tfs-", "x-vss-"]
        if answer.response.headers.contains(where: { header in
            markers.contains { header.name.lowercased().hasPrefix($0) }
        }) {
            return true
        }
        if answer.response.header("WWW-Authenticate")?.contains("TFS-Federated") == true { return true }
        if answer.response.header("Location")?.lowercased().contains("/_signin") == true { return true }
        let text = answer.loweredText
        return ["/_signin", "azure devops services | sign in", "tf400813"].contains { text.contains($0) }
    }
}
