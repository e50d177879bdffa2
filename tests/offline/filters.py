#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The display filters that the HTML report gives away, tried in tshark: each is understood, and the
one by frames shows frames that all carry HTTP.

    filters.py UMTRACE PROJECT [unittest options]"""
import html
import os
import re
import shutil
import subprocess
import sys
import unittest

UMTRACE, PROJECT = os.path.abspath(sys.argv.pop(1)), sys.argv.pop(1)
SAMPLES = ("busy", "two-hops", "reordered", "pipelined", "opaque-id")
SKIP = 77


def filters(path):
    page = subprocess.run([UMTRACE, "-F", "html", path], capture_output=True, check=True).stdout
    return [html.unescape(text) for text in
            re.findall(r'<code class="filter">(.*?)</code>', page.decode())]


def frames(path, display_filter):
    out = subprocess.run(["tshark", "-r", path, "-Y", display_filter, "-T", "fields", "-e",
                          "frame.number"], capture_output=True, check=False, text=True)
    if out.returncode != 0:
        raise AssertionError("%s: %s" % (display_filter, out.stderr))
    return [int(line) for line in out.stdout.split()]


class Filters(unittest.TestCase):
    def test_frames_of_a_call_are_those_of_its_messages(self):
        for name in SAMPLES:
            path = os.path.join(PROJECT, "samples", "captures", name + ".pcap")
            by_frames = [f for f in filters(path) if f.startswith("frame.number")]
            self.assertGreater(len(by_frames), 0)
            for one in by_frames:
                found = frames(path, one)
                self.assertGreater(len(found), 0)
                self.assertEqual(found, frames(path, "(%s) && tcp.len > 0" % one), name)

    def test_hostile_ids_are_one_string(self):
        """The field of our own dissector may not be there, so that of another one is asked."""
        path = os.path.join(PROJECT, "samples", "captures", "busy.pcap")
        for text in (r'a\"b', r"a\\", r"\x00\x0a\xff", r"x\" or frame.number > 0 or \""):
            self.assertEqual(frames(path, 'http.request.uri == "%s"' % text), [])


if __name__ == "__main__":
    if not shutil.which("tshark"):
        print("there is no tshark")
        sys.exit(SKIP)
    unittest.main()
