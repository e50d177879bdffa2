#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Golden copies of what tshark shows of every sample with the dissector.

    golden.py check|update PLUGIN SAMPLES GOLDEN

One file a sample: the columns and single-valued fields of every message in one pass and in two, the
protocol trees (two passes), and three messages as JSON. Of a capture with many messages the trees
of the first and last few stand for all. The layout is that of Wireshark 4.0: with another version
the check is left out and says so.
"""
import difflib
import json
import os
import sys

from wireshark import Wireshark, version

FIELDS = ["frame.number", "_ws.col.Protocol", "_ws.col.Info", "umws.service", "umws.operation",
          "umws.call_id", "umws.call_id.guid", "umws.call_id.server", "umws.call_state",
          "umws.event_cause", "umws.dial_string", "umws.fault.code", "umws.fault.text",
          "umws.fault.exception", "umws.request_in", "umws.response_in", "umws.time",
          "umws.call.number", "umws.call.outcome", "umws.call.first_in", "umws.call.previous_in",
          "umws.call.next_in"]
# Of these a message tells the same in one pass and in two.
SAME_IN_BOTH = ["frame.number", "umws.operation", "umws.call_state", "umws.event_cause",
                "umws.fault.exception", "umws.request_in", "umws.call.number",
                "umws.call.first_in", "umws.call.previous_in"]
LATER_ONE_CALL = {"two-hops.pcap"}  # that both hops place one call the replies tell
# Messages that never became whole, which is known only behind the packet in which they are shown.
KNOWN_LATER = {"body-incomplete.pcap": 1, "cut-replies.pcap": 2, "lost-segments.pcap": 2}
TREES_AT_EDGE = 3  # messages at each end of a long capture


def fields(wireshark, capture, *passes):
    arguments = ["-T", "fields", "-E", "separator=|", "-E", "aggregator=,", "-Y", "umws", *passes]
    for name in FIELDS:
        arguments += ["-e", name]
    return wireshark.tshark(capture, *arguments).decode()


def same_facts(listing):
    places = [FIELDS.index(name) for name in SAME_IN_BOTH]
    return [[line.split("|")[place] for place in places] for line in listing.splitlines()]


def is_same(name, once, twice):
    """But for messages of which one pass cannot know in time, as many as are named above."""
    first, second = same_facts(once), same_facts(twice)
    later = [facts for facts in second if facts not in first]
    return (first == [facts for facts in second if facts not in later]
            and len(later) == KNOWN_LATER.get(name, 0))


def message_frames(listing):
    return sorted({int(line.split("|", 1)[0]) for line in listing.splitlines()})


def chosen(frames, edge):
    return frames if len(frames) <= 2 * edge else frames[:edge] + frames[-edge:]


def filter_of(frames):
    return "frame.number in {" + ", ".join(map(str, frames)) + "}"


def trees(wireshark, capture, frames):
    """The protocol's own trees; the line above each names the frame."""
    text = wireshark.tshark(capture, "-2", "-V", "-O", "umws", "-Y",
                            filter_of(chosen(frames, TREES_AT_EDGE))).decode()
    kept, inside = [], False
    for line in text.splitlines():
        if line.startswith("Frame "):
            kept.append(line.split(":", 1)[0])
        if not line.startswith(" "):
            inside = line.startswith("Exchange UM Web Service")
        if inside:
            kept.append(line)
    return "\n".join(kept) + "\n"


def as_json(wireshark, capture, frames):
    wanted = sorted({frames[0], frames[len(frames) // 2], frames[-1]})
    text = wireshark.tshark(capture, "-2", "-T", "json", "--no-duplicate-keys", "-J", "umws", "-Y",
                            filter_of(wanted)).decode()
    layers = [packet["_source"]["layers"] for packet in json.loads(text)]
    kept = [layer["umws"] for layer in layers if "umws" in layer]
    return json.dumps(kept, indent=1, ensure_ascii=False) + "\n"


def whole_text(wireshark, capture):
    once, twice = fields(wireshark, capture), fields(wireshark, capture, "-2")
    name = os.path.basename(capture)
    if name not in LATER_ONE_CALL and not is_same(name, once, twice):
        sys.exit(f"{capture}: not the same in one pass and in two\n{once}\n{twice}")
    parts = ["== fields, one pass ==", once, "== fields, two passes ==", twice]
    frames = message_frames(twice)
    if frames:
        parts += ["== trees, two passes ==", trees(wireshark, capture, frames),
                  "== json, two passes ==", as_json(wireshark, capture, frames)]
    return "\n".join(parts)


def main(command, plugin, samples, golden):
    if version() != "4.0":
        print(f"not run: the golden copies are of Wireshark 4.0, this is {version()}")
        return 77
    wireshark = Wireshark(plugin)
    captures = sorted(os.listdir(os.path.join(samples, "captures")))
    failed = 0
    for name in captures:
        text = whole_text(wireshark, os.path.join(samples, "captures", name))
        path = os.path.join(golden, name.removesuffix(".pcap") + ".txt")
        if command == "update":
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            continue
        with open(path, encoding="utf-8") as file:
            wanted = file.read()
        if text != wanted:
            failed += 1
            sys.stdout.writelines(list(difflib.unified_diff(
                wanted.splitlines(True), text.splitlines(True), path, "now"))[:60])
    wireshark.close()
    print(f"{len(captures)} samples, {failed} differ from their golden copies")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] not in ("check", "update"):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
