# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures for tests/offline/findings.py, each told as what is done to another: a sample, its
dialogue with some words changed, a dialogue, a capture of real TLS peers, and the packets of any of
these dropped, damaged or cut. make(place, path) writes one."""
import os
import shutil
import struct
import subprocess
import textwrap

RECORDS_AT = 24  # behind the header of a pcap file
HEAD = 16        # of a record


class Place:
    """Where the project and its maker of samples are."""

    def __init__(self, project, maker):
        self.samples = os.path.join(project, "samples")
        self.matrix = os.path.join(project, "tests", "tls", "matrix", "captures")
        self.maker = maker


class Sample:
    def __init__(self, name):
        self.name = name

    def __str__(self):
        return self.name

    def make(self, place, path):
        shutil.copy(os.path.join(place.samples, "captures", self.name + ".pcap"), path)


class Tls:
    """A capture of tests/tls/matrix."""

    def __init__(self, file):
        self.file = file

    def __str__(self):
        return self.file

    def make(self, place, path):
        shutil.copy(os.path.join(place.matrix, self.file), path)


class Dialogue:
    def __init__(self, text):
        self.text = textwrap.dedent(text)

    def __str__(self):
        return self.text

    def make(self, place, path):
        with open(path + ".dlg", "w", encoding="utf-8") as f:
            f.write(self.text)
        subprocess.run([place.maker, path + ".dlg", path], check=True, timeout=60)


class Like:
    """A sample's dialogue in which words are replaced by others, wherever they stand."""

    def __init__(self, sample, *changes):
        self.sample, self.changes = sample, changes

    def __str__(self):
        return "%s with %s" % (self.sample, self.changes)

    def make(self, place, path):
        source = os.path.join(place.samples, "dialogues", self.sample + ".dlg")
        with open(source, encoding="utf-8") as f:
            text = f.read()
        for old, new in self.changes:
            if old not in text:
                raise ValueError("%s does not say %r any more" % (source, old))
            text = text.replace(old, new)
        Dialogue(text).make(place, path)


class Packets:
    """The packets of a pcap file, counted from 1 as frames are, each a record with its header."""

    def __init__(self, capture, edit, what):
        self.capture, self.edit, self.what = capture, edit, what

    def __str__(self):
        return "%s %s" % (self.capture, self.what)

    def make(self, place, path):
        self.capture.make(place, path)
        with open(path, "rb") as f:
            data = f.read()
        records, at = [], RECORDS_AT
        while at < len(data):
            length = struct.unpack_from("<I", data, at + 8)[0]
            records.append(data[at:at + HEAD + length])
            at += HEAD + length
        with open(path, "wb") as f:
            f.write(self.edit(data[:RECORDS_AT], records))


def block(kind, body):
    """A block of a little-endian pcapng."""
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


class SecretsBehind:
    """A capture of tests/tls/matrix as a pcapng that brings its key log behind all packets."""

    def __init__(self, name):
        self.name = name

    def __str__(self):
        return "%s with its secrets at its end" % self.name

    def make(self, place, path):
        with open(os.path.join(place.matrix, self.name + ".keys"), "rb") as f:
            secrets = f.read()

        def edit(head, records):
            blocks = [block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)),
                      block(1, struct.pack("<HHI", struct.unpack_from("<I", head, 20)[0], 0, 0))]
            for record in records:
                seconds, micros, captured, length = struct.unpack_from("<4I", record)
                high, low = divmod(seconds * 1000000 + micros, 1 << 32)
                blocks.append(block(6, struct.pack("<5I", 0, high, low, captured, length) +
                                    record[HEAD:]))
            blocks.append(block(10, b"KSLT" + struct.pack("<I", len(secrets)) + secrets))
            return b"".join(blocks)
        Packets(Tls(self.name + ".pcap"), edit, "").make(place, path)


def without_frames(capture, *frames):
    return Packets(capture, lambda head, records: head + b"".join(
        record for i, record in enumerate(records) if i + 1 not in frames), "without %s" % (frames,))


def cut_short(capture, count):
    return Packets(capture, lambda head, records: (head + b"".join(records))[:-count],
                   "without its last %d bytes" % count)


def of_link_type(capture, number):
    return Packets(capture, lambda head, records: head[:20] + struct.pack("<I", number) +
                   b"".join(records), "as link type %d" % number)


def damaged(capture, frame):
    """The last byte of a frame is another."""
    def edit(head, records):
        record = records[frame - 1]
        records[frame - 1] = record[:-1] + bytes([record[-1] ^ 1])
        return head + b"".join(records)
    return Packets(capture, edit, "with frame %d damaged" % frame)


def with_servers_clock(capture, seconds, is_sorted=True):
    """What servers sent is so much later, or earlier, as by another clock."""
    def edit(head, records):
        moved = []
        for record in records:
            whole, micros = struct.unpack_from("<II", record)
            time = whole * 1000000 + micros + round(seconds * 1e6) * is_of_server(record)
            moved.append((time, struct.pack("<II", *divmod(time, 1000000)) + record[8:]))
        if is_sorted:
            moved.sort(key=lambda one: one[0])
        return head + b"".join(record for _, record in moved)
    return Packets(capture, edit, "with servers that are %g s late" % seconds)


def is_of_server(record):
    """Of Ethernet, IPv4 and TCP alone."""
    return struct.unpack_from(">H", record, HEAD + 14 + 20)[0] < 1024
