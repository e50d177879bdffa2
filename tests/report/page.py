# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds an HTML report against what it promises: well-formed, no markup but ours, nothing that
would fetch or run anything else, labels for who does not see it."""
import base64
import datetime
import hashlib
import html.parser
import re

ELEMENTS = set("""html head meta title style body a header h1 h2 h3 h4 ul li span b dl div dt dd main
    section p button svg text line g rect path table caption thead tr th tbody td label input details
    summary figure code article em strong footer script""".split())
VOID = {"meta", "input", "rect", "path", "line"}
ATTRIBUTES = set("""lang charset http-equiv content name id class href tabindex role aria-label
    aria-labelledby aria-hidden aria-sort hidden type for placeholder autocomplete spellcheck scope
    colspan height width viewBox preserveAspectRatio transform x y x1 x2 y1 y2 d""".lower().split())
ONCE = re.compile(r"<style>(.*?)</style>.*<script>(.*?)</script>\n</body>", re.S)


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.count = [], [], {}
        self.ids, self.targets, self.policy = [], [], ""
        self.raw = ""

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag not in ELEMENTS:
            self.wrong.append("an element <%s>" % tag)
        for name in given:
            if name not in ATTRIBUTES and not name.startswith("data-"):
                self.wrong.append("an attribute %s of <%s>" % (name, tag))
        if "id" in given:
            self.ids.append(given["id"])
        if "href" in given:
            self.targets.append(given["href"])
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        self.check_labels(tag, given)
        if tag not in VOID:
            self.open.append(tag)

    def check_labels(self, tag, given):
        if tag == "svg" and "aria-hidden" not in given and not (
                given.get("role") == "img" and given.get("aria-label")):
            self.wrong.append("a picture without a label")
        if tag == "th" and "scope" not in given:
            self.wrong.append("a heading without a scope")
        if tag == "section" and "aria-labelledby" not in given:
            self.wrong.append("a section without a label")
        if self.open and self.open[-1] == "table" and self.count["table"] != self.count.get("caption"):
            self.wrong.append("a table without a caption")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append("</%s> where it does not belong" % tag)

    def handle_comment(self, data):
        self.wrong.append("a comment")

    def unknown_decl(self, data):
        self.wrong.append("a declaration")


def digest(text):
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def check(text):
    """What is wrong with a page, line by line."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    yield from reader.wrong
    if reader.open:
        yield "left open: %s" % reader.open
    for tag in ("style", "script", "main", "header", "footer", "h1"):
        if reader.count.get(tag) != 1:
            yield "%s <%s>" % (reader.count.get(tag), tag)
    if len(reader.ids) != len(set(reader.ids)):
        yield "an id stands twice"
    for target in reader.targets:
        if not target.startswith("#") or target[1:] not in reader.ids:
            yield "a link to %s" % ascii(target)
    style, script = ONCE.search(text).groups()
    wanted = ("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'"
              % (digest(style), digest(script)))
    if reader.policy != wanted:
        yield "the policy is %s" % reader.policy
    for c in set(without_assets(text)):
        if c < " " and c != "\n" or "\x7f" <= c <= "\x9f" or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2069":
            yield "U+%04X" % ord(c)


def without_assets(text):
    """The page without style, script and their digests, which have files of their own."""
    text = re.sub(r"<style>.*?</style>", "<style></style>", text, count=1, flags=re.S)
    text = re.sub(r"<script>.*?</script>\n</body>", "<script></script>\n</body>", text, flags=re.S)
    return re.sub(r"'sha256-[^']*'", "'sha256-'", text, count=2)


# ---- the timeline ----

LANE = re.compile(r'<g class="([a-z-]+)" data-call="(\d+)" transform="translate\(0 (\d+)\)">(.*?)</g>\n', re.S)
SPAN = re.compile(r'<g class="c\d"><title>(.*?)</title>(.*?)</g>', re.S)
RECT = re.compile(r'<rect class="([bsei])" x="(-?\d+)" y="(\d+)" width="(-?\d+)" height="(\d+)"/>')


def ms_of(time):
    day, clock = time[:10], time[11:-1]
    seconds = datetime.datetime.fromisoformat(day + "T" + clock[:8] + "+00:00").timestamp()
    return seconds * 1000 + float(clock[8:]) * 1000


def wanted_bars(span):
    """{kind: (from, to, top, height)} of a state, times as JSON tells them."""
    bars = {}
    if span["began_after"]:
        bars["b"] = (span["began_after"], span["began_by"], "10", "7")
    if span["ended_after"] > span["began_by"]:
        bars["s"] = (span["began_by"], span["ended_after"], "3", "14")
    elif not (span["began_after"] and span["ended_by"]) and not (
            span["state"] == "Disconnected" and not span["ended_by"]):
        bars["i"] = (span["ended_after"], span["began_by"], "3", "14")
    if span["ended_by"]:
        bars["e"] = (span["ended_after"], span["ended_by"], "3", "7")
    return bars


def check_timeline(text, calls):
    """The bars of the timeline against the bounds that JSON tells."""
    head = re.search(r'<svg class="bars" height="(\d+)" viewBox="0 0 (\d+) (\d+)".*?'
                     r'data-first="([0-9.-]+)" data-unit="([0-9.e+-]+)"', text)
    if not head:
        if calls:
            yield "no timeline"
        return
    first, unit = float(head[4]), float(head[5])
    if re.search(r'<rect [^>]*width="(0|-\d+)"', text):
        yield "a bar that is not drawn"
    lanes = LANE.findall(text)
    if len(lanes) != len(calls) or int(head[1]) != 20 * len(calls):
        yield "%d lanes for %d calls" % (len(lanes), len(calls))
    for place, (lane, call) in enumerate(zip(lanes, calls)):
        outcome, number, y, drawn = lane
        if (outcome, int(number), int(y)) != (call["outcome"], call["number"], 20 * place):
            yield "lane %d is that of call %s" % (place, number)
        spans = SPAN.findall(drawn)
        if len(spans) != len(call["spans"]):
            yield "call %s has %d states drawn" % (number, len(spans))
        for (_, bars), span in zip(spans, call["spans"]):
            told = {kind: (int(x), int(x) + int(w), top, height)
                    for kind, x, top, w, height in RECT.findall(bars)}
            wanted = wanted_bars(span)
            if set(told) != set(wanted):
                yield "call %s, %s: %s drawn, not %s" % (number, ascii(span["state"]), told, wanted)
                continue
            for kind, (start, end, top, height) in wanted.items():
                places = [(ms_of(time) - first) / unit for time in (start, end)]
                if (abs(told[kind][0] - places[0]) > 1.1 or abs(told[kind][1] - places[1]) > 2.1
                        or told[kind][2:] != (top, height)):
                    yield "call %s: %s is at %s, not at %s" % (number, kind, told[kind], places)
