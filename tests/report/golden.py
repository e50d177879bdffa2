#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the reports of the stories (story.c) against tests/report/golden and docs/schema.

    golden.py check PRINT GOLDEN_DIR DOCS_DIR     every report, its golden copy, its schema, its width
    golden.py update PRINT GOLDEN_DIR DOCS_DIR    writes the golden copies anew: read the difference
    golden.py schema DOCS_DIR                     shows that the schemas refuse what they should
"""
import copy
import csv
import glob
import io
import json
import os
import subprocess
import sys
import unicodedata

import jsonschema

import page

STORIES = ["completed", "busy", "day", "selection", "nothing", "no-packet", "hostile", "long",
           "flapping", "two-pollers", "unanswered", "formulas", "markup"]
GOLDEN = (["%s.calls.text" % story for story in STORIES]
          + ["day.messages.text", "hostile.messages.ascii", "day.summary.text", "any.http.text",
             "hostile.calls.ascii", "busy.calls.color", "day.calls.json", "busy.calls.ndjson",
             "busy.messages.json", "busy.messages.ndjson", "day.summary.json", "day.summary.ndjson",
             "any.http.json", "any.http.ndjson", "day.calls.csv", "formulas.calls.csv",
             "hostile.messages.csv", "any.http.csv", "day.calls.html", "markup.calls.html",
             "nothing.calls.html"])
WIDTH = 80
NOISES = 40  # stories of random texts and times


def everything():
    for story in STORIES:
        for view in ("calls", "messages", "summary"):
            for form in ("text", "ascii", "color", "json", "ndjson"):
                yield story, view, form
        for view in ("calls", "messages"):
            yield story, view, "csv"
        yield story, "calls", "html"
    for number in range(NOISES):
        for form in ("csv", "html"):
            yield "noise%d" % number, "calls", form
    for form in ("text", "ascii", "color", "json", "ndjson", "csv"):
        yield "any", "http", form


def run(printer, story, view, form):
    done = subprocess.run([printer, story, view, form], capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit("report_print %s %s %s: exit status %d\n%s" % (
            story, view, form, done.returncode, done.stderr.decode()))
    return done.stdout.decode("utf-8")  # anything else is a mistake in itself


# ---- text ----

def columns(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def without_colors(text):
    for code in ("0", "1", "2", "31", "32", "33"):
        text = text.replace("\x1b[%sm" % code, "")
    return text


def check_text(text, form):
    if form == "color":
        text = without_colors(text)
    for number, line in enumerate(text.split("\n"), 1):
        if columns(line) > WIDTH:
            yield "line %d is %d columns wide" % (number, columns(line))
        if line != line.rstrip():
            yield "line %d ends in a space" % number
        for c in line:
            if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp"):
                yield "line %d has U+%04X" % (number, ord(c))
            if form == "ascii" and c > "~":
                yield "line %d has U+%04X and should be ASCII" % (number, ord(c))
    if not text.endswith("\n"):
        yield "the last line does not end"


# ---- JSON ----

def once(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key stands twice: %s" % keys)
    return dict(pairs)


def read_json(text):
    return json.loads(text, object_pairs_hook=once)


def load_schema(docs, name):
    with open(os.path.join(docs, "schema", name + ".json"), encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def check_json(text, form, validator):
    for c in text:
        if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp"):
            yield "U+%04X is not escaped" % ord(c)
    for value in [text] if form == "json" else text.splitlines():
        for error in validator.iter_errors(read_json(value)):
            yield "%s: %s" % ("/".join(map(str, error.absolute_path)), error.message[:200])


# ---- CSV ----

FORMULA = tuple("=+-@\t\r") + ("\uff1d", "\uff0b", "\uff0d", "\uff20")
DIALLED = ["'=1+1", "'+15550100", "'-2", "'@SUM(A1)", "''=1", "'\xa0=1", "\\x0b=1", "a\\x0d\\x0a=1",
           "a,b", 'a"b', "a;b", "'\uff1d1", "00441", '"quoted"', '\'=HYPERLINK("http://x.example","y")']


def check_csv(text, story, view):
    """Read as a program would, no field is one that a spreadsheet would run."""
    if not text.endswith("\r\n") or "\r" in text.replace("\r\n", "") or "\n" in text.replace("\r\n", ""):
        yield "a line does not end in CR LF"
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    for row in rows:
        if len(row) != len(head):
            yield "%d fields and not %d: %s" % (len(row), len(head), row)
        for name, field in zip(head, row):
            number = name.endswith("_s") and field.lstrip("-").replace(".", "", 1).isdigit()
            if field.lstrip().startswith(FORMULA) and not number:
                yield "%s is a formula: %s" % (name, ascii(field))
            for c in field:
                if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp"):
                    yield "%s has U+%04X" % (name, ord(c))
    if story == "formulas":
        told = [row[head.index("dial_string")] for row in rows]
        if told != DIALLED:
            yield "%s reads back as %s" % (view, ascii(told))


def check_example(golden, docs):
    """The text shown in docs/formats.md is what the program writes."""
    with open(os.path.join(docs, "formats.md"), encoding="utf-8") as f:
        example = f.read().split("\n```\n")[1]
    with open(os.path.join(golden, "completed.calls.text"), encoding="utf-8") as f:
        if not example or not f.read().startswith(example):
            yield "docs/formats.md shows another text than completed.calls.text"


def check(printer, golden, docs):
    wrong, count = [], 0
    for story, view, form in everything():
        text = run(printer, story, view, form)
        where = "%s.%s.%s" % (story, view, form)
        count += 1
        if form in ("json", "ndjson"):
            name = view if form == "json" else view + "-line"
            wrong += ["%s: %s" % (where, e) for e in check_json(text, form, load_schema(docs, name))]
        elif form == "html":
            calls = json.loads(run(printer, story, view, "json"))["calls"]
            wrong += ["%s: %s" % (where, e) for e in page.check(text)]
            wrong += ["%s: %s" % (where, e) for e in page.check_timeline(text, calls)]
            text = page.without_assets(text)
        elif form == "csv":
            wrong += ["%s: %s" % (where, e) for e in check_csv(text, story, view)]
        else:
            wrong += ["%s: %s" % (where, e) for e in check_text(text, form)]
        if where in GOLDEN:
            with open(os.path.join(golden, where), encoding="utf-8", newline="") as f:
                if f.read() != text:
                    wrong.append("%s differs from its golden copy" % where)
    wrong += check_example(golden, docs)
    kept = sorted(os.path.basename(path) for path in glob.glob(os.path.join(golden, "*")))
    if kept != sorted(GOLDEN):
        wrong.append("golden copies and list differ: %s" % (set(kept) ^ set(GOLDEN)))
    return wrong, count


def update(printer, golden):
    for where in GOLDEN:
        with open(os.path.join(golden, where), "w", encoding="utf-8", newline="") as f:
            text = run(printer, *where.split("."))
            f.write(page.without_assets(text) if where.endswith(".html") else text)
    return [], len(GOLDEN)


# ---- the schemas themselves ----

GOOD_LINE = {
    "type": "http", "kind": "req", "src": "10.0.0.1:80", "dst": "[2001:db8::1]:443", "first": 1,
    "last": 2, "method": "GET", "uri": "/", "status": None, "version": "HTTP/1.1",
    "framing": "none", "coding": [], "enc_len": 0, "body_len": None, "body_sha256": None,
    "complete": True, "tls": None}


def definitions(schema):
    """{name: {key: what it is}} of the objects in a schema; what only lines have is left out."""
    found = {name: part for name, part in schema["$defs"].items()}
    for part in schema.get("oneOf", [schema]):
        if "type" in part.get("properties", {}):
            plain = copy.deepcopy(part)
            name = plain["properties"].pop("type")["const"]
            if name == "exchange":
                del plain["properties"]["run"]
            plain["required"] = [k for k in plain["required"] if k in plain["properties"]]
            if "run" in plain["properties"]:
                name += " of a run"
            found[name] = {key: plain[key] for key in plain if not key.startswith("$")}
    return found


def keys_of(node):
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield from node["properties"]
        for value in node.values():
            yield from keys_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from keys_of(value)


def open_objects(node, path):
    """Objects that would let an unknown key pass."""
    if isinstance(node, dict):
        if "properties" in node and "type" in node and node.get("additionalProperties") is not False:
            yield path
        for key, value in node.items():
            yield from open_objects(value, path + "/" + key)
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from open_objects(value, "%s/%d" % (path, i))


def check_schemas(docs):
    wrong, seen = [], {}
    with open(os.path.join(docs, "formats.md"), encoding="utf-8") as f:
        told = f.read()
    paths = sorted(glob.glob(os.path.join(docs, "schema", "*.json")))
    for path in paths:
        name = os.path.basename(path)
        schema = load_schema(docs, name[:-len(".json")]).schema
        wrong += ["%s: %s is open" % (name, place) for place in open_objects(
            {k: v for k, v in schema.items()}, "")]
        for part, what in definitions(schema).items():
            what = {k: v for k, v in what.items() if k not in ("title", "description")}
            if seen.setdefault(part, what) != what:
                wrong.append("%s: %s is not what it is in other schemas" % (name, part))
        wrong += ["%s: docs/formats.md does not tell of `%s`" % (name, key)
                  for key in sorted(set(keys_of(schema))) if "`%s`" % key not in told]
    wrong += refused(load_schema(docs, "http-line"))
    return wrong, len(paths)


def refused(validator):
    """Every key missing, an unknown one, and values of the wrong kind."""
    if not validator.is_valid(GOOD_LINE):
        yield "http-line: a good line is refused"
    bad = [{key: GOOD_LINE[key] for key in GOOD_LINE if key != left_out} for left_out in GOOD_LINE]
    bad += [{**GOOD_LINE, "extra": 1}, {**GOOD_LINE, "src": "nowhere"},
            {**GOOD_LINE, "first": 0}, {**GOOD_LINE, "framing": "odd"},
            {**GOOD_LINE, "body_sha256": "E3"}, {**GOOD_LINE, "type": "call"}]
    for line in bad:
        if validator.is_valid(line):
            yield "http-line: accepted %s" % line


def main():
    if sys.argv[1:2] == ["check"] and len(sys.argv) == 5:
        wrong, count = check(*sys.argv[2:])
    elif sys.argv[1:2] == ["update"] and len(sys.argv) == 5:
        wrong, count = update(*sys.argv[2:4])
    elif sys.argv[1:2] == ["schema"] and len(sys.argv) == 3:
        wrong, count = check_schemas(sys.argv[2])
    else:
        sys.exit(__doc__)
    for line in wrong:
        print(line)
    print("%d looked at, %d wrong" % (count, len(wrong)))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
