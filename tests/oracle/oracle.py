#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds `umtrace --view http` and `--view streams` against what independent tools see in other people's captures.

    oracle.py UMTRACE CAPTURES [KIND...]

CAPTURES is a folder with MANIFEST.json, or one whose NAME.expected.jsonl stand beside NAME.pcap*.
An expected line counts when its `judge` is true: two independent pipelines agree on it. Within a
direction the lines that count must appear in our output in the same order, with the same start
line, body length and digest, and the same frames where those are agreed upon too. Where every line
of a direction counts, a message that nobody else saw fails as well. What a KIND cannot hold yet is
left out: only the kinds named are run."""
import glob
import json
import os
import subprocess
import sys


def excused():
    """(capture, type of line) that DISAGREEMENTS.md explains."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "DISAGREEMENTS.md")
    with open(path, encoding="utf-8") as f:
        return {tuple(line[3:].strip().split(": ")) for line in f if line.startswith("## ")}


def read_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def key_options(folder, entry):
    options = []
    for field, option in (("keylog", "--keylog"), ("rsa_key", "--tls-key")):
        if entry.get(field):
            options += [option, os.path.join(folder, entry[field])]
    return options


def captures_of(folder):
    """(name, capture, expected, kind, options that name its keys) of each capture."""
    manifest = os.path.join(folder, "MANIFEST.json")
    if os.path.exists(manifest):
        with open(manifest, encoding="utf-8") as f:
            for entry in json.load(f):
                yield (entry["name"], os.path.join(folder, "captures", entry["name"]),
                       os.path.join(folder, entry["expected"]), entry["kind"],
                       key_options(folder, entry))
        return
    for expected in sorted(glob.glob(os.path.join(folder, "*.expected.jsonl"))):
        base = expected[:-len(".expected.jsonl")]
        kind = "tls" if os.path.exists(base + ".keys") else "http1"
        keys = ["--keylog", base + ".keys"] if kind == "tls" else []
        if os.path.basename(base).startswith("h2"):
            kind = "http2"
        yield os.path.basename(base), glob.glob(base + ".pcap*")[0], expected, kind, keys


def by_direction(lines):
    found = {}
    for line in lines:
        if line["type"] == "http":
            found.setdefault((line["src"], line["dst"]), []).append(line)
    return found


def start_line(line):
    return line["kind"], line.get("method"), line.get("uri"), line.get("status")


def identity(line):
    return start_line(line) + (line.get("body_len"), line.get("body_sha256"))


def match_in_order(wanted, ours):
    """The longest common subsequence, as pairs of indices."""
    height, width = len(wanted), len(ours)
    best = [[0] * (width + 1) for _ in range(height + 1)]
    for i in reversed(range(height)):
        for k in reversed(range(width)):
            if wanted[i] == ours[k]:
                best[i][k] = best[i + 1][k + 1] + 1
            else:
                best[i][k] = max(best[i + 1][k], best[i][k + 1])
    pairs, i, k = {}, 0, 0
    while i < height and k < width:
        if wanted[i] == ours[k]:
            pairs[i] = k
            i, k = i + 1, k + 1
        elif best[i + 1][k] >= best[i][k + 1]:
            i += 1
        else:
            k += 1
    return pairs


def compare_direction(expected, ours):
    """(agreeing lines, complaints)"""
    wanted = [line for line in expected if line["judge"]]
    pairs = match_in_order([identity(w) for w in wanted], [identity(o) for o in ours])
    complaints = []
    for i, line in enumerate(wanted):
        if i not in pairs:
            complaints.append("missing %s, body %s %.12s" % identity_text(line))
            continue
        mine = ours[pairs[i]]
        if line.get("judge_frames") and (mine["first"], mine["last"]) != (line["first"],
                                                                          line["last"]):
            complaints.append("%s stands in frames %d-%d, not %d-%d" % (
                (start_line(line),) + (line["first"], line["last"], mine["first"], mine["last"])))
    if len(wanted) == len(expected):
        extra = [o for k, o in enumerate(ours) if k not in pairs.values()]
        complaints += ["extra %s, body %s %.12s" % identity_text(o) for o in extra]
    return len(pairs), complaints


def identity_text(line):
    return start_line(line), line.get("body_len"), line.get("body_sha256")


def run_view(umtrace, view, capture, keys):
    run = subprocess.run([umtrace, "--view", view, "-F", "ndjson"] + keys + [capture],
                         capture_output=True, timeout=120)
    if run.returncode not in (0, 3):
        raise RuntimeError("exit status %d: %s" % (run.returncode, run.stderr.decode()[-400:]))
    return read_lines(run.stdout.decode())


def below(line):
    """What a line of the view streams must tell."""
    if line["type"] == "file":
        return ("file",) + tuple(line[key] for key in ("packets", "cap_bytes", "wire_bytes"))
    if line["type"] == "tls":
        return "tls", line["src"], line["bytes"], line["sha256"]
    gaps = tuple(tuple(gap) for gap in line.get("gaps", []))
    return "stream", line["src"], line["dst"], line["bytes"], line["sha256"], gaps


def check_streams(umtrace, capture, expected, keys):
    """(agreeing lines, complaints) of what the layers below delivered."""
    ours = [below(line) for line in run_view(umtrace, "streams", capture, keys)
            if line["type"] in ("file", "stream", "tls")]
    agreed, complaints = 0, []
    name = os.path.basename(capture)
    explained = excused()
    for line in expected:
        if line["type"] not in ("file", "stream", "tls") or not line["judge"]:
            continue
        if (name, line["type"]) in explained:
            continue
        wanted = below(line)
        if wanted in ours:
            ours.remove(wanted)
            agreed += 1
        else:
            like = [o for o in ours if o[:3] == wanted[:3] or o[0] == wanted[0] == "file"]
            complaints.append("no such line %s; ours: %s" % (wanted, like[:3]))
    return agreed, complaints


def check(umtrace, capture, expected_path, keys):
    """(agreeing lines of http, of streams, complaints) of one capture."""
    with open(expected_path, encoding="utf-8") as f:
        expected_lines = read_lines(f.read())
    try:
        ours = by_direction(run_view(umtrace, "http", capture, keys))
        agreed_below, complaints = check_streams(umtrace, capture, expected_lines, keys)
    except RuntimeError as error:
        return 0, 0, [str(error)]
    expected = by_direction(expected_lines)
    agreed = 0
    for direction in expected:
        count, told = compare_direction(expected[direction], ours.get(direction, []))
        agreed += count
        complaints += ["%s > %s: %s" % (direction + (text,)) for text in told]
    for direction in ours:
        if direction not in expected:
            complaints.append("%s > %s: %d messages nobody else saw" % (
                direction + (len(ours[direction]),)))
    return agreed, agreed_below, complaints


def main():
    umtrace, folder, kinds = sys.argv[1], sys.argv[2], sys.argv[3:]
    if not os.path.isdir(folder):
        print("%s is not here: its captures are not compared" % folder)
        sys.exit(77)
    good = bad = lines = streams = left_out = 0
    for name, capture, expected, kind, keys in captures_of(folder):
        if kinds and kind not in kinds:
            left_out += 1
            continue
        agreed, agreed_below, complaints = check(umtrace, capture, expected, keys)
        lines += agreed
        streams += agreed_below
        good += not complaints
        bad += bool(complaints)
        for complaint in complaints[:8]:
            print("%s: %s" % (name, complaint))
    print("%d HTTP messages and %d streams and files agree; %d captures agree, %d differ, "
          "%d of other kinds left out" % (lines, streams, good, bad, left_out))
    sys.exit(bool(bad) or good == 0)


if __name__ == "__main__":
    main()
