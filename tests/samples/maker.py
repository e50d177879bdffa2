#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The maker: the captures in git are what it makes now, and its errors name file and line.

    maker.py MAKER SAMPLES_DIR
"""
import os
import subprocess
import sys
import tempfile

OPEN = "@ 0 10.0.0.1:40000 > 10.0.0.2:80 open\n"
LOOP_5 = "repeat 1 every 1\n" * 5 + OPEN + "end\n" * 5

# dialogue -> line and a part of what is said of it
ERRORS = [
    ("", "", "says nothing"),
    ("hello\n", 1, "a line begins with"),
    ("# fine\n@ now > open\n", 2, "no time"),
    ("@ 0.1234567 > lost 3\n", 1, "no time"),
    ("@ -1 > lost 3\n", 1, "no time"),
    ("@ 0 > request GetCallInfo\n", 1, "no connection is open"),
    ("@ 0 web > lost 3\n", 1, "no connection web is open"),
    ("@ 0 10.0.0.1:1 10.0.0.2:2 open\n", 1, "expected > or <"),
    ("@ 0 10.0.0.1:1 > 10.0.0:2 open\n", 1, "no address"),
    ("@ 0 10.0.0.1:1 > 10.0.0.2:65536 open\n", 1, "no address"),
    ("@ 0 10.0.0.1:1 > [2001:db8::2]:2 open\n", 1, "both ends"),
    ("@ 0 > open\n", 1, "a connection opens so"),
    ("@ 0 10.0.0.1:1 > 10.0.0.2:2 close\n", 1, "only there"),
    (OPEN + "@ 1 >\n", 2, "nothing is said"),
    (OPEN + "@ 1 > a\\q\n", 2, "an escape is"),
    (OPEN + "@ 1 > a\\x4\n", 2, "an escape is"),
    (OPEN + "@ 1 > lost many\n", 2, "number of bytes"),
    (OPEN + "@ 1 > request\n", 2, "the name of the operation"),
    (OPEN + "@ 1 > request GetCallInfo call=me\n", 2, "no id has the name me"),
    (OPEN + "@ 1 > request GetPhoneCallInformation\n", 2, "a value is missing"),
    (OPEN + "@ 1 < reply GetCallInfo Connected\n", 2, "a value is missing"),
    (OPEN + "@ 1 < reply GetCallInfo\n| {call}\n", 2, "a value is missing"),
    (OPEN + "@ 1 > request GetCallInfo colour=red\n", 2, "no such option: colour"),
    (OPEN + "@ 1 > request GetCallInfo field=\"A: b\n", 2, "a quote is not closed"),
    (OPEN + "@ 1 > request GetCallInfo coding=br\n", 2, "coding knows gzip only"),
    (OPEN + "@ 1 > request GetCallInfo chunked=0\n", 2, "a chunk has one byte"),
    (OPEN + "@ 1 > request GetCallInfo segment=0\n", 2, "a segment has 1 to 1460"),
    (OPEN + "@ 1 > request GetCallInfo segment=1461\n", 2, "a segment has 1 to 1460"),
    (OPEN + "@ 1 > request GetCallInfo cut=99999\n", 2, "cannot be cut"),
    (OPEN + "@ 1 > request GetCallInfo lose=2\n", 2, "but the message has 1 segments"),
    (OPEN + "@ 1 > request GetCallInfo late=0\n", 2, "late wants numbers"),
    (OPEN + "@ 1 > request GetCallInfo twice=1;2\n", 2, "twice wants numbers"),
    (OPEN + "@ 1 < status fine\n", 2, "three digits"),
    (OPEN + "@ 1 > close\n| body\n", 3, "no body belongs"),
    (OPEN + "@ 1 > close\n@ 2 > lost 1\n", 3, "has closed"),
    (OPEN + "@ 1 < reset\n@ 2 > lost 1\n", 3, "has closed"),
    (OPEN + "@ 1 clock back\n", 2, "clock wants seconds"),
    ("id me\n", 1, "an id is"),
    ("capture until later\n", 1, "a setting is"),
    ("capture snaplen 4294967296\n", 1, "a setting is"),
    ("repeat many every 1\n" + OPEN + "end\n", 1, "a loop is"),
    ("repeat 2 every 1\n" + OPEN, 1, "no end"),
    ("end\n", 1, "a line begins with"),
    (LOOP_5, 5, "4 deep"),
]


def make(maker, dialogue, capture):
    return subprocess.run([maker, dialogue, capture], capture_output=True, text=True, check=False,
                          timeout=60)


def stems(directory, ending):
    return {name[:-len(ending)] for name in os.listdir(directory) if name.endswith(ending)}


def check_captures(maker, directory, scratch):
    dialogues = stems(os.path.join(directory, "dialogues"), ".dlg")
    captures = stems(os.path.join(directory, "captures"), ".pcap")
    for name in sorted(dialogues ^ captures):
        yield "%s: a dialogue without a capture, or the other way round" % name
    for name in sorted(dialogues & captures):
        made = os.path.join(scratch, name + ".pcap")
        kept = os.path.join(directory, "captures", name + ".pcap")
        done = make(maker, os.path.join(directory, "dialogues", name + ".dlg"), made)
        if done.returncode:
            yield "%s: %s" % (name, done.stderr)
            continue
        with open(made, "rb") as a, open(kept, "rb") as b:
            if a.read() != b.read():
                yield "%s: the capture is not what the maker makes (run ./dev samples)" % name


def check_expected(directory):
    """Every sample has rows in expected.tsv and a line in the README."""
    dialogues = stems(os.path.join(directory, "dialogues"), ".dlg")
    with open(os.path.join(directory, "expected.tsv"), encoding="utf-8") as f:
        rows = {line.split("\t")[0] for line in f if not line.startswith("#")} - {"sample"}
    with open(os.path.join(directory, "README.md"), encoding="utf-8") as f:
        told = {line.split("|")[1].strip() for line in f if line.startswith("| ")}
    for name in sorted(dialogues ^ rows):
        yield "%s: not both in dialogues/ and in expected.tsv" % name
    for name in sorted(dialogues - told):
        yield "%s: not in the README's table" % name


def check_errors(maker, scratch):
    path = os.path.join(scratch, "wrong.dlg")
    out = os.path.join(scratch, "wrong.pcap")
    for text, line, said in ERRORS:
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        done = make(maker, path, out)
        place = "%s:%s" % (path, "%d: " % line if line else " ")
        if done.returncode != 1 or not done.stderr.startswith(place) or said not in done.stderr:
            yield "%r: expected %s...%s, was told (%d) %s" % (text, place, said, done.returncode,
                                                             done.stderr)
        if os.path.exists(out):
            yield "%r: left a capture behind" % text


def check_loops(maker, scratch):
    """A loop is the lines written out; a variable stands where it is named."""
    texts = [
        OPEN + "repeat 2 as n from 1.0 every 0.5\n  @ 0.1 > a{n:3}b{n}{m}\nend\n",
        OPEN + "@ 1.1 > a001b1{m}\n@ 1.6 > a002b2{m}\n",
    ]
    made = []
    for text in texts:
        path = os.path.join(scratch, "loop.dlg")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        done = make(maker, path, path + ".pcap")
        if done.returncode:
            yield "loop: %s" % done.stderr
            return
        with open(path + ".pcap", "rb") as f:
            made.append(f.read())
    if made[0] != made[1] or b"a002b2{m}" not in made[0]:
        yield "loop: not the same as its lines written out"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    maker, directory = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        wrong = list(check_captures(maker, directory, scratch))
        wrong += check_errors(maker, scratch)
        wrong += check_loops(maker, scratch)
    wrong += check_expected(directory)
    for line in wrong:
        print(line)
    print("maker: %s" % ("%d wrong" % len(wrong) if wrong else "holds"))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
