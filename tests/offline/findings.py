#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every finding, by the whole program: at least one capture in which it must be said, in these words
and of these frames, and one much like it in which it must not. The table is findings_cases.py.

    findings.py UMTRACE PROJECT MAKER [unittest options]"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import findings_cases
import findings_make

UMTRACE, PROJECT = os.path.abspath(sys.argv.pop(1)), sys.argv.pop(1)
PLACE = findings_make.Place(PROJECT, sys.argv.pop(1))


# No capture has it: tests/offline/live.py makes it come and not come on an interface.
LIVE = {"packets-dropped"}


def known_names():
    """Of the enum in core/um/finding.h, as they are written in reports."""
    with open(os.path.join(PROJECT, "core", "um", "finding.h"), encoding="utf-8") as f:
        names = re.findall(r"^    UM_FINDING_(\w+),", f.read(), re.MULTILINE)
    return [name.lower().replace("_", "-") for name in names]


class Findings(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "capture")

    def found(self, capture, options, status):
        """All findings of the capture's report."""
        capture.make(PLACE, self.path)
        options = [option.format(matrix=PLACE.matrix) for option in options]
        result = subprocess.run([UMTRACE, "-F", "json", *options, self.path], capture_output=True,
                                timeout=60)
        self.assertEqual(result.returncode, status, result.stderr.decode())
        report = json.loads(result.stdout)
        return report["findings"] + [f for call in report["calls"] for f in call["findings"]]

    def test_each_case_says_what_it_must_and_nothing_it_must_not(self):
        for name, capture, options, status, expected in findings_cases.CASES:
            with self.subTest(name=name, capture=str(capture), options=options):
                found = [(f["text"].replace(self.path, "FILE"), f["frames"])
                         for f in self.found(capture, options, status) if f["name"] == name]
                if expected:
                    self.assertIn(expected, found)
                else:
                    self.assertEqual(found, [])

    def test_each_finding_has_a_capture_with_it_and_one_without(self):
        for is_said in (True, False):
            names = {case[0] for case in findings_cases.CASES if bool(case[4]) == is_said}
            self.assertEqual(set(known_names()) - names, LIVE)
            self.assertEqual(names - set(known_names()), set())


if __name__ == "__main__":
    unittest.main()
