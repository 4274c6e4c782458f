// The data files themselves, and that the code names no fact that is not there.
import FoundationEssentials
import OutlastSandbox
import SystemPackage
import Testing

@Suite struct FactBookTests {
    @Test func theDataFilesAreSound() {
        #expect(FactBook.standard.problems == [])
        #expect(FactBook.standard.facts.count > 120)
    }

    @Test func everyFactSaysHowItIsKnown() {
        let words: Set<Substring> = ["src", "doc", "iss", "mem", "run", "inf"]
        for fact in FactBook.standard.facts {
            #expect(Set(fact.tag.split(separator: "/")).isSubset(of: words), "\(fact.id)")
            #expect(!fact.source.isEmpty && (100...599).contains(fact.status))
            #expect(fact.verified == !fact.tag.contains("mem"))
        }
        #expect(FactBook.standard.unverified.contains { $0.id == "github.jwt.tooFar" })
        #expect(!FactBook.standard.unverified.contains { $0.id == "gitlab.auth.expired" })
    }

    @Test func everyFactThatTheCodeNamesExists() throws {
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        let named = /"((?:gitlab|github|oauth|azure|bitbucket|jenkins|fault)\.[a-z][A-Za-z.]*)"/
        let calls = /(?:\.fact\(|Refusal\(|factJSON\(|refused\()\s*/
        var seen = 0
        for file in try swiftFiles(below: root.appending("Sources/OutlastSandbox")) {
            for place in file.matches(of: calls) {
                let rest = file[place.range.upperBound...].prefix { $0 != "," && $0 != ")" }
                for name in rest.matches(of: named) {
                    seen += 1
                    #expect(FactBook.standard[String(name.1)] != nil, "\(name.1)")
                }
            }
        }
        #expect(seen > 150)
    }

    @Test func placeholdersAreFilledOrTakenAway() throws {
        let fact = try #require(FactBook.standard["gitlab.token"])
        let bare = fact.bodyText(["id": 5, "name": "\"}"])
        #expect(bare.hasPrefix(#"{"id":5,"name":"\"}","revoked":null"#))
        #expect(!bare.contains("access_level") && !bare.contains("token"))
        #expect(factText("gitlab.rotate.tooLate", ["date": "2027-01-01"]).contains("must be before 2027-01-01"))
    }
}

/// The text of every Swift file below a folder.
private func swiftFiles(below folder: FilePath) throws -> [String] {
    let files = FileManager.default
    return try files.subpathsOfDirectory(atPath: folder.string).filter { $0.hasSuffix(".swift") }.map { path in
        String(decoding: files.contents(atPath: folder.appending(path).string) ?? Data(), as: UTF8.self)
    }
}
