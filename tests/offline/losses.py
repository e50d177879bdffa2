#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of which packets are missing, by the one or in a row: what is told of an exchange is what
the whole capture tells, or that it is not known; and an exchange of which no packet is missing is
told whole.

    losses.py UMTRACE PROJECT SHARED [--runs N] [unittest options]

SHARED: a folder with more captures, where it exists. Spared are the handshakes: of TLS, without which
nobody can read it, and of TCP. (Where the server's is missing and the first reply too, nothing tells
that there was one before the client asks again.)"""
import collections
import os
import random
import sys
import tempfile
import unittest

import packets

UMTRACE, PROJECT, SHARED = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
RUNS = int(sys.argv.pop(sys.argv.index("--runs") + 1)) if "--runs" in sys.argv else 6
sys.argv = [argument for argument in sys.argv if argument != "--runs"]
SAMPLES = os.path.join(PROJECT, "samples", "captures")
MATRIX = os.path.join(PROJECT, "tests", "tls", "matrix", "captures")
TEXT = ["morning", "crowd", "ews", "chunked-gzip", "mtom", "two-pollers"]
TLS = ["tls12-aes128gcm", "tls12-nginx", "tls13-aes128gcm", "tls13-nginx-gzip"]
# where pipelining makes it uncertain which reply is whose, and where packets are cut, come twice
# or are parts of packets, it is another question which of them an exchange needs
OTHERS = {"pipeline-reset", "snaplen", "span-vlan-twice", "frag-router", "line-loss-server",
          "midstream-gap"}
TLS_HANDSHAKE_PACKETS = 5  # at most, that carry bytes
TOLD = ["operation", "call_id", "state", "cause", "http_status"]


def by_the_one(packet_count, chance):
    return {n for n in range(packet_count) if chance.random() < 0.1}


def in_a_row(packet_count, chance):
    gone = set()
    for n in range(packet_count):
        if chance.random() < 0.02:
            gone.update(range(n, n + chance.randint(2, 30)))
    return gone


def handshakes(capture, is_encrypted):
    spared, seen = set(), collections.Counter()
    for n, packet in enumerate(capture):
        if packet.opens:
            spared.add(n)
        elif packet.size > 0 and is_encrypted:
            connection = frozenset(packet.ends)
            seen[connection] += 1
            if seen[connection] <= TLS_HANDSHAKE_PACKETS:
                spared.add(n)
    return spared


def packets_of(capture, message):
    """Indices of those that carry the bytes of its direction, from its first to its last."""
    first, last = message["first_frame"] - 1, message["last_frame"] - 1
    ends = capture[last].ends
    return {n for n in range(first, last + 1) if capture[n].ends == ends and capture[n].size > 0}


def told(exchange):
    return [exchange[key] for key in TOLD]


def agrees(exchange, whole):
    return all(a is None or a == b for a, b in zip(told(exchange), told(whole)))


def captures():
    yield from packets.captures_in(SAMPLES, TEXT)
    yield from packets.captures_in(MATRIX, TLS)
    yield from (one for one in packets.captures_in(SHARED) if one[0] not in OTHERS)


class Losses(unittest.TestCase):
    def run_without(self, gone, head, capture, keys):
        """The exchanges of what is left, by the packet that ends the request."""
        left = [n for n in range(len(capture)) if n not in gone]
        found = collections.defaultdict(list)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "lossy.pcap")
            packets.write_packets(path, head, [capture[n] for n in left])
            for exchange in packets.exchanges(UMTRACE, path, keys):
                if exchange["request"]:
                    found[left[exchange["request"]["last_frame"] - 1]].append(exchange)
        return found

    def check(self, gone, head, capture, keys, wholes):
        found = self.run_without(gone, head, capture, keys)
        for n, exchanges in found.items():
            there = [whole for whole in wholes
                     if whole["request"]["first_frame"] - 1 <= n <= whole["request"]["last_frame"] - 1]
            for exchange in exchanges:
                self.assertTrue(any(agrees(exchange, whole) for whole in there),
                                "packet %d: %s" % (n + 1, told(exchange)))
        for whole in (one for one in wholes if one["reply"]):
            needed = packets_of(capture, whole["request"]) | packets_of(capture, whole["reply"])
            if not needed & gone:
                last = whole["request"]["last_frame"] - 1
                self.assertIn(told(whole), [told(one) for one in found[last]],
                              "packet %d" % (last + 1))

    def test_what_is_told_is_true_and_all_that_is_left_is_told(self):
        for name, path, keys in captures():
            head, capture = packets.read_packets(path)
            spared = handshakes(capture, keys is not None)
            wholes = [one for one in packets.exchanges(UMTRACE, path, keys) if one["request"]]
            self.assertTrue(wholes, name)
            for way in (by_the_one, in_a_row):
                for seed in range(RUNS):
                    with self.subTest(name=name, way=way.__name__, seed=seed):
                        gone = way(len(capture), random.Random(seed)) - spared
                        self.check(gone, head, capture, keys, wholes)


if __name__ == "__main__":
    unittest.main()
