#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a user and Wireshark itself expect of the dissector, beside what it shows.

    behaviour.py PLUGIN SAMPLES
"""
import json
import os
import random
import re
import subprocess
import sys

from wireshark import Wireshark

EXPORTS = {"plugin_register", "plugin_version", "plugin_want_major", "plugin_want_minor",
           "plugin_describe"}
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


class Place:
    """The dissector, the samples, and a Wireshark with the one reading the other."""

    def __init__(self, plugin, samples):
        self.plugin = plugin
        self.samples = samples
        self.wireshark = Wireshark(plugin)

    def sample(self, name):
        return os.path.join(self.samples, "captures", name + ".pcap")

    def tshark(self, name, *arguments):
        return self.wireshark.tshark(self.sample(name), *arguments).decode()

    def sharkd(self, *requests):
        """The answers to JSON-RPC requests, given in order to one sharkd."""
        lines = [json.dumps({"jsonrpc": "2.0", "id": i + 1, "method": method, "params": params})
                 for i, (method, params) in enumerate(requests)]
        done = self.wireshark.run("sharkd", "-", stdin="\n".join(lines + [""]).encode())
        answers = [json.loads(line) for line in done.stdout.decode().splitlines() if line]
        for answer in answers:
            assert "error" not in answer, answer
        assert len(answers) == len(requests), done.stderr.decode()
        return [answer["result"] for answer in answers]

    def load(self, name):
        return ("load", {"file": self.wireshark.readable(self.sample(name))})


def frame(number):
    return ("frame", {"frame": number, "proto": True, "columns": True})


def without_colours(answer):
    return {key: value for key, value in answer.items() if key not in ("bg", "fg", "err")}


# ---- loading ----

@check
def exports_only_what_wireshark_looks_for(place):
    listing = subprocess.run(["nm", "-D", "--defined-only", place.plugin], capture_output=True,
                             text=True, check=True).stdout
    names = {line.split()[-1] for line in listing.splitlines()}
    assert {name for name in names if not name.startswith("__odr_asan")} <= EXPORTS, names


@check
def is_listed_and_loads_without_a_word(place):
    done = place.wireshark.run("tshark", "-G", "protocols")
    assert b"\tUMWS\tumws" in done.stdout and done.stderr == b"", done.stderr


@check
def switched_off_it_leaves_the_xml_tree(place):
    protocols = place.tshark("busy", "--disable-protocol", "umws", "-T", "fields",
                             "-e", "frame.protocols", "-Y", "xml")
    assert protocols.count("http:xml\n") == 6 and "umws" not in protocols, protocols


@check
def shows_without_the_xml_dissector(place):
    protocols = place.tshark("busy", "--disable-protocol", "xml", "-T", "fields",
                             "-e", "frame.protocols", "-Y", "umws")
    assert protocols.count("http:umws\n") == 6, protocols


@check
def keeps_the_xml_tree_below_ours(place):
    protocols = place.tshark("busy", "-T", "fields", "-e", "frame.protocols", "-Y", "umws")
    assert protocols.count("http:umws:xml\n") == 6, protocols


@check
def says_nothing_of_other_traffic(place):
    assert place.tshark("unrelated", "-Y", "umws") == ""


@check
def reads_bodies_without_a_media_type(place):
    with open(place.sample("busy"), "rb") as file:
        data = file.read().replace(b"Content-Type:", b"X-Other-Type:")
    path = os.path.join(place.wireshark.folder, "untyped.pcap")
    with open(path, "wb") as file:
        file.write(data)
    protocols = place.wireshark.tshark(path, "-T", "fields", "-e", "frame.protocols",
                                       "-Y", "umws").decode()
    assert protocols.count("http:umws\n") == 6, protocols


# ---- one answer, however one asks ----

@check
def columns_are_the_same_with_a_tree_and_without(place):
    for name in ("crowd", "pipelined", "two-pollers", "chunked-gzip"):
        plain = [line.split("UMWS ", 1)[1].split(" ", 1)[1]
                 for line in place.tshark(name).splitlines() if " UMWS " in line]
        tree = place.tshark(name, "-T", "fields", "-e", "_ws.col.Info", "-Y", "umws").splitlines()
        assert plain == tree, (name, plain[:3], tree[:3])


@check
def frames_may_be_visited_in_any_order(place):
    count = 18
    numbers = list(range(1, count + 1))
    in_order = place.sharkd(place.load("busy"), *map(frame, numbers))[1:]
    random.Random(1).shuffle(numbers)
    shuffled = place.sharkd(place.load("busy"), *map(frame, numbers))[1:]
    for number, answer in zip(numbers, shuffled):
        assert without_colours(answer) == without_colours(in_order[number - 1]), number


@check
def a_second_file_begins_anew(place):
    alone = place.sharkd(place.load("no-answer"), frame(30))[1]
    after = place.sharkd(place.load("crowd"), frame(30), place.load("no-answer"), frame(30))[3]
    assert without_colours(alone) == without_colours(after)
    assert "call 1 failed" in json.dumps(after["col"]), after["col"]


# ---- statistics ----

def rows(text):
    return [re.split(r"\s{2,}|\s*\|\s*|\t", line.strip()) for line in text.splitlines()]


@check
def calls_have_a_row_each(place):
    text = place.tshark("crowd", "-q", "-2", "-z", "umws,calls")
    numbers = {row[0] for row in rows(text) if row[0].isdigit()}
    shown = set(place.tshark("crowd", "-2", "-T", "fields", "-e", "umws.call.number",
                             "-Y", "umws.call.number").split())
    assert len(shown) > 5 and {n for word in shown for n in word.split(",")} == numbers, numbers


@check
def a_call_s_row_tells_its_story(place):
    text = place.tshark("busy", "-q", "-2", "-z", "umws,calls")
    for word in ("failed", "UserBusy", "5550123", "10.0.0.1:40000", "Connecting 1.000 to 2.320 s"):
        assert word in text, text


@check
def a_rejected_call_s_row_tells_why(place):
    text = place.tshark("rejected", "-q", "-2", "-z", "umws,calls")
    assert re.search(r"rejected[\s|]+\w+Exception", text), text


@check
def every_message_of_a_call_tells_number_and_cause(place):
    frames = place.tshark("busy", "-2", "-T", "fields", "-e", "frame.number", "-Y", "umws").split()
    asked = 'umws.call.dial_string == "5550123" && umws.call.cause == "UserBusy"'
    assert frames == place.tshark("busy", "-2", "-T", "fields", "-e", "frame.number",
                                  "-Y", asked).split()


@check
def a_filter_limits_the_rows(place):
    text = place.tshark("crowd", "-q", "-2", "-z", "umws,calls,umws.call.number == 2")
    assert [row[0] for row in rows(text) if row[0].isdigit()] == ["2"], text


@check
def operations_are_counted(place):
    text = place.tshark("busy", "-q", "-z", "umws,stat")
    assert re.search(r"GetCallInfo[\s|]+2[\s|]+2[\s|]+0", text), text
    assert re.search(r"PlayOnPhone[\s|]+1[\s|]+1[\s|]+0", text), text


@check
def the_tree_counts_states_and_causes(place):
    text = place.tshark("busy", "-q", "-z", "umws,tree")
    for pattern in (r"Messages\s+6", r"GetCallInfo\s+4", r"Disconnected\s+1", r"UserBusy\s+1"):
        assert re.search(pattern, text), (pattern, text)


@check
def response_times_are_those_of_the_field(place):
    text = place.tshark("busy", "-q", "-z", "umws,srt")
    assert re.search(r"GetCallInfo\s+2\s+0\.040000\s+0\.040000\s+0\.040000", text), text


@check
def the_graphical_side_gets_the_same_tables(place):
    answers = place.sharkd(place.load("busy"), ("tap", {"tap0": "nstat:umws,calls"}),
                           ("tap", {"tap0": "nstat:umws,stat"}), ("tap", {"tap0": "srt:umws"}),
                           ("tap", {"tap0": "stat:umws"}), ("tap", {"tap0": "expert"}))
    for answer in answers[1:]:
        assert answer["taps"], answer
    assert "failed" in json.dumps(answers[1]) and "UserBusy" in json.dumps(answers[4])
    assert "The call ended with UserBusy" in json.dumps(answers[5])


# ---- fields ----

@check
def fields_of_the_contract_can_be_asked_for(place):
    contract = """operation service call_id call_id.guid call_id.server call_state event_cause
        dial_string fault.code fault.text fault.exception request_in response_in time call.number
        call.outcome call.first_in call.previous_in call.next_in span.state span.min span.max
        call_failed request_unanswered soap_fault state_unknown""".split()
    test = " || ".join("umws." + name for name in contract)
    assert place.tshark("busy", "-Y", test).count("UMWS") == 6


@check
def values_have_their_bytes_highlighted(place):
    for _, proto in place.wireshark.messages(place.sample("busy")):
        for field in proto.iter("field"):
            if field.get("name") in ("umws.call_state", "umws.dial_string", "umws.event_cause"):
                value = bytes.fromhex(field.get("value")).decode()
                assert value == field.get("show"), field.attrib


def main(plugin, samples):
    place = Place(plugin, samples)
    failed = 0
    for function in CHECKS:
        try:
            function(place)
        except AssertionError as wrong:
            failed += 1
            print(f"FAILED {function.__name__}: {wrong}")
    place.wireshark.close()
    print(f"{len(CHECKS)} checks, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
