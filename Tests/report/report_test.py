"""The page of `outlast history report`, opened in a real browser.

OUTLAST_PICTURES=FOLDER keeps pictures of every page, and its print.
"""

import json
import os
import shutil
import tempfile
import unittest

import store
from browser import Browser, Page

WIDTHS = (1280, 360)
SCHEMES = ("light", "dark")
FILLS = {"rich": store.fill, "hostile": store.fill_hostile, "much": store.fill_much, "empty": lambda made: None}

# What a keyboard has to reach, in order: what is not folded away.
REACHABLE = """
JSON.stringify([...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
    .filter(e => e.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}))
    .map(e => e.outerHTML.slice(0, 160)))
"""
FOCUSED = """
(() => { const e = document.activeElement, s = getComputedStyle(e);
    return JSON.stringify([e.outerHTML.slice(0, 160), s.outlineStyle, parseFloat(s.outlineWidth)]) })()
"""
# Contrasts of all texts in HTML with what lies behind them: the least, and where it is.
CONTRAST = """
(() => {
    const canvas = c => c.match(/[0-9.]+/g).map(Number);
    const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    let least = [99, ''];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const e = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || e.closest('svg') || !e.checkVisibility()) continue;
        let behind = e;
        while (behind && canvas(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
        const ground = getComputedStyle(behind || document.documentElement).backgroundColor;
        const [a, b] = [light(canvas(getComputedStyle(e).color)), light(canvas(ground))].sort((x, y) => y - x);
        const contrast = (a + 0.05) / (b + 0.05);
        if (contrast < least[0]) least = [contrast, e.outerHTML.slice(0, 120), ground];
    }
    return JSON.stringify(least);
})()
"""
STRUCTURE = """
JSON.stringify({
    lang: document.documentElement.lang, headings: [...document.querySelectorAll('h1,h2,h3,h4')].map(e => +e.tagName[1]),
    landmarks: ['header', 'nav', 'main', 'footer'].map(n => document.querySelectorAll('body > ' + n + ', body > header > ' + n).length),
    ids: [...document.querySelectorAll('[id]')].map(e => e.id),
    named: [...document.querySelectorAll('[aria-labelledby]')].flatMap(e =>
        [e.getAttribute('aria-labelledby'), e.getAttribute('aria-describedby') || e.getAttribute('aria-labelledby')]),
    regions: [...document.querySelectorAll('[role=region]')].filter(e => !e.ariaLabel).length,
    links: [...document.querySelectorAll('a')].map(e => e.getAttribute('href')),
    drawings: [...document.querySelectorAll('svg[role=img]')].map(e =>
        [e.children[0].tagName, e.children[1].tagName, !!e.children[0].textContent, !!e.children[1].textContent]),
    nameless: [...document.querySelectorAll('svg:not([role=img]):not([aria-hidden=true])')].length,
    tables: [...document.querySelectorAll('table')].filter(e => !e.caption || !e.tHead || !e.querySelector('th[scope=row]')).length,
    drawn: document.querySelectorAll('svg[role=img]').length, tabled: document.querySelectorAll('table').length,
    tags: [...new Set([...document.querySelectorAll('*')].map(e => e.tagName.toLowerCase()))],
    attributes: [...new Set([...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()))],
    text: document.body.innerText,
})
"""
TAGS = set(
    """html head meta title style body a header h1 h2 h3 p bdi time nav ul li main section span svg path circle rect line
    g text tspan desc dl div dt dd code details summary table caption thead tbody tr th td footer article""".split())


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="outlast-report-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.paths, cls.replies = {}, {}
        for name, fill in FILLS.items():
            folder = os.path.join(cls.folder, name)
            os.mkdir(folder)
            made = store.Store(folder)
            fill(made)
            made.close()
            cls.paths[name] = os.path.join(folder, "report.html")
            cls.replies[name] = json.loads(made.run("history", "report", "--html", cls.paths[name], "--json"))
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.end)

    def open(self, name, width=1280, scheme="light", scripts=True):
        page = Page(self.browser, self.paths[name], width, scheme, scripts)
        self.addCleanup(page.close)
        return page

    def each(self, check, names=FILLS):
        """Checks these pages at all widths and in all schemes."""
        for name in names:
            for width in WIDTHS:
                for scheme in SCHEMES:
                    with self.subTest(page=name, width=width, scheme=scheme):
                        check(self.open(name, width, scheme), name, width, scheme)

    def test_asks_for_nothing_says_nothing_and_fits_its_width(self):
        def check(page, name, width, scheme):
            self.assertEqual(page.requests(), ["file://" + self.paths[name]])
            self.assertEqual(page.complaints(), [])
            for folded in (True, False):
                if not folded:
                    page.ask("document.querySelectorAll('details').forEach(e => e.open = true)")
                wide = page.ask("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
                self.assertLessEqual(wide, width, f"folded: {folded}")
            pictures = os.environ.get("OUTLAST_PICTURES")
            if pictures:
                page.ask("document.querySelectorAll('details').forEach(e => e.open = false)")
                page.picture(os.path.join(pictures, f"{name}-{width}-{scheme}.png"))

        self.each(check)

    def test_every_text_has_a_contrast_of_four_and_a_half(self):
        def check(page, name, width, scheme):
            page.ask("document.querySelectorAll('details').forEach(e => e.open = true)")
            least = json.loads(page.ask(CONTRAST))
            self.assertGreaterEqual(least[0], 4.5, least)

        self.each(check, ("rich", "hostile", "empty"))

    def test_schemes_differ_and_paper_is_light(self):
        ground = "getComputedStyle(document.documentElement).backgroundColor"
        light = self.open("rich").ask(ground)
        page = self.open("rich", scheme="dark")
        self.assertNotEqual(page.ask(ground), light)
        page.send("Emulation.setEmulatedMedia", media="print",
                  features=[{"name": "prefers-color-scheme", "value": "dark"}])
        self.assertEqual(page.ask(ground), "rgb(255, 255, 255)")
        self.assertEqual(page.ask("getComputedStyle(document.querySelector('nav')).display"), "none")
        self.assertEqual(page.ask("getComputedStyle(document.body).color"), self.open("rich").ask("getComputedStyle(document.body).color"))
        # Short tables are on paper though nobody unfolded them.
        shown = "document.querySelector('#tokens-table').checkVisibility({contentVisibilityAuto: true})"
        self.assertTrue(page.ask(shown))
        if os.environ.get("OUTLAST_PICTURES"):
            self.open("rich").pdf(os.path.join(os.environ["OUTLAST_PICTURES"], "rich.pdf"))

    def test_tab_reaches_every_link_fold_and_scrolled_region(self):
        def check(page, name, width, scheme):
            page.ask("document.querySelectorAll('details').forEach((e, i) => e.open = i % 2 == 0)")
            reachable = json.loads(page.ask(REACHABLE))
            reached = []
            for _ in reachable:
                page.press_tab()
                shown, style, outline = json.loads(page.ask(FOCUSED))
                reached.append(shown)
                self.assertNotEqual(style, "none", shown)
                self.assertGreaterEqual(outline, 2, shown)
            self.assertEqual(reached, reachable)

        self.each(check, ("rich", "empty"))

    def test_is_meaningful_without_scripts(self):
        with open(self.paths["rich"], encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn("<script", text)
        self.assertNotRegex(text, r"\b(https?:)?//(?!www\.w3\.org/2000/svg)[a-z]")
        page = self.open("rich", scripts=False)
        names = {}
        for node in page.send("Accessibility.getFullAXTree")["nodes"]:
            if not node.get("ignored"):
                names.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
        self.assertEqual(names["heading"][0], "Tokens and jobs")
        for part in ("Tokens to look after", "Generations of tokens", "Durations of jobs", "Failures by class",
                     "Calendar of ends"):
            self.assertIn(part, names["heading"])
        for drawing in ("Generations of tokens and the jobs that used them", "Durations of release",
                        "Failures by class over time", "Days on which tokens end"):
            self.assertIn(drawing, names.get("image", []) + names.get("img", []))
        text = " ".join(names["StaticText"])
        for word in ("in doubt", "refused", "a job will fail", "no end", "gitlab-rotate"):
            self.assertIn(word, text)

    def test_structure_names_and_tables(self):
        for name in FILLS:
            with self.subTest(page=name):
                page = json.loads(self.open(name).ask(STRUCTURE))
                self.assertEqual(page["lang"], "en")
                self.assertEqual(page["landmarks"], [1, 1, 1, 1])
                self.assertEqual(page["headings"].count(1), 1)
                self.assertEqual(page["headings"][0], 1)
                for before, after in zip(page["headings"], page["headings"][1:]):
                    self.assertLessEqual(after, before + 1)
                self.assertEqual(len(page["ids"]), len(set(page["ids"])))
                self.assertLessEqual(set(page["named"]), set(page["ids"]))
                self.assertLessEqual({link[1:] for link in page["links"]}, set(page["ids"]))
                self.assertEqual((page["regions"], page["nameless"], page["tables"]), (0, 0, 0))
                self.assertEqual(page["drawn"], page["tabled"])
                for drawing in page["drawings"]:
                    self.assertEqual(drawing, ["title", "desc", True, True])

    def test_names_from_elsewhere_are_text_and_nothing_else(self):
        page = json.loads(self.open("hostile").ask(STRUCTURE))
        self.assertLessEqual(set(page["tags"]), TAGS)
        self.assertEqual([name for name in page["attributes"] if name.startswith("on") or name in ("src", "style")], [])
        for shown in ("<script>alert(1)</script>", "nuit 🌙🚀 élan", "שלום עולם", "{{name}} {{{style}}}", "a\\u{202E}gnp.exe",
                      "\\u{1B}[31m"):
            self.assertIn(shown, page["text"])
        with open(self.paths["hostile"], encoding="utf-8") as file:
            text = file.read()
        self.assertEqual([c for c in text if (c < " " and c != "\n") or c in "\u202e\u2066\u2067\u2028"], [])

    def test_a_large_store_gives_a_page_that_is_bounded_and_says_so(self):
        self.assertLess(self.replies["much"]["bytes"], 2_000_000)
        left_out = self.replies["much"]["left_out"]
        self.assertTrue(any("newest 2000 jobs" in sentence for sentence in left_out), left_out)
        self.assertTrue(any("jobs that ran less often" in sentence for sentence in left_out), left_out)
        text = json.loads(self.open("much").ask(STRUCTURE))["text"]
        for sentence in left_out:
            self.assertIn(sentence, text)


if __name__ == "__main__":
    unittest.main()
