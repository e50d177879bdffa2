# SPDX-License-Identifier: GPL-2.0-or-later
"""The generator's truth about a capture, and how near a tool's answer comes to it."""
import json
import os
import re


class Truth:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
        self.calls = {line["call_id"]: line for line in lines[:-1]}
        self.counts = lines[-1]

    def mean_record(self):
        """Bytes of application data in a TLS record, without the cipher's last part of a block."""
        return self.counts["record_bytes"] // max(self.counts["records"], 1) // 16 * 16

    @property
    def has_calls(self):
        return bool(self.calls)


def is_right(told, truth):
    """A call as umtrace reports it: its polls, and its states in their order."""
    states = [span["state"] for span in told["spans"] if not span["implied"]]
    return told["polls"] >= truth["seen"] and told["polls"] <= truth["polls"] and (
        states == truth["states"] or truth["seen"] < truth["polls"])


def umtrace(output, truth):
    with open(output, encoding="utf-8") as f:
        report = json.load(f)
    told = {call["call_id"]: call for call in report["calls"]}
    right = sum(name in told and is_right(told[name], call) for name, call in truth.calls.items())
    strangers = len(set(told) - set(truth.calls))
    if told and not truth.has_calls:
        return "%d calls that are none" % strangers
    if not truth.has_calls:
        return encrypted(report, truth) or "no calls"
    return share(right - strangers, len(truth.calls), "calls") + holes_named(report, truth)


def holes_named(report, truth):
    """What the report says of bytes that never reached the capture, beside what the truth says."""
    texts = [f["text"] for f in report["findings"] if f["name"] == "bytes-lost"]
    said = int(re.match(r"\d+", texts[0]).group()) if texts else 0
    lost = truth.counts["gone_bytes"]
    if lost == 0:
        return "" if said == 0 else ", %d bytes named that were not lost" % said
    return ", holes named" if said == lost else ", holes of %d bytes of %d named" % (said, lost)


def encrypted(report, truth):
    """Of the TLS connections those that the report names as such that could not be read."""
    known = truth.counts["tls_connections"]
    counts = [re.match(r"\d+", f["text"]) for f in report["findings"] if f["name"] == "encrypted"]
    named = sum(int(count.group()) for count in counts if count)
    return share(named, known, "TLS connections named") if known else ""


def share(found, expected, what):
    if expected == 0:
        return "-"
    part = 100 * found / expected
    return "%s %% of %s" % ("100" if found == expected else "%.1f" % part, what)


def tshark(output, truth):
    with open(output, encoding="utf-8") as f:
        found = re.search(r"HTTP Response Packets\s+(\d+)", f.read())
    return share(int(found.group(1)) if found else 0, truth.counts["replies"], "replies")


def lines_with(text):
    def count(output, truth):
        with open(output, "rb") as f:
            found = sum(text in line for line in f)
        return share(found, truth.counts["requests"], "requests")
    return count


def matched_packets(output, truth):
    with open(output, "rb") as f:
        found = f.read().count(b"<CallState>")
    return share(found, truth.counts["poll_replies"], "poll replies")


def bodies(folder):
    """tcpflow leaves a file for each body."""
    def count(_output, truth):
        found = 0
        for name in os.listdir(folder):
            if "HTTPBODY" in name:
                with open(os.path.join(folder, name), "rb") as f:
                    found += b"<CallState>" in f.read(4096)
        return share(found, truth.counts["poll_replies"], "poll replies")
    return count


def none(_output, _truth):
    return "-"
