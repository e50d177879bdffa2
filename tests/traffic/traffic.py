#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds `umtrace --view messages` against the record that the server itself kept of each exchange.

    traffic.py UMTRACE FOLDER

FOLDER has NAME.pcap*, NAME.truth.jsonl (the record) and NAME.expected.jsonl (which HTTP messages
the capture still holds whole, by digest). Of each exchange of the record:

* request and reply whole in the capture: one of ours has all of it: operation, CallId, state,
  cause, fault or error, status;
* only the request whole: one of ours has its operation and CallId;
* only the reply whole: one of ours has its operation, state and cause.

Within a connection, ours come in the record's order, and none of ours fits no exchange of the
record. TLS is read with NAME.keys."""
import collections
import glob
import json
import os
import subprocess
import sys


def read_lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def frame_times(capture):
    """Seconds since the epoch of each frame, from 1 on."""
    run = subprocess.run(["tshark", "-r", capture, "-T", "fields", "-e", "frame.time_epoch"],
                         capture_output=True, text=True, check=True, timeout=120)
    return [None] + [float(text) for text in run.stdout.split()]


def mark_whole(records, lines, times):
    """Notes in each entry of the record which of its messages the capture holds whole. The same
    body may be sent many times: a message is that of the record nearest in time."""
    for side, digest in (("request", "req_sha256"), ("reply", "resp_sha256")):
        groups = collections.defaultdict(list)
        for (client, server), entries in records.items():
            ends = (client, server) if side == "request" else (server, client)
            for entry in entries:
                groups[ends + (entry["record"].get(digest),)].append(entry)
        for line in lines:
            if line["type"] != "http" or not line.get("complete"):
                continue
            group = groups[line["src"], line["dst"], line["body_sha256"]]
            left = [entry for entry in group if not entry[side]]
            if left:
                when = times[line["first"]]
                min(left, key=lambda entry: abs(entry["record"]["time"] - when))[side] = True


def fault_of(record):
    code = record.get("response_code")
    return record.get("fault") or (code if code not in (None, "NoError") else None)


def fault_of_ours(line):
    fault = line["fault"]
    return fault and (fault["exception"] or fault["code"])


def request_of(record):
    return record["op"], record.get("callid") if "PlayOnPhone" not in record["op"] else None


def reply_of(record):
    return record["op"], record.get("state"), record.get("cause")


def fits(record, ours, has_request, has_reply):
    """True when one of ours can be this exchange of the record, and has what the capture holds."""
    if ours["operation"] != record["op"]:
        return False
    if has_request and has_reply:
        wanted = (record.get("callid"), record.get("state"), record.get("cause"),
                  fault_of(record), record["status"])
        return wanted == (ours["call_id"], ours["state"], ours["cause"], fault_of_ours(ours),
                          ours["http_status"])
    # a part: what is told must be true, what the whole side tells must be there
    told = [(ours["call_id"], record.get("callid"), has_request),
            (ours["state"], record.get("state"), has_reply),
            (ours["cause"], record.get("cause"), has_reply),
            (ours["http_status"], record["status"], has_reply)]
    if "PlayOnPhone" in record["op"]:
        told[0] = (ours["call_id"], record.get("callid"), False)
    return all(mine == true or (mine is None and not must) for mine, true, must in told)


def match(records, ours):
    """Pairs records with ours in order; the pairs and what is left of each side."""
    best = [[0] * (len(ours) + 1) for _ in range(len(records) + 1)]
    for i in reversed(range(len(records))):
        for k in reversed(range(len(ours))):
            best[i][k] = max(best[i + 1][k], best[i][k + 1])
            if fits(records[i]["record"], ours[k], records[i]["request"], records[i]["reply"]):
                # an exchange that the capture holds counts more than one it may not hold at all
                weight = 1000 if records[i]["request"] or records[i]["reply"] else 999
                best[i][k] = max(best[i][k], best[i + 1][k + 1] + weight)
    i = k = 0
    matched_records, matched_ours = set(), set()
    while i < len(records) and k < len(ours):
        if best[i][k] == best[i + 1][k]:
            i += 1
        elif best[i][k] == best[i][k + 1]:
            k += 1
        else:
            matched_records.add(i)
            matched_ours.add(k)
            i, k = i + 1, k + 1
    return matched_records, matched_ours


def key_options(base):
    return ["--keylog", base + ".keys"] if os.path.exists(base + ".keys") else []


def check(umtrace, capture, base):
    """(exchanges found, complaints)"""
    run = subprocess.run([umtrace, "--view", "messages", "-F", "ndjson"] + key_options(base) + [capture],
                         capture_output=True, timeout=120)
    if run.returncode != 0:
        return 0, ["exit status %d: %s" % (run.returncode, run.stderr.decode()[-400:])]
    ours = collections.defaultdict(list)
    for line in map(json.loads, run.stdout.decode().splitlines()):
        if line["type"] == "exchange":
            ours[line["client"], line["server"]].append(line)
    records = collections.defaultdict(list)
    for record in read_lines(base + ".truth.jsonl"):
        if "status" not in record or record.get("auth") or "op" not in record:
            continue
        client, server = record["conn"]["client"], record["conn"]["server"]
        records[client, server].append({"record": record, "request": False, "reply": False})
    mark_whole(records, read_lines(base + ".expected.jsonl"), frame_times(capture))
    found, complaints = 0, []
    every = [entry["record"] for entries in records.values() for entry in entries]
    for connection in sorted(set(records) | set(ours)):
        theirs, mine = records[connection], ours[connection]
        if not theirs:  # a proxy's front: the server saw the same exchanges on its own connection
            for line in mine:
                if any(fits(record, line, True, True) for record in every):
                    found += 1
                else:
                    complaints.append("%s > %s: fits no record: %s" % (connection + (line,)))
            continue
        matched_records, matched_ours = match(theirs, mine)
        found += len(matched_records)
        for i, entry in enumerate(theirs):
            if i not in matched_records and (entry["request"] or entry["reply"]):
                complaints.append("%s > %s: not found: %s" % (connection + (entry["record"],)))
        for k, line in enumerate(mine):
            if k not in matched_ours:
                complaints.append("%s > %s: invented or wrong: %s" % (connection + (line,)))
    return found, complaints


def main():
    umtrace, folder = sys.argv[1], sys.argv[2]
    if not os.path.isdir(folder):
        print("%s is not here: its captures are not compared" % folder)
        sys.exit(77)
    bad = total = 0
    for truth in sorted(glob.glob(os.path.join(folder, "*.truth.jsonl"))):
        base = truth[:-len(".truth.jsonl")]
        name = os.path.basename(base)
        found, complaints = check(umtrace, glob.glob(base + ".pcap*")[0], base)
        total += found
        bad += bool(complaints)
        print("%s: %d exchanges found" % (name, found))
        for complaint in complaints[:8]:
            print("   ", complaint)
    print("%d exchanges of the record found, %d captures differ" % (total, bad))
    sys.exit(bool(bad) or total == 0)


if __name__ == "__main__":
    main()
