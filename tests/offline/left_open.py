#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many TLS connections one after another, each with a few polls, that do not end as the book says:
with a reset, or with nothing at all. Each holds its keys until its entry goes. All that is said in
the last ones is read as in the first, and memory stays under its limit.

    left_open.py UMTRACE SOURCES"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import packets

UMTRACE, SOURCES = (os.path.abspath(path) for path in sys.argv[1:3])
CAPTURE = os.path.join(SOURCES, "tests/tls/matrix/captures/tls12-aes128gcm")
COPIES = 600
MIB = 1 << 20
RECORD_HEADER, ETHERNET = 8, 14  # a packet's record is kept without its time
FIN, RST, ACK = 1, 4, 16
SERVER_PORT = 33501
EXCHANGES = 4  # in one of them


def tcp_at(record):
    return RECORD_HEADER + ETHERNET + (record[RECORD_HEADER + ETHERNET] & 15) * 4


def never_ends(record):
    """Without its FIN."""
    out = bytearray(record)
    out[tcp_at(record) + 13] &= ~FIN
    return bytes(out)


def is_reset(record):
    """With a reset in place of the server's FIN, and no FIN of the client."""
    out = bytearray(record)
    port, flags = tcp_at(record), tcp_at(record) + 13
    is_of_server = int.from_bytes(record[port:port + 2], "big") == SERVER_PORT
    if out[flags] & FIN:
        out[flags] = RST | ACK if is_of_server else out[flags] & ~FIN
    return bytes(out)


def copy(packet, number, change):
    """The same between other hosts, some seconds later."""
    record = bytearray(change(packet.record))
    ip = RECORD_HEADER + ETHERNET
    for host in (ip + 12, ip + 16):
        record[host + 1:host + 3] = number.to_bytes(2, "big")
    return packet._replace(time=packet.time + number * 3 * packets.US, record=bytes(record))


class LeftOpen(unittest.TestCase):
    def test_connections_that_never_end(self):
        report, _ = self.read(never_ends)
        self.assertIn("flows-evicted", [finding["name"] for finding in report["findings"]])

    def test_connections_that_are_reset(self):
        report, peak = self.read(is_reset)
        self.assertEqual(report["findings"], [])  # none had to make room
        self.assertLess(peak, 2 * MIB)

    def read(self, change):
        head, one = packets.read_packets(CAPTURE + ".pcap")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "many.pcap")
            packets.write_packets(path, head, [copy(packet, number, change)
                                               for number in range(COPIES) for packet in one])
            result = subprocess.run(
                [UMTRACE, "-F", "json", "--verbose", "--limit", "memory=4M", "--keylog",
                 CAPTURE + ".keys", path], capture_output=True, timeout=120, check=False)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        report = json.loads(result.stdout)
        exchanges = sum(call["exchanges"] for call in report["calls"])
        self.assertEqual(exchanges, COPIES * EXCHANGES)
        peak = int(re.search(r"(\d+) bytes of memory at the peak", result.stderr.decode()).group(1))
        self.assertLessEqual(peak, 4 * MIB)
        return report, peak


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
