#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The captures as tshark reads them: every frame well-formed, every checksum good, sequence numbers
without holes where nothing was lost, and as many HTTP messages as the dialogue holds.

    wellformed.py SAMPLES_DIR
"""
import collections
import os
import shutil
import subprocess
import sys

FIELDS = ["_ws.malformed", "_ws.short", "ip.checksum.status", "tcp.checksum.status",
          "tcp.analysis.flags", "http.request.method", "http.response.code", "ipv6.version"]
GOOD = "1"  # value of a checksum's status

# HTTP requests and replies, where they are not the exchanges of the calls.
MESSAGES = {
    "authentication-legs": (10, 10),  # four exchanges and six legs
    "call-id-missing": (2, 2),        # one of them belongs to no call
    "one-direction": (3, 0),
    "orphan-reply": (2, 3),
    "two-hops": (8, 8),               # four exchanges, each twice
    "morning": (102, 101),
    "unanswered-closed": (3, 2),
    "unanswered-end": (1, 0),
    "unanswered-reset": (4, 3),
    "unrelated": (4, 4),
}
# What tshark makes of a message with a hole, or without its beginning, is its own affair.
UNCOUNTED = {"body-incomplete", "cut-replies", "late-start", "lost-segments", "packets-cut"}
# The dialogues in which segments are missing or come in another order.
DISORDERED = {"cut-replies", "late-start", "lost-segments", "one-direction", "orphan-reply", "reordered",
              "packets-cut"}
# A file that ends inside a packet, told by tshark with its exit status.
CUT_SHORT = {"truncated"}


def read_exchanges(path):
    counts = collections.Counter()
    with open(path, encoding="utf-8") as f:
        for line in f:
            row = line.rstrip("\n").split("\t")
            if len(row) > 5 and row[1].isdigit():
                counts[row[0]] += int(row[5])
    return counts


def read_frames(sample, path):
    """A dictionary of FIELDS for each frame."""
    command = ["tshark", "-r", path, "-o", "ip.check_checksum:TRUE", "-o",
               "tcp.check_checksum:TRUE", "-o", "tcp.reassemble_out_of_order:TRUE", "-T", "fields"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if (done.returncode != 0) != (sample in CUT_SHORT):
        return []
    return [dict(zip(FIELDS, line.split("\t"))) for line in done.stdout.splitlines()]


def check_frame(sample, number, frame):
    where = "%s frame %d" % (sample, number)
    if frame["_ws.malformed"]:
        yield "%s: malformed" % where
    if frame["_ws.short"] and sample != "packets-cut":
        yield "%s: cut" % where
    if frame["tcp.checksum.status"] != GOOD and not frame["_ws.short"]:
        yield "%s: bad TCP checksum" % where
    if frame["ip.checksum.status"] != GOOD and not frame["ipv6.version"]:
        yield "%s: bad IP checksum" % where
    if frame["tcp.analysis.flags"] and sample not in DISORDERED:
        yield "%s: TCP is out of order" % where


def count(frames, field):
    return sum(len(frame[field].split(",")) for frame in frames if frame[field])


def check_sample(sample, path, exchanges):
    frames = read_frames(sample, path)
    if not frames:
        yield "%s: tshark does not read it" % sample
    for number, frame in enumerate(frames, 1):
        yield from check_frame(sample, number, frame)
    expected = MESSAGES.get(sample, (exchanges, exchanges))
    said = count(frames, "http.request.method"), count(frames, "http.response.code")
    if said != expected and sample not in UNCOUNTED:
        yield "%s: %d requests and %d replies, expected %d and %d" % ((sample,) + said + expected)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if not shutil.which("tshark"):
        print("skipped: there is no tshark")
        sys.exit(77)
    exchanges = read_exchanges(os.path.join(sys.argv[1], "expected.tsv"))
    wrong = []
    for sample in sorted(exchanges):
        path = os.path.join(sys.argv[1], "captures", sample + ".pcap")
        wrong += check_sample(sample, path, exchanges[sample])
    for line in wrong:
        print(line)
    print("wellformed: %d captures, %d wrong" % (len(exchanges), len(wrong)))
    sys.exit(bool(wrong or not exchanges))


if __name__ == "__main__":
    main()
