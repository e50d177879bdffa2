#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures merged of two: of a tap with a clock for each direction, and of both ends of a
connection, each packet twice. However far the clocks are apart, what was said is what it was.

    clocks.py UMTRACE PROJECT SHARED [unittest options]

SHARED: a folder with more captures, where it exists."""
import json
import os
import sys
import tempfile
import unittest

import packets

UMTRACE, PROJECT, SHARED = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
SAMPLES = os.path.join(PROJECT, "samples", "captures")
MATRIX = os.path.join(PROJECT, "tests", "tls", "matrix", "captures")
SKEWS = [-6, -1, -0.1, -0.01, -0.002, -0.0005, 0.0005, 0.002, 0.01, 0.1, 1, 6]  # seconds
COPIES = [0.0001, 0.03, 2]
TEXT = ["morning", "busy", "completed", "ews", "chunked-gzip", "mtom", "authentication-legs",
        "two-pollers"]
TLS = ["tls10-ecdhe-aes128", "tls12-aes128gcm", "tls12-h2", "tls12-nginx", "tls12-renegotiated",
       "tls12-session-id", "tls13-aes128gcm", "tls13-early", "tls13-hello-retry",
       "tls13-key-update", "tls13-nginx-gzip", "tls13-resumed"]
SAID = ["operation", "call_id", "state", "cause", "fault", "http_status", "dial_string",
        "authentication_legs", "unanswered"]


def later(packet, seconds):
    return packet._replace(time=packet.time + round(seconds * packets.US))


def skewed(capture, seconds):
    return [later(packet, seconds * packets.is_of_server(packet)) for packet in capture]


def twice(capture, seconds):
    return capture + [later(packet, seconds) for packet in capture]


def what_was_said(path, keys):
    """All but frames and times, in no order: what was said at once may change its."""
    return sorted(json.dumps([line[key] for key in SAID] + [bool(line["request"]),
                                                            bool(line["reply"])])
                  for line in packets.exchanges(UMTRACE, path, keys))


def captures():
    yield from packets.captures_in(SAMPLES, TEXT)
    yield from packets.captures_in(MATRIX, TLS)
    yield from packets.captures_in(SHARED)


class Clocks(unittest.TestCase):
    def check(self, keys, head, merged, wanted):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "merged.pcap")
            packets.write_packets(path, head, sorted(merged, key=lambda packet: packet.time))
            self.assertEqual(what_was_said(path, keys), wanted)

    def test_directions_and_ends_with_clocks_of_their_own(self):
        for name, path, keys in captures():
            head, capture = packets.read_packets(path)
            wanted = what_was_said(path, keys)
            self.assertTrue(wanted, name)
            for seconds in SKEWS:
                with self.subTest(name=name, skew=seconds):
                    self.check(keys, head, skewed(capture, seconds), wanted)
            for seconds in COPIES:
                with self.subTest(name=name, copy=seconds):
                    self.check(keys, head, twice(capture, seconds), wanted)


if __name__ == "__main__":
    unittest.main()
