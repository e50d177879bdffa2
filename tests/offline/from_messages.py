#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of --view messages from several runs, joined with --from-messages, against one run over all
their captures: the same bytes in every view and format, whatever the order.

    from_messages.py UMTRACE PROJECT CAPTURES [unittest options]"""
import concurrent.futures
import glob
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

UMTRACE, PROJECT, CAPTURES = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
SAMPLES = sorted(glob.glob(os.path.join(PROJECT, "samples", "captures", "*.pcap*")))
TRAFFIC = sorted(glob.glob(os.path.join(CAPTURES, "*.pcap*")))
POOL = concurrent.futures.ThreadPoolExecutor(4)
REPORTS = [(view, form) for view in ("calls", "messages", "summary")
           for form in ("text", "json", "ndjson")]


def run(*arguments, **options):
    result = subprocess.run([UMTRACE, *arguments], capture_output=True, timeout=120, **options)
    return result.returncode, result.stdout, result.stderr.decode()


def sample(name):
    return os.path.join(PROJECT, "samples", "captures", name + ".pcap")


def records(path):
    """(file header, [(time in ns, connection or None, record)]) of a little-endian pcap with IPv4
    or IPv6 on Ethernet."""
    with open(path, "rb") as f:
        whole = f.read()
    unit = {0xa1b2c3d4: 1000, 0xa1b23c4d: 1}[struct.unpack_from("<I", whole)[0]]
    at, found = 24, []
    while at + 16 <= len(whole):
        seconds, part, size = struct.unpack_from("<III", whole, at)
        packet = whole[at + 16:at + 16 + size]
        found.append((seconds * 10**9 + part * unit, connection(packet),
                      whole[at:at + 16 + size]))
        at += 16 + size
    return whole[:24], found


def connection(packet):
    kind, ip = packet[12:14], packet[14:]
    if kind == b"\x08\x00":
        size = (ip[0] & 15) * 4
        ends = ip[12:16] + ip[size:size + 2], ip[16:20] + ip[size + 2:size + 4]
    elif kind == b"\x86\xdd":
        ends = ip[8:24] + ip[40:42], ip[24:40] + ip[42:44]
    else:
        return None
    return tuple(sorted(ends))


class FromMessages(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content)
        return self.path(name)

    def lines_of(self, captures, *options):
        """The lines of one run a capture, each in a file."""
        paths = []
        for i, capture in enumerate(captures):
            _, out, _ = run("-V", "messages", "-F", "ndjson", *options, capture)
            paths.append(self.write("lines%d.ndjson" % i, out))
        return paths

    def same(self, captures, lines, *options):
        """One run over the captures, and the lines joined, give the same bytes."""
        def told(report):
            return (run("-V", report[0], "-F", report[1], *options, *captures),
                    run("-V", report[0], "-F", report[1], "--from-messages", *lines))
        for (view, form), (one, all_lines) in zip(REPORTS, POOL.map(told, REPORTS)):
            status, expected, _ = one
            joined_status, joined, errors = all_lines
            self.assertEqual(joined.decode(), expected.decode(), (view, form, errors))
            self.assertEqual(joined_status, status, errors)

    def cut(self, path, places):
        """The capture in pieces, cut before these packets."""
        header, found = records(path)
        edges = [0] + places + [len(found)]
        return [self.write("%03d.pcap" % i, header + b"".join(r for _, _, r in found[a:b]))
                for i, (a, b) in enumerate(zip(edges, edges[1:]))]

    def quiet_places(self, path):
        """Packets before which no connection of the capture is open."""
        _, found = records(path)
        last = {pair: i for i, (_, pair, _) in enumerate(found)}
        reach, places = -1, []
        for i, (_, pair, _) in enumerate(found):
            if 0 <= reach < i:
                places.append(i)
            reach = max(reach, last[pair])
        return places

    def test_every_sample_comes_back(self):
        for path in SAMPLES:
            with self.subTest(path=os.path.basename(path)):
                self.same([path], self.lines_of([path]))

    def test_real_traffic_comes_back(self):
        if not TRAFFIC:
            self.skipTest("no captures at hand")
        for path in TRAFFIC:
            keys = os.path.splitext(path)[0] + ".keys"
            options = ["--keylog", keys] if os.path.exists(keys) else []
            for options in (options, []):
                with self.subTest(path=os.path.basename(path)):
                    self.same([path], self.lines_of([path], *options), *options)

    def test_captures_of_many_days_are_one(self):
        if not TRAFFIC:
            self.skipTest("no captures at hand")
        options = [o for k in sorted(glob.glob(os.path.join(CAPTURES, "*.keys")))
                   for o in ("--keylog", k)]
        times = {path: json.loads(run("-V", "summary", "-F", "json", path)[1])["capture"]
                 for path in TRAFFIC}
        captures = sorted(TRAFFIC, key=lambda path: times[path]["first_time"])
        lines = self.lines_of(captures, *options)
        random.Random(3).shuffle(lines)
        self.same(captures, lines, *options)

    def one_after_the_other(self, name):
        """The sample with its connections ten seconds apart, so that there is quiet between."""
        header, found = records(sample(name))
        pairs = list(dict.fromkeys(pair for _, pair, _ in found))
        later = [(time + pairs.index(pair) * 10**10, record) for time, pair, record in found]
        later.sort(key=lambda entry: entry[0])
        moved = [struct.pack("<I", time // 10**9) + record[4:] for time, record in later]
        return self.write("apart.pcap", header + b"".join(moved))

    def test_a_rotated_set_in_any_order(self):
        for name in ("crowd", "two-hops", "two-pollers", "unanswered-reset"):
            path = self.one_after_the_other(name)
            places = self.quiet_places(path)
            captures = self.cut(path, places[::len(places) // 6 + 1])
            self.assertGreater(len(captures), 1)
            lines = self.lines_of(captures)
            self.same(captures, lines)
            random.Random(5).shuffle(lines)
            self.same(captures, lines)

    def dealt(self, name, hands):
        """Every connection whole in one of several captures, as capture points would have them."""
        header, found = records(sample(name))
        pairs = list(dict.fromkeys(pair for _, pair, _ in found))
        pieces = [header] * hands
        for _, pair, record in found:
            pieces[pairs.index(pair) % hands] += record
        return [self.write("point%d.pcap" % i, piece) for i, piece in enumerate(pieces)]

    def test_two_capture_points_see_the_hops_of_a_call(self):
        captures = self.dealt("two-hops", 2)
        lines = self.lines_of(captures)
        self.same(captures, lines)
        self.same(captures, lines[::-1])
        self.assertIn(b"call-two-hops", run("--from-messages", *lines)[1])
        self.assertNotIn(b"call-two-hops", run("--from-messages", lines[0])[1])

    def test_calls_cross_capture_points_and_files(self):
        for name, hands in (("crowd", 3), ("two-pollers", 2), ("late-start", 2)):
            captures = self.dealt(name, hands)
            captures = [c for c in captures if os.path.getsize(c) > 24]
            self.same(captures, self.lines_of(captures)[::-1])

    def test_the_order_of_lines_does_not_matter(self):
        captures = self.dealt("crowd", 2)
        lines = []
        for path in self.lines_of(captures):
            with open(path, "rb") as f:
                lines += f.readlines()
        random.Random(7).shuffle(lines)
        self.same(captures, [self.write("all.ndjson", b"".join(lines))])

    def test_joined_lines_can_be_joined_again(self):
        captures = self.dealt("crowd", 3)
        lines = self.lines_of(captures)
        joined = run("-V", "messages", "-F", "ndjson", "--from-messages", *lines[:2])[1]
        self.same(captures, [self.write("two.ndjson", joined), lines[2]])

    def test_a_run_told_twice_counts_once(self):
        captures = self.dealt("two-hops", 2)
        lines = self.lines_of(captures)
        self.same(captures, lines + lines[:1])

    def test_lines_come_through_a_pipe(self):
        path = self.lines_of([sample("busy")])[0]
        with open(path, "rb") as f:
            status, out, _ = run("-F", "json", "--from-messages", "-", stdin=f)
        self.assertEqual((status, out), run("-F", "json", sample("busy"))[:2])

    def test_a_connection_cut_between_its_polls_keeps_its_call(self):
        """What the cut changes is how many connections there were, and nothing of the call."""
        path = sample("busy")
        whole = json.loads(run("-F", "json", path)[1])
        exchanges = [json.loads(line) for line in run("-V", "messages", "-F", "ndjson", path)[1]
                     .splitlines()]
        ends = [e["reply"]["last_frame"] for e in exchanges if e["type"] == "exchange"]
        captures = self.cut(path, ends[:-1])
        joined = json.loads(run("-F", "json", "--from-messages", *self.lines_of(captures))[1])
        self.assertEqual(joined["calls"], whole["calls"])
        self.assertGreater(joined["summary"]["connections"], whole["summary"]["connections"])

    def test_a_bad_line_is_told_and_the_rest_is_reported(self):
        with open(self.lines_of([sample("busy")])[0], "rb") as f:
            good = f.readlines()
        bad = [b"{\n", b"[]\n", b'{"type": "call", "run": "1"}\n', b"\xff\n", b"\0\n",
               good[1].replace(b'"number": 1,', b""), good[1].replace(b"GetCallInfo", b"None"),
               good[1].replace(b'"connection": 1', b'"connection": "1"'), b"1" * 70000 + b"\n"]
        for i, line in enumerate(bad):
            if line == good[1]:
                continue
            path = self.write("bad%d.ndjson" % i, b"".join(good[:2] + [line] + good[2:]))
            status, out, errors = run("-F", "json", "--from-messages", path)
            self.assertEqual(status, 3)
            self.assertIn("%s:3: " % path, errors)
            self.assertEqual(json.loads(out)["calls"],
                             json.loads(run("-F", "json", sample("busy"))[1])["calls"])

    def test_complaints_about_one_file_are_few(self):
        path = self.write("no.ndjson", b"no\n" * 5000)
        status, _, errors = run("--from-messages", path)
        self.assertEqual(status, 3)
        self.assertIn("4990 more lines", errors)
        self.assertLess(len(errors.splitlines()), 15)

    def test_missing_lines_are_noticed(self):
        with open(self.lines_of([sample("busy")])[0], "rb") as f:
            good = f.readlines()
        for left_out, told in ((b'"capture"', "of type capture is missing"),
                               (b'"number": 2', "exchanges are missing"),
                               (b'"packets",', "of type packets are missing")):
            path = self.write("some.ndjson", b"".join(l for l in good if left_out not in l))
            status, _, errors = run("--from-messages", path)
            self.assertEqual(status, 3)
            self.assertIn(told, errors)

    def test_the_recipes_of_the_documentation_run(self):
        """As they stand in docs/scaling.md, with this machine for both hosts; tests/recipes has those
        that are files."""
        if not shutil.which("parallel"):
            self.skipTest("no GNU parallel")
        with open(os.path.join(PROJECT, "docs", "scaling.md"), encoding="utf-8") as f:
            recipes = re.findall(r"\n\n((?:    .*\n)+)", f.read())
        recipes = [r for r in recipes if "parallel" in r]
        self.assertEqual(len(recipes), 1)
        captures = self.dealt("crowd", 3)
        environment = dict(os.environ, HOME=self.folder.name, PATH="%s:%s" % (
            os.path.dirname(UMTRACE), os.environ["PATH"]))
        for recipe in recipes:
            recipe = recipe.replace("host1,host2", ":").replace("/captures/", "./")
            done = subprocess.run(["bash", "-ec", recipe], cwd=self.folder.name, env=environment,
                                  capture_output=True, timeout=120)
            names = ["./" + os.path.basename(c) for c in captures]
            one = subprocess.run([UMTRACE, *names], cwd=self.folder.name, capture_output=True,
                                 timeout=60)
            self.assertEqual(done.stdout.decode(), one.stdout.decode(), done.stderr.decode())

    def test_no_file_is_told(self):
        status, _, errors = run("--from-messages", self.path("none"), *self.lines_of([sample("busy")]))
        self.assertEqual(status, 3)
        self.assertIn("No such file", errors)

    def test_a_file_without_lines_is_told(self):
        """As a run leaves it that was ended before its first line."""
        path = self.path("empty")
        with open(path, "wb"):
            pass
        status, _, errors = run("--from-messages", path, *self.lines_of([sample("busy")]))
        self.assertEqual(status, 3)
        self.assertIn(path + ": is empty", errors)

    def test_what_needs_packets_is_refused(self):
        for options in (["-V", "http"], ["-V", "streams"], ["-f", "tcp"], ["-k", "x"]):
            self.assertEqual(run("--from-messages", *options, "x")[0], 2)

    def test_thresholds_and_choices_are_those_of_the_joining_run(self):
        lines = self.lines_of([sample("crowd")])
        for options in (["--slow", "0.01"], ["-c", "00000001"], ["--fail-on", "error"]):
            self.assertEqual(run("-F", "json", *options, "--from-messages", *lines)[:2],
                             run("-F", "json", *options, sample("crowd"))[:2])


if __name__ == "__main__":
    unittest.main()
