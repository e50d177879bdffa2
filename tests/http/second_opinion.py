#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Our HTTP/1 against libhtp's, over folders of captures: every difference is explained in a file,
and everything explained there still differs. Folders that are not there are passed over.

    second_opinion.py PROGRAM EXPLAINED FOLDER..."""
import os
import re
import subprocess
import sys

COUNTS = re.compile(r"(\d+) messages of (\d+) connections, (\d+) differences; "
                    r"left out: (\d+) with holes, (\d+) from the middle")


def explained_in(path):
    """{"CAPTURE CONNECTION KIND INDEX": reason}"""
    reasons = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            key, colon, reason = line.strip().partition(": ")
            if colon and not key.startswith("#"):
                reasons[key] = reason
    return reasons


def differences(program, path):
    """The lines of one capture, by key, and its counts."""
    result = subprocess.run([program, path], capture_output=True, timeout=120)
    if result.returncode != 0:
        raise SystemExit("%s: %s" % (path, result.stderr.decode("utf-8", "replace")))
    *lines, last = result.stdout.decode("utf-8", "replace").splitlines()
    name = os.path.basename(path)
    found = {"%s %s" % (name, line.partition(": ")[0]): line for line in lines}
    return found, [int(n) for n in COUNTS.match(last).groups()]


def main(program, explained, *folders):
    reasons = explained_in(explained)
    wrong, totals, names = [], [0] * 5, set()
    for folder in filter(os.path.isdir, folders):
        for name in sorted(os.listdir(folder)):
            if not name.endswith((".pcap", ".pcapng")):
                continue
            names.add(name)
            found, counts = differences(program, os.path.join(folder, name))
            totals = [a + b for a, b in zip(totals, counts)]
            wrong += ["%s: %s" % (name, found[key]) for key in found if key not in reasons]
            wrong += ["explained, but the same: %s" % key for key in reasons
                      if key.split()[0] == name and key not in found]
    print("\n".join(wrong))
    print("%d captures: %d messages of %d connections, %d differences, %d not explained; left out: "
          "%d connections with holes, %d from the middle"
          % (len(names), *totals[:3], len(wrong), *totals[3:]))
    return 1 if wrong or totals[0] == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
