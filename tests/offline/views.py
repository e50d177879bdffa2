#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole program on every sample, in every view and format: valid against the schemas, 80
columns wide, harmless to a terminal; and what the options that choose calls leave out.

    views.py UMTRACE PROJECT MAKER [unittest options]"""
import csv
import glob
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import jsonschema

import captures

UMTRACE, PROJECT = os.path.abspath(sys.argv.pop(1)), sys.argv.pop(1)
MAKER = sys.argv.pop(1)
SAMPLES = sorted(glob.glob(os.path.join(PROJECT, "samples", "captures", "*.pcap*")))
VIEWS = ("calls", "messages", "http", "streams", "summary")


def run(*arguments, **options):
    result = subprocess.run([UMTRACE, *arguments], capture_output=True, timeout=120, **options)
    return result.returncode, result.stdout


def sample(name):
    return os.path.join(PROJECT, "samples", "captures", name + ".pcap")


def schema(view, line=False):
    name = "%s%s.json" % (view, "-line" if line else "")
    paths = glob.glob(os.path.join(PROJECT, "docs", "schema", "*"))
    path = [p for p in paths if os.path.basename(p) == name]
    with open(path[0], encoding="utf-8") as f:
        return jsonschema.Draft202012Validator(json.load(f))


class Views(unittest.TestCase):
    def each(self, *arguments):
        for path in SAMPLES:
            status, out = run(*arguments, path)
            with self.subTest(path=os.path.basename(path)):
                self.assertIn(status, (0, 3))
                yield out.decode()

    def test_json_keeps_to_its_schema(self):
        for view in VIEWS:
            validator = schema(view)
            for out in self.each("-V", view, "-F", "json"):
                validator.validate(json.loads(out))

    def test_ndjson_keeps_to_its_schema(self):
        for view in VIEWS:
            validator = schema(view, line=True)
            for out in self.each("-V", view, "-F", "ndjson"):
                for line in out.splitlines():
                    validator.validate(json.loads(line))

    def test_text_is_narrow_and_harmless(self):
        for view in VIEWS:
            for out in self.each("-V", view, "--color", "never"):
                for line in out.split("\n"):
                    self.assertLessEqual(len(line), 80, line)
                    self.assertTrue(all(c.isprintable() for c in line), ascii(line))

    def test_without_utf8_text_is_ascii(self):
        for view in VIEWS:
            status, out = run("-V", view, sample("busy"), env={"LC_ALL": "C"})
            self.assertEqual(status, 0)
            self.assertTrue(out.isascii())

    def test_csv_is_a_table_with_a_row_for_each_line_of_json(self):
        for view in VIEWS[:-1]:
            for name in ("crowd", "two-hops", "ews", "lost-segments", "orphan-reply", "unrelated"):
                lines = [json.loads(line) for line in
                         run("-V", view, "-F", "ndjson", sample(name))[1].splitlines()]
                lines = [line for line in lines
                         if line["type"] not in ("capture", "finding", "summary", "packets")]
                out = run("-V", view, "-F", "csv", sample(name))[1].decode()
                rows = list(csv.DictReader(io.StringIO(out, newline=""), strict=True, restkey="extra"))
                self.assertEqual(len(rows), len(lines))
                for row, line in zip(rows, lines):
                    self.assertNotIn("extra", row)
                    for key in set(row) & set(line) & {"number", "outcome", "summary", "operation",
                                                       "state", "src", "status", "bytes", "sha256"}:
                        told = "" if line[key] is None else str(line[key])
                        self.assertEqual(row[key], told, key)

    def test_a_view_that_the_format_cannot_tell_is_refused(self):
        for form, views in (("csv", ("summary",)), ("html", VIEWS[1:])):
            for view in views:
                self.assertEqual(run("-F", form, "-V", view, sample("busy"))[0], 2)

    def test_color_is_for_terminals(self):
        self.assertNotIn(b"\033", run(sample("busy"))[1])
        self.assertIn(b"\033", run("--color", "always", sample("busy"))[1])

    def test_two_runs_say_the_same(self):
        for arguments in (["-F", "json"], ["-V", "messages"], ["-V", "http", "-F", "ndjson"]):
            self.assertEqual(run(*arguments, sample("crowd"))[1],
                             run(*arguments, sample("crowd"))[1])

    def test_a_capture_in_pieces_is_the_same(self):
        """Records dealt out to two files, as two capture points or a rotated set would have them."""
        with open(sample("crowd"), "rb") as f:
            whole = f.read()
        pieces, at, turn = [whole[:24], whole[:24]], 24, 0
        while at < len(whole):
            end = at + 16 + int.from_bytes(whole[at + 8:at + 12], "little")
            pieces[turn // 5 % 2] += whole[at:end]
            at, turn = end, turn + 1
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("b.pcap", "a.pcap")]
            for path, piece in zip(paths, pieces):
                with open(path, "wb") as f:
                    f.write(piece)
            merged = json.loads(run("-F", "json", *paths)[1])
        self.assertEqual(self.stories(merged),
                         self.stories(json.loads(run("-F", "json", sample("crowd"))[1])))

    def stories(self, report):
        """What was told of each call, without frames: packets of one time may change places."""
        keys = ("call_id", "outcome", "first_time", "last_time", "exchanges", "polls")
        bounds = ("state", "cause", "began_after", "began_by", "ended_after", "ended_by")
        return sorted([[call[key] for key in keys] +
                       [[span[key] for key in bounds] for span in call["spans"]]
                       for call in report["calls"]], key=str)

    def test_a_call_is_chosen_by_the_beginning_of_its_guid(self):
        every = json.loads(run("-F", "json", sample("crowd"))[1])["calls"]
        guid = every[7]["guid"]
        chosen = json.loads(run("-F", "json", "-c", guid, sample("crowd"))[1])
        self.assertEqual([c["guid"] for c in chosen["calls"]], [guid])
        self.assertEqual(chosen["calls"][0]["number"], every[7]["number"])

    def test_an_ambiguous_beginning_is_refused(self):
        every = json.loads(run("-F", "json", sample("crowd"))[1])["calls"]
        shared = os.path.commonprefix([every[0]["guid"], every[1]["guid"]])
        self.assertTrue(shared)
        self.assertEqual(run("-c", shared, sample("crowd"))[0], 2)

    def test_times_choose_calls(self):
        every = json.loads(run("-F", "json", sample("crowd"))[1])["calls"]
        until = every[3]["first_time"]
        chosen = json.loads(run("-F", "json", "--until", until, sample("crowd"))[1])["calls"]
        self.assertTrue(0 < len(chosen) < len(every))
        self.assertTrue(all(call["first_time"] <= until for call in chosen))

    def test_holes_of_a_stream_are_counted_though_they_are_not_all_listed(self):
        """The text counted all holes, and the bytes of those listed."""
        for hole, told in ((100, "5000 of 500000 b"), (10000, "5000 of 50 MB")):
            talk = captures.Connection()
            talk.send(False, 0x10, b"x")
            for _ in range(5000):
                talk.next[False] += hole
                talk.send(False, 0x10, b"x")
                talk.send(True, 0x10)
            with tempfile.NamedTemporaryFile(suffix=".pcap") as f:
                f.write(talk.records)
                f.flush()
                self.assertIn(told, run("-V", "streams", f.name)[1].decode())

    def test_a_filter_leaves_packets_out(self):
        report = json.loads(run("-F", "json", "-f", "port 9", sample("busy"))[1])
        self.assertEqual(report["calls"], [])

    def test_a_thousand_calls_in_one_capture(self):
        with open(os.path.join(PROJECT, "samples", "dialogues", "crowd.dlg"), encoding="utf-8") as f:
            crowd = f.read().replace("repeat 50 ", "repeat 250 ")
        with tempfile.TemporaryDirectory() as folder:
            dialogue, capture = (os.path.join(folder, name) for name in ("a.dlg", "a.pcap"))
            with open(dialogue, "w", encoding="utf-8") as f:
                f.write(crowd)
            subprocess.run([MAKER, dialogue, capture], check=True, timeout=60)
            summary = json.loads(run("-F", "json", capture)[1])["summary"]
        self.assertEqual(summary["calls"], 1000)
        self.assertEqual(summary["by_outcome"]["failed"], 500)
        self.assertEqual(summary["by_outcome"]["completed"], 500)

    def peak_with_other_traffic(self, packets):
        """(report, peak memory in KB) of one call amid bulk of other connections."""
        call = captures.one_poll(captures.reply(captures.answer()))[len(captures.header()):]
        process = subprocess.Popen([UMTRACE, "-F", "json", "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        process.stdin.write(captures.header())
        for i in range(packets):
            if i == packets // 2:
                process.stdin.write(call)
            bulk = captures.segment(True, i * 1400 % 2**32, 1, 0x18, b"\0" * 1400)
            ports = struct.pack(">HH", 1024 + i % 50000, 443)
            process.stdin.write(captures.record(i / 1e4, bulk[:20] + ports + bulk[24:]))
        process.stdin.close()
        report = json.load(process.stdout)
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        self.assertEqual(status, 0)
        return report, usage.ru_maxrss

    def test_memory_does_not_follow_the_capture(self):
        short, little = self.peak_with_other_traffic(2000)
        long, much = self.peak_with_other_traffic(40000)  # 58 MB
        self.assertEqual((len(short["calls"]), len(long["calls"])), (1, 1))
        self.assertLess(much - little, 4096)

    def test_a_compressed_capture_is_the_same(self):
        import gzip
        with open(sample("busy"), "rb") as f:
            packed = gzip.compress(f.read())
        plain = run("-V", "messages", "-F", "ndjson", sample("busy"))[1]
        result = subprocess.run([UMTRACE, "-V", "messages", "-F", "ndjson", "-"], input=packed,
                                capture_output=True, timeout=60)
        self.assertEqual(self.exchanges(result.stdout), self.exchanges(plain))

    def exchanges(self, lines):
        """Without the name of the run, which its captures' names are a part of."""
        told = [json.loads(line) for line in lines.splitlines()]
        return [{**line, "run": None} for line in told if line["type"] != "capture"]


if __name__ == "__main__":
    unittest.main()
