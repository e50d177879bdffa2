#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Floods of what a stage has to hold: many connections of which each leaves something open. The
limit `memory` holds over all together, and the report says that it was reached.

    floods.py UMTRACE [--measure]       --measure: prints the peak memory of each, and tests nothing

The process's peak memory says something in a release build alone: a sanitizer takes its own. So
the test looks at what the program itself has counted (--verbose), and at the report."""
import gzip
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

import captures

UMTRACE = os.path.abspath(sys.argv.pop(1))
IS_MEASURE = "--measure" in sys.argv
CONNECTIONS = 3000
MIB = 1 << 20


def start(file):
    file.write(captures.header())


def segment(number, from_client, seq, ack, flags, payload=b""):
    """One of the connection of that number."""
    client = bytes([10, 1, number >> 8, number & 255])
    ports = (40000, 80) if from_client else (80, 40000)
    ends = client + captures.SERVER if from_client else captures.SERVER + client
    tcp = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 65535, 0, 0)
    length = 20 + len(tcp) + len(payload)
    return struct.pack(">BBHHHBBH", 0x45, 0, length, 0, 0, 64, 6, 0) + ends + tcp + payload


def say(file, number, from_client, seq, data, ack=5000):
    for at in range(0, len(data), 16000):
        packet = segment(number, from_client, seq + at, ack, 0x18, data[at:at + 16000])
        file.write(captures.record(number / 1000, packet))


# ---- what is left open, each in `count` connections ----

def heads(file, number):
    """A head that does not end."""
    say(file, number, True, 1000, b"POST /x HTTP/1.1\r\nX: " + b"y" * 60000)


def bodies(file, number):
    """A body that may be a message and does not end."""
    body = captures.question()[:-20] + b" " * 60000
    say(file, number, True, 1000, captures.request(body, "X: y\r\n")[:-10])


def question():
    text = "<PlayOnPhone xmlns=\"%s\"><entryId>%s</entryId><DialString>1</DialString></PlayOnPhone>"
    return captures.request(captures.envelope(text % (captures.MESSAGES, "e" * 60000)))


def questions(file, number):
    """Requests of ours that nobody answers, with long texts."""
    say(file, number, True, 1000, question())


def legs(file, number):
    """The same, refused with 401: the next leg may come."""
    asked = question()
    say(file, number, True, 1000, asked)
    say(file, number, False, 5000, b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        1000 + len(asked))


def handshakes(file, number):
    """A handshake message of 64 KB whose end does not come, in records of 8 KB."""
    message = struct.pack(">I", 0x01000000 | 60000) + b"\x03\x03" + b"h" * 48000
    records = b"".join(b"\x16\x03\x01" + struct.pack(">H", len(message[at:at + 8000])) +
                       message[at:at + 8000] for at in range(0, len(message), 8000))
    say(file, number, True, 1000, records)


def records(file, number):
    """A TLS record that does not end."""
    say(file, number, True, 1000, b"\x16\x03\x01\x3f\x00" + b"\x02\0\x3e\x00" + b"r" * 15000)


def segments(file, number):
    """Behind a hole."""
    say(file, number, True, 1000, b"GET / HTTP/1.1\r\nHost: x\r\n")
    say(file, number, True, 2000, b"s" * 60000)


def compressed(file, number):
    """Compressed bodies that do not end, for the view http."""
    asked, body = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", gzip.compress(os.urandom(3000))
    say(file, number, True, 1000, asked)
    say(file, number, False, 5000, captures.reply(
        body, "Content-Encoding: gzip\r\n", length=len(body) + 1000), 1000 + len(asked))


def fragments(file, number):
    """First halves of datagrams."""
    packet = bytearray(segment(number, True, 1000, 5000, 0x18, b"f" * 16000))
    packet[4:8] = struct.pack(">HH", number, 0x2000)
    file.write(captures.record(number / 1000, bytes(packet)))


FLOODS = [heads, bodies, questions, legs, handshakes, records, segments, fragments, compressed]


def view_of(flood):
    return ["-V", "http", "-F", "ndjson"] if flood is compressed else ["-F", "json"]


def make(flood, path, count):
    with open(path, "wb") as file:
        start(file)
        for number in range(count):
            flood(file, number)


def measure():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "flood.pcap")
        for flood in FLOODS:
            make(flood, path, CONNECTIONS)
            peaks = []
            for limit in "1G", "64M", "16M":
                code = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:],"
                        "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False);"
                        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
                peaks.append(int(subprocess.run(
                    [sys.executable, "-c", code, UMTRACE, *view_of(flood), "--limit",
                     "memory=" + limit, path], capture_output=True, check=True).stdout) / 1024)
            print("%-12s %6.1f MB in the file; peak with 1G %6.1f, 64M %5.1f, 16M %5.1f" % (
                flood.__name__, os.path.getsize(path) / MIB, *peaks))


class Floods(unittest.TestCase):
    def test_memory_is_bounded_and_the_report_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "flood.pcap")
            for flood in FLOODS:
                with self.subTest(flood=flood.__name__):
                    make(flood, path, 400)
                    self.check(flood, path)

    def check(self, flood, path):
        result = subprocess.run([UMTRACE, *view_of(flood), "--verbose", "--limit", "memory=8M", path],
                                capture_output=True, timeout=120, check=False)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        said = result.stderr.decode()
        peak = int(re.search(r"(\d+) bytes of memory at the peak", said).group(1))
        self.assertLessEqual(peak, 8 * MIB)
        self.assertGreater(peak, MIB)  # what is left open was counted
        if flood is compressed:
            self.assertIn("the limit memory left no room to decode", said)
            return
        if flood is legs:
            return  # those have a ceiling of their own; what goes are the oldest
        report = json.loads(result.stdout)
        texts = [f["text"] for call in report["calls"] for f in call["findings"]]
        texts += [f["text"] for f in report["findings"]]
        self.assertTrue(any("limit memory" in text for text in texts), texts[:5])


if __name__ == "__main__":
    if IS_MEASURE:
        measure()
    else:
        unittest.main()
