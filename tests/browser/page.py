#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The HTML report in a real Chromium: what stands in it, what its controls do, and that text of a
capture stays text.

    page.py REPORT_PRINT UMTRACE MAKER PROJECT [unittest options]"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

from chromium import Chromium

PRINT, UMTRACE, MAKER, PROJECT = (os.path.abspath(path) for path in sys.argv[1:5])
del sys.argv[1:5]
STORIES = ("completed", "busy", "day", "selection", "nothing", "no-packet", "hostile", "long",
           "flapping", "two-pollers", "unanswered", "formulas", "markup")
SKIP = 77


def story(name, form):
    return subprocess.run([PRINT, name, "calls", form], stdout=subprocess.PIPE, check=True).stdout


def sample(name):
    return os.path.join(PROJECT, "samples", "captures", name + ".pcap")


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Chromium()
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.folder.cleanup()

    def write(self, content):
        path = os.path.join(self.folder.name, "page.html")
        with open(path, "wb") as f:
            f.write(content)
        return path

    def open(self, content, **options):
        page = self.browser.open(self.write(content), **options)
        self.addCleanup(page.close)
        return page

    def open_crowd(self, **options):
        path = os.path.join(self.folder.name, "crowd.html")
        if not os.path.exists(path):
            subprocess.run([UMTRACE, "-F", "html", "-o", path, sample("crowd")], check=True)
        page = self.browser.open(path, **options)
        self.addCleanup(page.close)
        return page

    def assert_quiet(self, page):
        page.gather()
        self.assertEqual(page.complaints, [])
        self.assertEqual([url for url in page.requests if not url.endswith(".html")], [])

    # ---- what stands in it ----

    def test_every_call_is_in_table_timeline_and_blocks(self):
        for name in STORIES:
            with self.subTest(name):
                calls = json.loads(story(name, "json"))["calls"]
                wanted = [[str(call["number"]), call["outcome"]] for call in calls]
                page = self.open(story(name, "html"))
                for parts in ("#calls tbody tr", ".lanes .bars > g[data-call]"):
                    told = page.run("[...document.querySelectorAll('%s')].map(p => [p.dataset.call, "
                                    "p.getAttribute('class')])" % parts)
                    self.assertEqual(told, wanted)
                blocks = page.run("[...document.querySelectorAll('details.call')].map(p => "
                                  "[p.dataset.call, p.classList[1]])")
                self.assertEqual(blocks, wanted)
                self.assert_quiet(page)

    def test_summary_states_and_exchanges_are_those_of_json(self):
        call = json.loads(story("day", "json"))["calls"][1]
        page = self.open(story("day", "html"))
        body = "document.querySelector('#call-2')."
        self.assertEqual(page.run(body + "querySelector('.told').textContent"), call["summary"])
        self.assertEqual(page.run("[..." + body + "querySelectorAll('.spans tbody th')]"
                                  ".map(t => t.textContent)"),
                         [span["state"] for span in call["spans"]])
        self.assertEqual(page.run(body + "querySelectorAll('.exchanges tbody tr').length"),
                         call["exchanges"])
        self.assertEqual(page.run(body + "querySelector('.filter').textContent"),
                         "frame.number in {13..18}")

    def test_every_sample_is_quiet(self):
        for name in ("rejected", "ews", "two-hops", "xml-malformed", "unrelated", "truncated",
                     "one-direction", "orphan-reply", "poll-storm"):
            out = subprocess.run([UMTRACE, "-F", "html", sample(name)], stdout=subprocess.PIPE,
                                 check=False)
            with self.subTest(name):
                self.assertIn(out.returncode, (0, 3))
                self.assert_quiet(self.open(out.stdout))

    # ---- text stays text ----

    def test_text_of_the_capture_is_not_run(self):
        for name in ("markup", "hostile"):
            for script in (True, False):
                page = self.open(story(name, "html"), script=script)
                self.assertEqual(page.run("document.title"), "Calls in monday.pcap")
                self.assertEqual(page.run("document.querySelectorAll('img, #owned, iframe').length"), 0)
                self.assertEqual(page.run("document.scripts.length"), 1)
                self.assert_quiet(page)

    def test_policy_would_stop_what_slipped_through(self):
        text = story("completed", "html").replace(
            b"<main>", b"<main><script>document.title = 'owned'</script>"
            b"<p id=styled style='color: rgb(1, 2, 3)' onclick='document.title = 1'>x</p>"
            b"<img src='data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='><style>h1 { color: rgb(1, 2, 3) }</style>")
        page = self.open(text)
        page.run("document.querySelector('#styled').click()")
        self.assertEqual(page.run("document.title"), "Calls in monday.pcap")
        for place in ("#styled", "h1"):
            color = page.run("getComputedStyle(document.querySelector('%s')).color" % place)
            self.assertNotEqual(color, "rgb(1, 2, 3)")
        page.gather()
        self.assertGreaterEqual(len(page.complaints), 4)
        self.assertEqual(page.run("document.querySelector('img').naturalWidth"), 0)

    # ---- table ----

    def rows(self, page):
        return page.run("[...document.querySelectorAll('#calls tbody tr')]"
                        ".filter(r => !r.hidden).map(r => r.dataset.call)")

    def lanes(self, page):
        """Calls from the top lane down."""
        return page.run("[...document.querySelectorAll('.lanes .bars > g[data-call]')]"
                        ".filter(g => !g.hasAttribute('hidden'))"
                        ".map(g => [g.transform.baseVal[0].matrix.f, g.dataset.call])"
                        ".sort((a, b) => a[0] - b[0]).map(g => g[1])")

    def sort_by(self, page, column):
        page.run("document.querySelectorAll('#calls thead button')[%d].click()" % column)
        return page.run("document.querySelectorAll('#calls thead th')[%d].ariaSort" % column)

    def test_table_sorts_and_the_timeline_follows(self):
        calls = json.loads(story("day", "json"))["calls"]
        page = self.open(story("day", "html"))
        first = [str(call["number"]) for call in calls]
        self.assertEqual(self.sort_by(page, 0), "descending")
        self.assertEqual(self.rows(page), first[::-1])
        self.assertEqual(self.lanes(page), first[::-1])
        self.assertEqual(self.sort_by(page, 6), "ascending")
        polls = sorted(calls, key=lambda call: (call["polls"], call["number"]))
        self.assertEqual(self.rows(page), [str(call["number"]) for call in polls])
        self.assertEqual(page.run("document.querySelectorAll('[aria-sort]').length"), 1)
        self.assert_quiet(page)

    def type(self, page, text):
        page.run("(find => { find.value = %s; find.dispatchEvent(new Event('input')); })"
                 "(document.querySelector('#find'))" % json.dumps(text))

    def test_table_filters_by_words_and_outcome(self):
        page = self.open(story("day", "html"))
        self.type(page, "DIALING")
        self.assertEqual((self.rows(page), self.lanes(page)), (["3"], ["3"]))
        self.assertEqual(page.run("document.querySelector('#count').textContent"), "1 of 8 calls")
        self.assertEqual(page.run("[...document.querySelectorAll('details.call')]"
                                  ".filter(d => !d.hidden).length"), 1)
        self.type(page, "0c1d2e3f0002 busy")
        self.assertEqual(self.rows(page), ["2"])
        self.type(page, "call-open-at-end")
        self.assertEqual(self.rows(page), ["5", "8"])
        page.run("document.querySelector('#clear').click()")
        self.assertEqual(len(self.rows(page)), 8)
        tile = "document.querySelector('#tiles button[data-outcome=unknown]')."
        page.run(tile + "click()")
        self.assertEqual(self.rows(page), ["6", "7"])
        self.assertEqual(page.run(tile + "ariaPressed"), "true")
        page.run(tile + "click()")
        self.assertEqual(len(self.rows(page)), 8)
        self.type(page, "nothing has this")
        self.assertEqual(self.rows(page), [])
        self.assert_quiet(page)

    def test_a_reason_for_trouble_leads_to_its_calls(self):
        page = self.open_crowd()
        group = "document.querySelectorAll('.trouble li')[1]."
        self.assertIn("50 \u2715 failed: NoAnswer (nobody answered)", page.run(group + "textContent"))
        page.run(group + "querySelector('button').click()")
        self.assertEqual(self.rows(page), [str(n) for n in range(3, 200, 4)])
        self.assertEqual(self.lanes(page), self.rows(page))
        self.assert_quiet(page)

    # ---- timeline ----

    def view(self, page):
        page.settle()
        return [float(n) for n in page.run("document.querySelector('.lanes .bars')"
                                           ".getAttribute('viewBox')").split()]

    def test_timeline_zooms_by_button_key_wheel_and_drag(self):
        page = self.open_crowd()
        whole = self.view(page)
        page.run("document.querySelector('[data-zoom=in]').click()")
        half = self.view(page)
        self.assertAlmostEqual(half[2], whole[2] / 2, delta=1)
        self.assertAlmostEqual(half[0], whole[2] / 4, delta=1)
        page.run("document.querySelector('#lanes').focus()")
        page.key("ArrowRight")
        self.assertGreater(self.view(page)[0], half[0])
        page.key("+", text="+")
        self.assertAlmostEqual(self.view(page)[2], half[2] / 2, delta=1)
        x, y = self.middle(page, ".lanes .bars")
        page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-100, modifiers=2)
        self.assertLess(self.view(page)[2], half[2] / 2)
        before = self.view(page)
        page.mouse("mousePressed", x, y, button="left", clickCount=1)
        page.mouse("mouseMoved", x - 100, y, button="left", buttons=1)
        page.mouse("mouseReleased", x - 100, y, button="left", clickCount=1)
        self.assertGreater(self.view(page)[0], before[0])
        self.assertEqual(page.run("location.hash"), "")
        page.run("document.querySelector('[data-zoom=all]').click()")
        self.assertEqual(self.view(page), whole)
        self.assert_quiet(page)

    def test_timeline_fits_the_calls_that_the_filter_leaves(self):
        page = self.open_crowd()
        whole = self.view(page)
        self.type(page, "5550007")
        page.run("document.querySelector('[data-zoom=fit]').click()")
        seen = self.view(page)
        self.assertLess(seen[2], whole[2] / 3)
        edges = page.run("(box => [...document.querySelectorAll('.lanes [data-call=\"25\"] rect')]"
                         ".map(r => r.getBoundingClientRect()).flatMap(r => [(r.left - box.left) / "
                         "box.width, (r.right - box.left) / box.width]))(document.querySelector("
                         "'.lanes .bars').getBoundingClientRect())")
        self.assertAlmostEqual(min(edges), 0.02, delta=0.01)
        self.assertAlmostEqual(max(edges), 0.98, delta=0.01)
        self.assert_quiet(page)

    def test_axis_made_by_the_script_is_that_of_the_page(self):
        for name in ("completed", "long", "day", "two-pollers"):
            ticks = []
            for script in (False, True):
                page = self.open(story(name, "html"), script=script)
                if script:
                    page.run("document.querySelector('[data-zoom=all]').click()")
                    page.settle()
                ticks.append(page.run("[...document.querySelectorAll('.lanes > .axis text')]"
                                      ".map(t => [t.textContent + ' ' + t.getAttribute('class'), "
                                      "Math.round(t.x.baseVal[0].value)])"))
            self.assertGreater(len(ticks[0]), 1)
            self.assertEqual([t for t, _ in ticks[0]], [t for t, _ in ticks[1]])
            for (_, a), (_, b) in zip(*ticks):
                self.assertLessEqual(abs(a - b), 1)

    # The labels of every axis in sight, and the trouble that they have.
    LABELS = """(() => {
      const told = [];
      for (const axis of document.querySelectorAll('.axis')) {
        if (!axis.checkVisibility()) continue;
        const edge = axis.getBoundingClientRect();
        const texts = [...axis.querySelectorAll('text')].filter(t => t.checkVisibility());
        const boxes = texts.map(t => t.getBoundingClientRect()).sort((a, b) => a.left - b.left);
        told.push({ texts: texts.map(t => t.textContent),
          near: boxes.filter((box, i) => i > 0 && box.left < boxes[i - 1].right + 2).length,
          cut: boxes.filter(box => box.left < edge.left || box.right > edge.right).length }); }
      return told; })()"""

    def test_axis_labels_have_room_at_every_width(self):
        for name, script in ((n, s) for n in ("busy", "rejected", "morning") for s in (True, False)):
            out = subprocess.run([UMTRACE, "-F", "html", sample(name)], stdout=subprocess.PIPE,
                                 check=True)
            page = self.open(out.stdout, script=script)
            page.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
            for zoom in range(6 if script else 1):
                if zoom:
                    page.run("document.querySelector('[data-zoom=in]').click()")
                for width in (320, 375, 600, 768, 1024, 1280):
                    page.resize(width)
                    if script:
                        page.settle()
                    with self.subTest(name, script=script, zoom=zoom, width=width):
                        axes = page.run(self.LABELS)
                        self.assertTrue(axes)
                        self.assertEqual([a for a in axes if a["near"] or a["cut"]], [])
                        self.assertEqual([a for a in axes if not a["texts"]], [])

    def middle(self, page, place):
        """Where the middle of a thing is on the screen, scrolled into view."""
        return page.run("(box => [box.left + box.width / 2, Math.max(box.top, 0) + 90])"
                        "((part => { part.scrollIntoView(); return part.getBoundingClientRect(); })"
                        "(document.querySelector('%s')))" % place)

    def test_pointing_tells_the_call_and_a_click_opens_it(self):
        page = self.open_crowd()
        x, y = page.run("(box => [box.left + 3, box.top + box.height / 2])((part => { "
                        "part.scrollIntoView({block: 'center'}); return part.getBoundingClientRect(); })"
                        "(document.querySelector('.lanes .bars > [data-call=\"4\"] .e')))")
        page.mouse("mouseMoved", x, y)
        said = page.run("document.querySelector('#where').textContent")
        self.assertRegex(said, r"^18:33:2\d\.\d\d\d  Connecting, lasted .* Call 4 to 5580001")
        page.click(x, y)
        page.settle()
        self.assertEqual(page.run("location.hash"), "#call-4")
        self.assertTrue(page.run("document.querySelector('details[data-call=\"4\"]').open"))
        top = page.run("document.querySelector('#call-4').getBoundingClientRect().top")
        self.assertTrue(0 <= top < 300, top)
        self.assert_quiet(page)

    # ---- filters to copy ----

    def test_filters_are_copied(self):
        self.browser.call("Browser.grantPermissions",
                          permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        page = self.open_crowd()
        page.call("Page.bringToFront")
        page.run("location.hash = '#call-2'")
        page.settle()
        wanted = page.run("[...document.querySelectorAll('#call-2 .filter')].map(f => f.textContent)")
        wanted.append("frame.number in {9, 33}")
        copied = []
        for place in (".filters .copy", ".filters div:nth-child(2) .copy", ".exchanges .copy"):
            x, y = page.run("(box => [box.left + 5, box.top + 5])((part => { "
                            "part.scrollIntoView({block: 'center'}); return part."
                            "getBoundingClientRect(); })(document.querySelector('#call-2 %s')))" % place)
            page.click(x, y)
            page.settle()
            copied.append(page.run("navigator.clipboard.readText()"))
        self.assertEqual(len(wanted), 3)
        self.assertEqual(copied, wanted)
        self.assert_quiet(page)

    # ---- without a script ----

    def test_without_script_all_is_there_and_links_open_calls(self):
        page = self.open_crowd(script=False)
        self.assertEqual(page.run("document.querySelectorAll('#calls tbody tr').length"), 200)
        self.assertEqual(page.run("[...document.querySelectorAll('.tools, #where, .hint')]"
                                  ".filter(p => p.offsetHeight > 0).length"), 0)
        self.assertEqual(page.run("document.querySelectorAll('button.copy').length"), 0)
        x, y = page.run("(box => [box.left + 3, box.top + 5])((part => { part.scrollIntoView({block:"
                        " 'center'}); return part.getBoundingClientRect(); })"
                        "(document.querySelector('#calls [data-call=\"7\"] a')))")
        page.click(x, y)
        page.wait_for("Page.navigatedWithinDocument")
        self.assertTrue(page.run("document.querySelector('details[data-call=\"7\"]').open"))
        self.assert_quiet(page)

    # ---- for everyone ----

    def test_keyboard_skips_to_the_table_and_shows_the_focus(self):
        page = self.open_crowd()
        page.key("Tab")
        self.assertEqual(page.run("document.activeElement.className"), "skip")
        self.assertNotEqual(page.run("getComputedStyle(document.activeElement).outlineStyle"), "none")
        page.key("Enter", text="\r")
        page.settle()
        self.assertEqual(page.run("document.activeElement.id"), "calls-section")

    def test_screen_reader_finds_landmarks_tables_and_names(self):
        page = self.open(story("day", "html"))
        page.call("Accessibility.enable")
        nodes = page.call("Accessibility.getFullAXTree")["nodes"]
        told = {}
        for node in nodes:
            if not node.get("ignored"):
                told.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
        for role in ("banner", "main", "contentinfo", "table", "searchbox", "columnheader", "rowheader"):
            self.assertIn(role, told)
        self.assertIn("Timeline", told["region"])
        self.assertIn("All calls; times in UTC", told["table"])
        self.assertEqual(told["searchbox"], ["Show calls with"])
        for role in ("button", "link", "image", "table", "region"):
            self.assertNotIn("", told.get(role, []), role)

    CONTRAST = """(() => {
      const parse = c => c.match(/[\\d.]+/g).map(Number);
      const light = c => { const [r, g, b] = parse(c).map(v => v / 255).map(
        v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const behind = e => { for (; e; e = e.parentElement) {
        const c = getComputedStyle(e).backgroundColor; if (parse(c)[3] !== 0) return c; }
        return 'rgb(255, 255, 255)'; };
      const poor = new Set();
      for (const e of document.querySelectorAll('body *')) {
        if (e.closest('svg') || !e.checkVisibility() || ![...e.childNodes].some(
            n => n.nodeType === 3 && n.data.trim())) continue;
        const a = light(getComputedStyle(e).color), b = light(behind(e));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) poor.add(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2)); }
      return [...poor]; })()"""

    def test_text_has_contrast_in_light_and_dark(self):
        grounds = set()
        for dark in (False, True):
            page = self.open(story("day", "html"), dark=dark)
            page.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
            page.settle()
            self.assertEqual(page.run(self.CONTRAST), [], "dark" if dark else "light")
            grounds.add(page.run("getComputedStyle(document.body).backgroundColor"))
        self.assertEqual(len(grounds), 2)

    def test_phone_does_not_scroll_sideways(self):
        for name in ("day", "hostile", "markup", "long"):
            page = self.open(story(name, "html"), width=360, height=740)
            page.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
            page.settle()
            self.assertLessEqual(page.run("document.documentElement.scrollWidth"), 360, name)

    def test_paper_has_no_controls_and_only_open_calls(self):
        page = self.open(story("day", "html"), media="print", dark=True)
        page.run("document.querySelector('details[data-call=\"2\"]').open = true")
        page.settle()
        self.assertEqual(page.run("[...document.querySelectorAll('.tools, .copy, .skip, #where')]"
                                  ".filter(p => p.offsetHeight > 0).length"), 0)
        self.assertEqual(page.run("[...document.querySelectorAll('details.call')]"
                                  ".filter(p => p.offsetHeight > 0).map(p => p.dataset.call)"), ["2"])
        self.assertEqual(page.run("getComputedStyle(document.body).backgroundColor"),
                         "rgb(255, 255, 255)")

    # ---- a thousand calls ----

    def test_a_thousand_calls_stay_smooth(self):
        dialogue = os.path.join(self.folder.name, "thousand.dlg")
        capture, path = dialogue[:-4] + ".pcap", dialogue[:-4] + ".html"
        with open(os.path.join(PROJECT, "samples", "dialogues", "crowd.dlg"), encoding="utf-8") as f:
            text = f.read()
        with open(dialogue, "w", encoding="utf-8") as f:
            f.write(text.replace("repeat 50 as n every 0.200", "repeat 250 as n every 3.700"))
        subprocess.run([MAKER, dialogue, capture], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([UMTRACE, "-F", "html", "-o", path, capture], check=True)
        page = self.browser.open(path)
        self.addCleanup(page.close)
        self.assertEqual(len(self.rows(page)), 1000)
        took = page.run("(async () => { const took = {load_ms: performance.now()};"
                        "const act = async (name, button) => { const start = performance.now();"
                        " button.click(); await new Promise(d => requestAnimationFrame(() => "
                        "setTimeout(d))); took[name] = Math.round(performance.now() - start); };"
                        "await act('sort_ms', document.querySelectorAll('#calls thead button')[2]);"
                        "await act('filter_ms', document.querySelectorAll('#tiles button')[1]);"
                        "await act('zoom_ms', document.querySelector('[data-zoom=in]'));"
                        "return took; })()")
        print("a thousand calls: %d bytes, loaded in %.2f s, %s" % (
            os.path.getsize(path), page.load_s, took), file=sys.stderr)
        self.assertLess(page.load_s, 30)
        for name in ("sort_ms", "filter_ms", "zoom_ms"):
            self.assertLess(took[name], 5000, name)
        self.assert_quiet(page)


if __name__ == "__main__":
    if not Chromium.is_there():
        print("there is no chromium")
        sys.exit(SKIP)
    unittest.main()
