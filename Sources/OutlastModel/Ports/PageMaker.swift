// Pages: a report in, one self-contained document out.

/// Makes a page that needs nothing but itself.
public protocol PageMaker: Sendable {
    /// The page as UTF-8. Everything in the report that came from elsewhere is shown as text and as nothing else.
    ///
    /// - Throws: `unexpected` where the page's own templates are broken.
    func page(of report: HistoryReport) throws(Failure) -> [UInt8]
}
