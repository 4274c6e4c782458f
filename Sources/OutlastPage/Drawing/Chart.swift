// A chart: a drawing with its name, what it shows in words, and the same figures as a table.

/// A table of texts.
struct DataTable: Sendable {
    var caption: String
    var head: [String]
    /// The first cell of a row names it.
    var rows: [[String]]
    /// A sentence below it.
    var note: String?
}

/// A chart.
struct Chart: Sendable {
    /// Unique within the page; letters, digits and hyphens.
    var id: String
    var title: String
    var description: String
    var width: Double
    var height: Double
    /// What is drawn.
    var drawing: Markup
    var table: DataTable

    /// The drawing as an element that names and describes itself.
    var svg: String {
        var markup = Markup()
        markup.group(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-labelledby": "\(id)-title",
                "aria-describedby": "\(id)-desc",
                "viewBox": "0 0 \(width.svg) \(height.svg)", "width": width.svg, "height": height.svg,
            ]
        ) { inner in
            inner.add("title", ["id": "\(id)-title"], text: title)
            inner.add("desc", ["id": "\(id)-desc"], text: description)
            inner.take(drawing)
        }
        return markup.text
    }
}

extension Markup {
    /// A word at a place.
    mutating func label(_ text: String, _ x: Double, _ y: Double, _ style: String, anchor: String = "start") {
        add("text", ["x": x.svg, "y": y.svg, "class": style, "text-anchor": anchor], text: text)
    }

    /// A straight line.
    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
        add("line", ["x1": x1.svg, "y1": y1.svg, "x2": x2.svg, "y2": y2.svg, "class": style])
    }

    /// Vertical lines at the ticks, with their names above or below.
    mutating func timeAxis(_ scale: TimeScale, ticks: Int, top: Double, bottom: Double, labelsAt y: Double) {
        var last = -Double.infinity
        for tick in TimeTick.ticks(from: scale.from, to: scale.to, atMost: ticks) {
            let x = scale.place(tick.at)
            line(x, top, x, bottom, "grid")
            let half = Double(tick.label.utf8.count) * 3.3
            // Names that would touch each other or leave the drawing are left out; their lines stay.
            guard x - half > last, x - half >= scale.left - 40, x + half <= scale.right + 14 else { continue }
            label(tick.label, x, y, "t muted", anchor: "middle")
            last = x + half + 8
        }
    }
}

/// Small shapes, each with a meaning of its own.
enum Glyph: String, CaseIterable, Sendable {
    /// A run that ended well.
    case success
    case failed
    case running
    /// Cancelled or given up: nobody knows how long it would have taken.
    case unfinished
    /// Longer than its bound.
    case miss
    /// Where a generation's place was taken.
    case replaced
    /// Where it was over.
    case ended
    /// Where its forge said no.
    case refused
    /// An end that is to come.
    case coming

    /// Draws it around a place.
    func draw(at x: Double, _ y: Double, into markup: inout Markup) {
        func path(_ points: String, _ style: String) { markup.add("path", ["d": points, "class": style]) }
        /// Moves of a path, from the place.
        func cross(_ size: Double) -> String {
            let (a, b, c, d) = ((x - size).svg, (y - size).svg, (x + size).svg, (y + size).svg)
            return "M\(a) \(b)L\(c) \(d)M\(a) \(d)L\(c) \(b)"
        }
        switch self {
        case .success: markup.add("circle", ["cx": x.svg, "cy": y.svg, "r": "2.6", "class": "g-ok"])
        case .failed: path(cross(3.6), "g-bad")
        case .running: markup.add("circle", ["cx": x.svg, "cy": y.svg, "r": "3.2", "class": "g-open"])
        case .unfinished:
            path(
                "M\(x.svg) \((y - 4).svg)L\((x + 4).svg) \(y.svg)L\(x.svg) \((y + 4).svg)L\((x - 4).svg) \(y.svg)Z",
                "g-open")
        case .miss:
            path("M\(x.svg) \((y - 8).svg)L\((x + 7).svg) \((y + 5).svg)L\((x - 7).svg) \((y + 5).svg)Z", "g-miss")
        case .replaced:
            path("M\((x - 3).svg) \((y - 4).svg)L\((x + 2).svg) \(y.svg)L\((x - 3).svg) \((y + 4).svg)", "g-next")
        case .ended:
            path("M\((x + 3).svg) \((y - 7).svg)L\((x + 3).svg) \((y + 7).svg)", "g-end")
        case .refused: path(cross(4.5), "g-end")
        case .coming:
            path(
                "M\(x.svg) \((y - 6).svg)L\((x + 5).svg) \(y.svg)L\(x.svg) \((y + 6).svg)L\((x - 5).svg) \(y.svg)Z",
                "g-coming")
        }
    }

    /// It alone, for a legend.
    var svg: String {
        var markup = Markup()
        markup.group(
            "svg", ["class": "key", "viewBox": "0 0 18 18", "width": "18", "height": "18", "aria-hidden": "true"]
        ) {
            draw(at: 9, 9, into: &$0)
        }
        return markup.text
    }
}
