#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every capture cut at every n-th byte: a long search, not a test of every day. The program has to
end by itself with a whole report, and say that the capture was cut wherever a record was; built
with sanitizers, it tells of each wrong access by another exit status.

    cut.py UMTRACE [--every BYTES] [--seconds MOST] CAPTURE|FOLDER...

Prints a line a capture, and the arguments that repeat each failure."""
import argparse
import json
import os
import subprocess
import sys
import time

STEP = 97
DONE, INPUT = 0, 3  # exit statuses
LONG = 120  # seconds after which a run is stuck


def captures_in(paths):
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        for place, _, names in sorted(os.walk(path)):
            yield from (os.path.join(place, name) for name in sorted(names)
                        if ".pcap" in name and not name.endswith((".json", ".txt", ".ndjson")))


def ways_of(path):
    """The command lines that a capture is read with; its secrets lie beside it or in it."""
    keys = [beside for beside in (os.path.splitext(path)[0] + ".keys", path + ".keys")
            if os.path.exists(beside)]
    return [["-F", "json"] + (["-k", keys[0]] if keys else [])]


def wrong_with(umtrace, arguments, data):
    """What is wrong with a run on these bytes; None when nothing is."""
    try:
        run = subprocess.run([umtrace, *arguments, "-"], input=data, capture_output=True,
                             timeout=LONG, check=False)
    except subprocess.TimeoutExpired:
        return "still runs after %d s" % LONG
    if run.returncode not in (DONE, INPUT):
        return "exit status %d: %s" % (run.returncode, run.stderr.decode(errors="replace")[-2000:])
    if not run.stdout:
        return None if run.returncode == INPUT else "no report"
    try:
        report = json.loads(run.stdout)
    except ValueError as error:
        return "no JSON: %s" % error
    names = [finding["name"] for finding in report["findings"]]
    if ("capture-truncated" in names) != (run.returncode == INPUT):
        return "exit status %d with the findings %s" % (run.returncode, names)
    return None


def search(umtrace, path, every, until):
    """Cuts made, failures, and whether it came to the end."""
    with open(path, "rb") as f:
        whole = f.read()
    cuts, failures = 0, 0
    for end in range(every, len(whole), every):
        if time.monotonic() > until:
            return cuts, failures, False
        for arguments in ways_of(path):
            cuts += 1
            wrong = wrong_with(umtrace, arguments, whole[:end])
            if wrong:
                failures += 1
                print("head -c %d %s | %s %s -\n    %s"
                      % (end, path, umtrace, " ".join(arguments), wrong), flush=True)
    return cuts, failures, True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("umtrace")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--every", type=int, default=STEP)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    args = parser.parse_args()
    until = time.monotonic() + args.seconds
    total, failed, left = 0, 0, []
    for path in captures_in(args.paths):
        cuts, failures, is_whole = search(os.path.abspath(args.umtrace), path, args.every, until)
        print("%-50s %7d cuts %3d failures%s"
              % (os.path.basename(path), cuts, failures, "" if is_whole else ", not to its end"),
              flush=True)
        total, failed = total + cuts, failed + failures
        left += [] if is_whole else [path]
    print("%d cuts, %d failures, %d captures not to their end" % (total, failed, len(left)))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
