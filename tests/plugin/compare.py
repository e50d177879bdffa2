#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds what the dissector shows in tshark against what umtrace says of the same capture.

    compare.py UMTRACE PLUGIN CAPTURE...    secrets beside CAPTURE are used: NAME.keys is a key log,
                                            NAME.pem the server's key; also NAME of NAME.x.pcap
    compare.py UMTRACE PLUGIN folder PATH   its captures; a folder that is not there is told
    compare.py UMTRACE PLUGIN one-sided PATH   the same without the secrets of the servers' directions
    compare.py selftest

Compared: exchanges (frames, operation, state, cause, latency, legs), calls (number, CallId, outcome,
exchanges, polls), spans with every bound to the nanosecond, and findings with their words.
"""
import datetime
import json
import os
import subprocess
import sys

from wireshark import Wireshark

EXPLAINED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "DIFFERENCES.md")
# Wireshark's preference of the two ways to treat segments out of order: its default loses a message
# whose segments are reordered, the other one all that follows a lost segment.
REASSEMBLY = ([], ["-o", "tcp.reassemble_out_of_order:TRUE"])
ITEM_LABEL_LENGTH = 240  # bytes, of epan/proto.h
CAPTURE_FINDINGS = {"capture-truncated", "packets-cut", "bytes-lost", "encrypted", "one-direction",
                    "flows-evicted", "clock-backwards", "link-type-unknown", "tls-record-failed", "tls-alert", "packets-dropped"}


# ---- what umtrace says ----

def secrets_of(capture):
    """The file with the secrets of a capture; None when there is none."""
    folder, name = os.path.split(capture)
    parts = name.split(".")
    for stem in (".".join(parts[:-1]), parts[0]):
        for ending in (".keys", ".pem"):
            path = os.path.join(folder, stem + ending)
            if os.path.exists(path):
                return path
    return None


def read_tool(umtrace, capture, keys):
    option = "--tls-key" if keys and keys.endswith(".pem") else "--keylog"
    command = [umtrace, "-q", "-F", "json"] + ([option, keys] if keys else [])
    calls = json.loads(subprocess.run([*command, "--view", "calls", capture], check=False,
                                      stdout=subprocess.PIPE).stdout)
    lines = subprocess.run([*command, "--view", "messages", "-F", "ndjson", capture], check=False,
                           stdout=subprocess.PIPE, text=True).stdout.splitlines()
    exchanges = [line for line in map(json.loads, lines) if line["type"] == "exchange"]
    return calls, exchanges


def ns_of(text):
    """Nanoseconds since the epoch of "2026-11-23T18:33:21.123456789Z"."""
    if text is None:
        return None
    date, _, fraction = text.rstrip("Z").partition(".")
    moment = datetime.datetime.fromisoformat(date).replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp()) * 10**9 + int(fraction.ljust(9, "0")[:9] or 0)


def duration_ns(seconds):
    return None if seconds is None else round(seconds * 10**9)


def tool_span(span):
    return (span["state"], span["cause"] or "", span["implied"], span["observations"],
            span["first_frame"], span["last_frame"], ns_of(span["began_after"]),
            ns_of(span["began_by"]), ns_of(span["ended_after"]), ns_of(span["ended_by"]),
            duration_ns(span["min_s"]), duration_ns(span["max_s"]))


def in_an_item(text):
    """As much of a sentence as an item of Wireshark's tree takes."""
    whole = text.encode()
    if len(whole) < ITEM_LABEL_LENGTH:
        return text
    return whole[:ITEM_LABEL_LENGTH - 4].decode(errors="ignore") + "\u2026"


def fact_of_finding(number, found):
    return ("finding", number, found["name"], in_an_item(found["text"]))


def facts_of_tool(calls, exchanges):
    facts = set()
    for call in calls["calls"]:
        number = call["number"]
        facts.add(("call", number, call["call_id"] or "", call["outcome"], call["exchanges"],
                   call["polls"]))
        facts |= {("span", number, i, *tool_span(span)) for i, span in enumerate(call["spans"])}
        facts |= {fact_of_finding(number, found) for found in call["findings"]}
    facts |= {fact_of_finding(0, found) for found in calls["findings"]
              if found["name"] not in CAPTURE_FINDINGS}
    for exchange in exchanges:
        request, reply = exchange["request"], exchange["reply"]
        facts.add(("exchange", exchange["operation"], request and request["last_frame"],
                   reply and reply["first_frame"], exchange["state"] or "",
                   exchange["cause"] or "", duration_ns(exchange["latency_s"]),
                   exchange["authentication_legs"]))
    return facts


# ---- what the dissector shows ----

def shown(proto, name):
    """The first field of that name; None when there is none."""
    for field in proto.iter("field"):
        if field.get("name") == "umws." + name:
            return field.get("show")
    return None


def shown_number(proto, name):
    text = shown(proto, name)
    return None if text is None else int(text)


def shown_time_ns(proto, name):
    """Nanoseconds since the epoch of "Nov 23, 2026 18:33:22.290000000 UTC"."""
    text = shown(proto, name)
    if text is None:
        return None
    moment, _, fraction = text.removesuffix(" UTC").partition(".")
    parsed = datetime.datetime.strptime(moment, "%b %d, %Y %H:%M:%S")
    return int(parsed.replace(tzinfo=datetime.timezone.utc).timestamp()) * 10**9 + int(fraction)


def shown_duration_ns(proto, name):
    text = shown(proto, name)
    if text is None:
        return None
    whole, _, fraction = text.partition(".")
    value = abs(int(whole)) * 10**9 + int(fraction.ljust(9, "0"))
    return -value if text.startswith("-") else value


def shown_span(field):
    return (shown(field, "span.state"), shown(field, "span.cause") or "",
            shown(field, "span.implied") is not None, shown_number(field, "span.observations"),
            shown_number(field, "span.first_in"), shown_number(field, "span.last_in"),
            shown_time_ns(field, "span.began_after"), shown_time_ns(field, "span.began_by"),
            shown_time_ns(field, "span.ended_after"), shown_time_ns(field, "span.ended_by"),
            shown_duration_ns(field, "span.min"), shown_duration_ns(field, "span.max"))


def facts_of_call(proto, number):
    facts = {("call", number, shown(proto, "call.call_id") or "", shown(proto, "call.outcome"),
              shown_number(proto, "call.exchanges"), shown_number(proto, "call.polls"))}
    spans = [field for field in proto.iter("field") if field.get("name") == "umws.span"]
    left_out = shown_number(proto, "call.spans_left_out") or 0
    for i, field in enumerate(spans):
        place = i if not left_out or i < len(spans) // 2 else i + left_out
        facts.add(("span", number, place, *shown_span(field)))
    return facts


def facts_of_findings(proto, number):
    facts = set()
    for expert in proto.iter("field"):
        if expert.get("name") != "_ws.expert":
            continue
        fields = {field.get("name"): field.get("show") for field in expert.iter("field")}
        for name in fields:
            if name.startswith("umws."):
                facts.add(("finding", number, name[5:].replace("_", "-"),
                           fields["_ws.expert.message"]))
    return facts


def fact_of_exchange(frame, proto):
    """What a message tells of its exchange; None where its partner tells it."""
    is_reply = shown(proto, "reply") is not None
    first = shown_number(proto, "begins_in") or frame
    request = shown_number(proto, "request_in") if is_reply else frame
    reply = first if is_reply else shown_number(proto, "response_in")
    if shown(proto, "authentication_leg") is not None:
        return None
    if not is_reply and reply and shown(proto, "time") is None:
        return None
    return ("exchange", shown(proto, "operation"), request, reply,
            (shown(proto, "call_state") or "") if is_reply else "",
            (shown(proto, "event_cause") or "") if is_reply else "",
            shown_duration_ns(proto, "time"), shown_number(proto, "authentication_legs") or 0)


def facts_of_plugin(messages):
    facts = set()
    for frame, proto in messages:
        number = shown_number(proto, "call.number") or 0
        if number and shown(proto, "call.outcome"):
            facts |= facts_of_call(proto, number)
        facts |= facts_of_findings(proto, number)
        facts.add(fact_of_exchange(frame, proto))
    return facts - {None}


# ---- the comparison ----

def explained():
    """Captures whose differences are explained: name -> reason, from the table's rows."""
    reasons = {}
    with open(EXPLAINED, encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) > 3 and cells[1].startswith("`"):
                reasons[cells[1].strip("`")] = cells[2]
    return reasons


def differences(tool, plugin):
    return ([f"  only umtrace: {fact}" for fact in sorted(tool - plugin, key=repr)]
            + [f"  only tshark:  {fact}" for fact in sorted(plugin - tool, key=repr)])


def best_differences(tool, wireshark, capture, keys):
    found = []
    for options in REASSEMBLY:
        facts = facts_of_plugin(wireshark.messages(capture, "-2", *options, keys=keys))
        found.append(differences(tool, facts))
        if not found[-1]:
            break
    return min(found, key=len)


def without_servers(wireshark, keys):
    """A copy of a key log that lacks what servers send by; of TLS before 1.3 both sides or none."""
    path = os.path.join(wireshark.folder, "one-sided-" + os.path.basename(keys))
    with open(keys, encoding="ascii") as whole, open(path, "w", encoding="ascii") as half:
        half.writelines(line for line in whole if not line.startswith("SERVER_TRAFFIC_SECRET"))
    return path


def compare(umtrace, plugin, captures, is_one_sided=False):
    wireshark = Wireshark(plugin)
    reasons = explained()
    failed = compared = 0
    for capture in captures:
        keys = secrets_of(capture)
        if is_one_sided and keys:
            keys = without_servers(wireshark, keys)
        tool = facts_of_tool(*read_tool(umtrace, capture, keys))
        found = best_differences(tool, wireshark, capture, keys)
        name = os.path.basename(capture)
        compared += len(tool)
        if found and name in reasons:
            print(f"{name}: {len(found)} differences, explained: {reasons[name]}")
        elif found:
            failed += 1
            print(f"{name}: {len(found)} differences\n" + "\n".join(found))
        elif name in reasons:
            failed += 1
            print(f"{name}: explained in DIFFERENCES.md, but there is no difference")
    wireshark.close()
    print(f"{len(captures)} captures, {compared} facts compared, {failed} captures differ")
    return 1 if failed else 0


def captures_in(arguments):
    if arguments[0] not in ("folder", "one-sided"):
        return arguments
    names = sorted(os.listdir(arguments[1]))
    return [os.path.join(arguments[1], name) for name in names
            if name.endswith((".pcap", ".pcapng"))]


def selftest():
    """One fact changed on either side is a difference."""
    fact = ("call", 1, "id", "failed", 3, 2)
    changed = ("call", 1, "id", "open", 3, 2)
    assert differences({fact}, {fact}) == []
    assert len(differences({fact}, {changed})) == 2
    assert len(differences({fact}, set())) == 1
    assert len(differences(set(), {fact})) == 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["selftest"]:
        sys.exit(selftest())
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    if sys.argv[3] in ("folder", "one-sided") and not os.path.isdir(sys.argv[4]):
        print(f"not run: no folder {sys.argv[4]}")
        sys.exit(77)
    sys.exit(compare(sys.argv[1], sys.argv[2], captures_in(sys.argv[3:]),
                     sys.argv[3] == "one-sided"))
