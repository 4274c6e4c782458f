// The page about the history: a report's values into the templates of this folder, everything in one document.

internal import Mustache
public import OutlastModel

/// Makes the page.
public struct HistoryPage: PageMaker {
    private let version: String

    /// Makes pages that name this version of the program.
    public init(version: String) { self.version = version }

    /// The page as UTF-8.
    public func page(of report: HistoryReport) throws(Failure) -> [UInt8] {
        let style = StyleSheet.text
        var content = PageContent(report).values
        content["version"] = version
        content["style"] = style
        content["styleDigest"] = Base64Text.standard.encode(SHA256Digest(hashing: style.utf8).bytes)
        let library: MustacheLibrary
        do { library = try Templates.library() } catch {
            throw Failure(.unexpected, "the page's templates cannot be read")
        }
        guard let text = library.render(content, withTemplate: "page") else {
            throw Failure(.unexpected, "the page's template is missing")
        }
        return Array(text.utf8)
    }
}

/// The templates that are built in.
enum Templates {
    static let texts: [String: [UInt8]] = [
        "page": PackageResources.page_mustache, "care": PackageResources.care_mustache,
        "chart": PackageResources.chart_mustache, "table": PackageResources.table_mustache,
    ]

    /// All of them, each with its values escaped by our rules: the library escapes character by character, and a quotation
    /// mark with an accent is another character. A partial begins with the library's rules again, so each says it itself.
    static func library() throws -> MustacheLibrary {
        MustacheContentTypes.register(PageText(), named: "PAGE")
        var library = MustacheLibrary()
        for (name, bytes) in texts {
            try library.register("{{% CONTENT_TYPE:PAGE}}" + String(decoding: bytes, as: UTF8.self), named: name)
        }
        return library
    }
}

/// Text in a page: safe to show, and nothing but text.
private struct PageText: MustacheContentType {
    func escapeText(_ text: String) -> String { SafeText.html(text) }
}

/// What the page looks like.
enum StyleSheet {
    /// The palette in both schemes, then the rules. Paper is always light.
    static let text =
        ":root{\(Palette.light.css)}@media screen and (prefers-color-scheme:dark){:root{\(Palette.dark.css)}}"
        + String(decoding: PackageResources.page_css, as: UTF8.self)
}
