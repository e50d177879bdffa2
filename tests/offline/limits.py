#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every name of --limit, by the whole program: a capture in which it is reached, which the report
must say, and which has nothing of it with the default. The table is limits_cases.py.

    limits.py UMTRACE PROJECT MAKER [unittest options]"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import findings_make
import limits_cases

UMTRACE, PROJECT = os.path.abspath(sys.argv.pop(1)), sys.argv.pop(1)
PLACE = findings_make.Place(PROJECT, sys.argv.pop(1))


def run(*arguments):
    return subprocess.run([UMTRACE, *arguments], capture_output=True, timeout=60, check=False)


def findings(report):
    return report["findings"] + [f for call in report["calls"] for f in call["findings"]]


def is_said(finding, name, text, frames):
    """Is it the one of the table? A text that begins with a slash is a pattern."""
    if finding["name"] != name or frames not in (None, finding["frames"]):
        return False
    return re.fullmatch(text[1:] if text[0] == "/" else re.escape(text), finding["text"]) is not None


class Limits(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "capture")

    def report(self, *arguments):
        result = run("-F", "json", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return json.loads(result.stdout)

    def for_each_case(self, check):
        """Calls check(assignment, options, expected) with the capture made."""
        for assignment, capture, options, *expected in limits_cases.CASES:
            capture.make(PLACE, self.path)
            options = [option.format(matrix=PLACE.matrix) for option in options]
            with self.subTest(limit=assignment, capture=str(capture)):
                check(assignment, options, expected)

    def assert_said(self, report, expected):
        found = findings(report)
        self.assertTrue(any(is_said(finding, *expected) for finding in found), found)

    def test_a_limit_that_is_reached_is_said(self):
        self.for_each_case(lambda assignment, options, expected: self.assert_said(
            self.report("--limit", assignment, *options, self.path), expected))

    def test_with_the_defaults_none_is_reached(self):
        def check(_assignment, options, _expected):
            names = {finding["name"] for finding in findings(self.report(*options, self.path))}
            self.assertEqual(names & {"limit-reached", "flows-evicted"}, set())
        self.for_each_case(check)

    def test_the_same_is_said_from_messages(self):
        """But for the limits `calls` and `findings`: they bound what is made of the messages."""
        lines = self.path + ".ndjson"

        def check(assignment, options, expected):
            made = run("-V", "messages", "-F", "ndjson", "--limit", assignment, *options, "-o", lines,
                       self.path)
            self.assertEqual(made.returncode, 0, made.stderr.decode())
            if not assignment.startswith(("calls=", "findings=")):
                self.assert_said(self.report("--from-messages", lines), expected)
        self.for_each_case(check)

    def test_each_limit_has_a_case(self):
        names = {case[0].split("=")[0] for case in limits_cases.CASES}
        refused = run("--limit", "none=1", self.path).stderr.decode()  # it says which there are
        known = re.search("a NAME of ([a-z0-9, -]+) and a VALUE", refused).group(1)
        self.assertEqual(names, set(known.split(", ")))


if __name__ == "__main__":
    unittest.main()
