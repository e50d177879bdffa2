#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds umtrace against samples/expected.tsv: calls, outcomes, states and findings of each sample.

    expected.py UMTRACE SAMPLES_DIR [SAMPLE...]
    expected.py selftest                  shows that each column is compared
"""
import collections
import copy
import json
import os
import subprocess
import sys

COLUMNS = "number id outcome origin exchanges polls states findings".split()
EXIT_STATUS = {"truncated": 3}  # contracts: a capture that could not be read to its end


def read_expected(path):
    """{sample: [row, ...]}, a row a dictionary of texts."""
    samples = collections.defaultdict(list)
    with open(path, encoding="utf-8") as f:
        lines = [line.rstrip("\n") for line in f if not line.startswith("#")]
    if lines[0].split("\t") != ["sample"] + COLUMNS:
        sys.exit("%s: not the columns that are known here" % path)
    for line in lines[1:]:
        sample, *row = line.split("\t")
        if len(row) != len(COLUMNS):
            sys.exit("%s: %d columns in: %s" % (path, len(row) + 1, line))
        samples[sample].append(dict(zip(COLUMNS, row)))
    return samples


def names_of(findings):
    return ",".join(sorted(finding["name"] for finding in findings)) or "-"


def id_of(call, expected):
    """The GUID, or the CallId where there is none; `expected` may name either."""
    if expected != "-" and expected in (call["call_id"], call["guid"]):
        return expected
    return call["guid"] or call["call_id"] or "-"


def row_of(call, expected_id):
    return {
        "number": str(call["number"]),
        "id": id_of(call, expected_id),
        "outcome": call["outcome"],
        "origin": call["origin"]["operation"] if call["origin"] else "-",
        "exchanges": str(call["exchanges"]),
        "polls": str(call["polls"]),
        "states": ">".join(span["state"] for span in call["spans"]) or "-",
        "findings": names_of(call["findings"]),
    }


def compare_rows(where, expected, said):
    return ["%s: %s is %s, expected %s" % (where, column, said[column], expected[column])
            for column in COLUMNS if said[column] != expected[column]]


def compare(sample, rows, report):
    """What the report says otherwise than the rows, a line each."""
    no_call = [row for row in rows if row["number"] == "0"]
    calls = [row for row in rows if row["number"] != "0"]
    wrong = []
    expected = no_call[0]["findings"] if no_call else "-"
    if names_of(report["findings"]) != expected:
        wrong.append("%s: findings about no call are %s, expected %s"
                     % (sample, names_of(report["findings"]), expected))
    if len(report["calls"]) != len(calls):
        wrong.append("%s: %d calls, expected %d" % (sample, len(report["calls"]), len(calls)))
    for row, call in zip(calls, report["calls"]):
        where = "%s call %s" % (sample, row["number"])
        wrong += compare_rows(where, row, row_of(call, row["id"]))
    return wrong


def run(umtrace, sample, capture):
    """The report, or a text that tells why there is none."""
    done = subprocess.run([umtrace, "-F", "json", capture], capture_output=True, text=True,
                          check=False, timeout=60)
    if done.returncode != EXIT_STATUS.get(sample, 0):
        return "exit status %d\n%s" % (done.returncode, done.stderr)
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        return "no JSON: %s" % error


def check(umtrace, directory, only):
    wrong = []
    samples = read_expected(os.path.join(directory, "expected.tsv"))
    for sample in only or sorted(samples):
        if sample not in samples:
            sys.exit("no such sample: %s" % sample)
        report = run(umtrace, sample, os.path.join(directory, "captures", sample + ".pcap"))
        if isinstance(report, str):
            wrong.append("%s: %s" % (sample, report))
        else:
            wrong += compare(sample, samples[sample], report)
    return wrong, len(only or samples)


ROWS = [
    dict(zip(COLUMNS, "0 - - - 0 0 - bytes-lost".split())),
    dict(zip(COLUMNS, "1 guid failed PlayOnPhone 3 2 Connecting>Disconnected call-failed".split())),
]
REPORT = {
    "calls": [{"number": 1, "call_id": "id", "guid": "guid", "outcome": "failed",
               "origin": {"operation": "PlayOnPhone"}, "exchanges": 3, "polls": 2,
               "spans": [{"state": "Connecting"}, {"state": "Disconnected"}],
               "findings": [{"name": "call-failed"}]}],
    "findings": [{"name": "bytes-lost"}],
}


def selftest():
    wrong = ["selftest: the same differs: %s" % line for line in compare("x", ROWS, REPORT)]
    for column in COLUMNS:
        rows = copy.deepcopy(ROWS)
        rows[1][column] = "9" if column == "number" else "other"
        if len(compare("x", rows, REPORT)) != 1:
            wrong.append("selftest: a wrong %s passes" % column)
    if len(compare("x", ROWS[1:], REPORT)) != 1 or len(compare("x", ROWS[:1], REPORT)) != 1:
        wrong.append("selftest: a row too few passes")
    return wrong, len(COLUMNS) + 2


def main():
    if sys.argv[1:] == ["selftest"]:
        wrong, count = selftest()
    elif len(sys.argv) >= 3:
        wrong, count = check(sys.argv[1], sys.argv[2], sys.argv[3:])
    else:
        sys.exit(__doc__)
    for line in wrong:
        print(line)
    print("expected: %d compared, %d differences" % (count, len(wrong)))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
